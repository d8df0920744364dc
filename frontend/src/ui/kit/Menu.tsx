import type { ReactNode } from 'react';
import { Button, Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Icon, type IconName } from './Icon';

export type MenuChoice = { id: string; name: string; icon?: IconName; danger?: boolean; onAction: () => void };

export function Menu({ label, trigger, choices, className = 'icon-button button-quiet icon-button-md' }: { label: string; trigger?: ReactNode; choices: MenuChoice[]; className?: string }) {
  return (
    <MenuTrigger>
      <Button aria-label={label} className={className}>
        {trigger ?? <Icon name="more" />}
      </Button>
      <Popover className="popover" placement="bottom end">
        <AriaMenu className="listbox" items={choices}>
          {(choice) => (
            <MenuItem id={choice.id} textValue={choice.name} onAction={choice.onAction} className={`listbox-item menu-item${choice.danger ? ' menu-danger' : ''}`}>
              {choice.icon ? <Icon name={choice.icon} size={18} /> : null}
              {choice.name}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
