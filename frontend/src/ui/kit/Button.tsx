import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { Icon, type IconName } from './Icon';

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger' | 'danger-quiet';

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> & {
  look?: ButtonLook;
  size?: 'sm' | 'md' | 'lg';
  icon?: IconName;
  wide?: boolean;
  children: ReactNode;
};

/** A button; while `isPending` it stays focusable, says so to a screen reader, and takes no second press. */
export function Button({ look = 'secondary', size = 'md', icon, wide, children, isPending, ...rest }: ButtonProps) {
  const held: Partial<AriaButtonProps> = isPending ? { onPress: undefined, type: 'button' } : {};
  return (
    <AriaButton {...rest} {...held} className={`button button-${look} button-${size}${wide ? ' button-wide' : ''}${isPending ? ' button-pending' : ''}`}>
      {isPending ? <span className="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} size={18} /> : null}
      <span className="button-label">
        {children}
        {isPending ? <span className="visually-hidden">, please wait</span> : null}
      </span>
    </AriaButton>
  );
}

/** An icon alone; `label` is its accessible name and its tooltip. */
export function IconButton({
  icon,
  label,
  look = 'quiet',
  size = 'md',
  ...rest
}: Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'aria-label'> & {
  icon: IconName;
  label: string;
  look?: ButtonLook | 'call' | 'call-off';
  size?: 'sm' | 'md' | 'lg';
}) {
  return (
    <AriaButton {...rest} aria-label={label} className={`icon-button button-${look} icon-button-${size}`}>
      <Icon name={icon} size={size === 'sm' ? 18 : 20} />
    </AriaButton>
  );
}
