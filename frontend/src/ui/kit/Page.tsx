import { useEffect, type ReactNode } from 'react';

/** Names the document, and puts the unread count where a background tab shows it. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Consilium`;
  }, [title]);
}

/** One page of the app: its title, a line under it, what can be done, and the content. */
export function Page({
  title,
  lead,
  actions,
  children,
  width = 'wide',
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  width?: 'narrow' | 'wide';
}) {
  usePageTitle(title);
  return (
    <div className={`page page-${width}`}>
      <header className="page-head">
        <div className="grow">
          <h1>{title}</h1>
          {lead ? <p className="page-lead">{lead}</p> : null}
        </div>
        {actions ? <div className="row">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}
