import { Link } from '@tanstack/react-router';
import { whenShort } from '../../model/words';
import { Avatar, EmptyState, Page, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';

/** The first page without a network: the conversations that this device can open. */
export function OfflinePage() {
  const { threads } = useModel();
  const list = useValue(threads.list);
  return (
    <Page title="On this device" width="narrow" lead="These conversations open without a connection. You can write, too: it is sent when the connection is back.">
      {list === null ? (
        <Spinner label="Looking what is here" />
      ) : list.length === 0 ? (
        <EmptyState icon="message" title="Nothing is kept here">
          A conversation is kept on this device once you have opened it here.
        </EmptyState>
      ) : (
        <ul className="case-list" aria-label="Conversations on this device">
          {list.map((thread) => (
            <li key={thread.id} className="case">
              <Avatar name={thread.patient_name} patient />
              <div className="grow stack-0">
                <Link to="/threads/$threadId" params={{ threadId: thread.id }} className="case-link truncate">
                  {thread.patient_name}
                </Link>
                <span className="small muted">{thread.last_at ? whenShort(thread.last_at, Date.now()) : 'Nothing written yet'}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
