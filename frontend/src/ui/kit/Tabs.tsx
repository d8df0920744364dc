import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components';

export type TabItem = { id: string; name: ReactNode; content: ReactNode };

export function Tabs({ label, items, value, onChange }: { label: string; items: TabItem[]; value?: string; onChange?: (id: string) => void }) {
  return (
    <AriaTabs className="tabs" selectedKey={value} onSelectionChange={(key) => onChange?.(String(key))}>
      <TabList className="tab-list" aria-label={label} items={items}>
        {(item) => (
          <Tab id={item.id} className="tab">
            {item.name}
          </Tab>
        )}
      </TabList>
      {items.map((item) => (
        <TabPanel key={item.id} id={item.id} className="tab-panel">
          {item.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
