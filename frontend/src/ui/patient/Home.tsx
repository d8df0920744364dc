import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { firstNameOf } from '../../model/words';
import { Banner, Card, EmptyState, Icon, Page, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';
import { ConversationList } from './Conversations';
import { RequestCard } from './RequestCard';

/** The patient's first page: what waits for a decision, then the conversations, then where everything is found. */
export function HomePage() {
  const { consent, session, threads } = useModel();
  const me = useValue(session.me);
  const requests = useValue(consent.requests);
  const list = useValue(threads.list);
  const unread = useMemo(() => (list ?? []).reduce((sum, thread) => sum + thread.unread, 0), [list]);
  return (
    <Page title={`Hello, ${firstNameOf(me?.name ?? '')}`} width="narrow" lead="You decide who reads. Nothing is shared without your signature.">
      {requests === null ? (
        <Spinner label="Looking for requests" />
      ) : requests.length ? (
        <section className="stack" aria-label="Waiting for your decision">
          <Banner tone="wait" icon="key" title={requests.length === 1 ? 'One request waits for your decision' : `${requests.length} requests wait for your decision`}>
            Take your time. Until you sign, nobody new reads anything.
          </Banner>
          {requests.map((request) => (
            <RequestCard key={request.id} request={request} />
          ))}
        </section>
      ) : (
        <Card>
          <div className="row">
            <span className="empty-icon">
              <Icon name="check" size={26} />
            </span>
            <div className="stack-0 grow">
              <h2>Nothing waits for your decision</h2>
              <p className="muted">When somebody asks to read, you will see it here first.</p>
            </div>
          </div>
        </Card>
      )}
      <section className="stack" aria-labelledby="talks">
        <h2 id="talks">Your conversations{unread ? ` (${unread} unread)` : ''}</h2>
        <ConversationList />
      </section>
      <nav className="shortcuts" aria-label="Your rights">
        <Link to="/permissions" className="shortcut">
          <Icon name="key" />
          <span className="stack-0">
            <span className="strong">Your permissions</span>
            <span className="small muted">Who may read, and withdrawing it</span>
          </span>
        </Link>
        <Link to="/ledger" className="shortcut">
          <Icon name="eye" />
          <span className="stack-0">
            <span className="strong">Who read what</span>
            <span className="small muted">Every reading is written down</span>
          </span>
        </Link>
      </nav>
    </Page>
  );
}

export function NothingHere() {
  return (
    <EmptyState
      icon="search"
      title="There is nothing here that you can open"
      action={
        <Link to="/" className="button button-primary button-md">
          Go to the start
        </Link>
      }
    >
      The address may be wrong, or what was here is not shared with you any more.
    </EmptyState>
  );
}
