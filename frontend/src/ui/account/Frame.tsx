import type { ReactNode } from 'react';
import { Icon, Logo, usePageTitle } from '../kit';

/** The page around every form that stands before the app: what this is on one side, the form on the other. */
export function AccountFrame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  usePageTitle(title);
  return (
    <div className="account">
      <aside className="account-side" aria-label="About Consilium">
        <p className="wordmark">
          <Logo size={36} />
          <span>Consilium</span>
        </p>
        <p className="account-claim">Where the clinicians who share a patient talk, and the patient decides who they are.</p>
        <ul className="account-points">
          <li>
            <Icon name="lock" />
            <span>Written on your device, read on theirs. The server only carries sealed messages.</span>
          </li>
          <li>
            <Icon name="shield" />
            <span>Nobody reads without the patient’s signed permission, and it can be withdrawn in one act.</span>
          </li>
          <li>
            <Icon name="eye" />
            <span>Every reading is written down where the patient can see it.</span>
          </li>
        </ul>
      </aside>
      <main className="account-main" id="main">
        <div className="account-form">
          <header className="stack-2">
            <h1>{title}</h1>
            {lead ? <p className="muted">{lead}</p> : null}
          </header>
          {children}
        </div>
      </main>
    </div>
  );
}
