import { Link } from '@tanstack/react-router';
import type { ThreadSummary } from '../../wire.gen';
import { TALKS } from '../../model/plain/home';
import { inSentence, whenShort } from '../../model/words';
import { Avatar, Badge, EmptyState, Page, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';

function title(thread: ThreadSummary): string {
  const readers = thread.members.filter((member) => member.may_read && !member.is_patient).map((member) => member.name);
  return readers.length ? inSentence(readers) : TALKS.nobody;
}

export function ConversationList() {
  const { threads } = useModel();
  const list = useValue(threads.list);
  if (list === null) return <Spinner label={TALKS.loading} />;
  if (list.length === 0)
    return (
      <div className="case-list">
        <EmptyState icon="message" title={TALKS.none}>
          {TALKS.noneMore}
        </EmptyState>
      </div>
    );
  return (
    <ul className="case-list" aria-label={TALKS.list}>
      {list.map((thread) => (
        <li key={thread.id} className="case">
          <Avatar name={title(thread)} />
          <div className="grow stack-0">
            <Link to="/threads/$threadId" params={{ threadId: thread.id }} className="case-link truncate">
              {title(thread)}
            </Link>
            <span className="small muted">{TALKS.always}</span>
          </div>
          <div className="case-side">
            <span className="tiny muted">{thread.last_at ? whenShort(thread.last_at, Date.now()) : TALKS.fresh}</span>
            {thread.unread ? <Badge tone="brand">{TALKS.unread(thread.unread)}</Badge> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}

export function ConversationsPage() {
  return (
    <Page title={TALKS.title} width="narrow" lead={TALKS.lead}>
      <ConversationList />
    </Page>
  );
}
