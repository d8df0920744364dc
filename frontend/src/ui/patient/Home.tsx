import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { HOME } from '../../model/plain/home';
import { firstNameOf } from '../../model/words';
import { EmergenciesAboutMe } from '../emergency/AboutMe';
import { Banner, Card, Icon, Page, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';
import { ConversationList } from './Conversations';
import { Reminders } from './Reminders';
import { RequestCard } from './RequestCard';

/** The patient's first page: what waits for a decision, then the conversations, then where everything is found. */
export function HomePage() {
  const { consent, session, threads } = useModel();
  const me = useValue(session.me);
  const requests = useValue(consent.requests);
  const list = useValue(threads.list);
  const unread = useMemo(() => (list ?? []).reduce((sum, thread) => sum + thread.unread, 0), [list]);
  return (
    <Page title={HOME.hello(firstNameOf(me?.name ?? ''))} width="narrow" lead={HOME.lead}>
      {requests === null ? (
        <Spinner label={HOME.looking} />
      ) : requests.length ? (
        <section className="stack" aria-label={HOME.waiting}>
          <Banner tone="wait" icon="key" title={HOME.asked(requests.length)}>
            {HOME.takeTime}
          </Banner>
          {requests.map((request) => (
            <RequestCard key={request.id} request={request} consent={consent} owner="" />
          ))}
        </section>
      ) : (
        <Card>
          <div className="row no-wrap">
            <span className="empty-icon">
              <Icon name="check" size={26} />
            </span>
            <div className="stack-0 grow">
              <h2>{HOME.nothing}</h2>
              <p className="muted">{HOME.nothingMore}</p>
            </div>
          </div>
        </Card>
      )}
      <Reminders />
      {me?.patient ? <EmergenciesAboutMe patient={me.patient} /> : null}
      <section className="stack" aria-labelledby="talks">
        <h2 id="talks">{HOME.talks(unread)}</h2>
        <ConversationList />
      </section>
      <nav className="shortcuts" aria-label={HOME.rights}>
        <Link to="/permissions" className="shortcut">
          <Icon name="key" />
          <span className="stack-0">
            <span className="strong">{HOME.permissions}</span>
            <span className="small muted">{HOME.permissionsMore}</span>
          </span>
        </Link>
        <Link to="/ledger" className="shortcut">
          <Icon name="eye" />
          <span className="stack-0">
            <span className="strong">{HOME.ledger}</span>
            <span className="small muted">{HOME.ledgerMore}</span>
          </span>
        </Link>
      </nav>
    </Page>
  );
}
