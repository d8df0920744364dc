import { Link } from '@tanstack/react-router';
import type { ThreadSummary } from '../../wire.gen';
import { inSentence, whenShort } from '../../model/words';
import { Avatar, Badge, EmptyState, Page, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';

function title(thread: ThreadSummary): string {
  const readers = thread.members.filter((member) => member.may_read && !member.is_patient).map((member) => member.name);
  return readers.length ? inSentence(readers) : 'Nobody reads this yet';
}

export function ConversationList() {
  const { threads } = useModel();
  const list = useValue(threads.list);
  if (list === null) return <Spinner label="Loading" />;
  if (list.length === 0)
    return (
      <div className="case-list">
        <EmptyState icon="message" title="No conversations yet">
          When one of your clinicians starts one, you will find it here.
        </EmptyState>
      </div>
    );
  return (
    <ul className="case-list" aria-label="Conversations">
      {list.map((thread) => (
        <li key={thread.id} className="case">
          <Avatar name={title(thread)} />
          <div className="grow stack-0">
            <Link to="/threads/$threadId" params={{ threadId: thread.id }} className="case-link truncate">
              {title(thread)}
            </Link>
            <span className="small muted">You can always read this</span>
          </div>
          <div className="case-side">
            <span className="tiny muted">{thread.last_at ? whenShort(thread.last_at, Date.now()) : 'New'}</span>
            {thread.unread ? <Badge tone="brand">{thread.unread} unread</Badge> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}

export function ConversationsPage() {
  return (
    <Page title="Conversations" width="narrow" lead="Everything your clinicians write about you with your permission, and what you write to them.">
      <ConversationList />
    </Page>
  );
}
