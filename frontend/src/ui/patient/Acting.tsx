import { useEffect, useState } from 'react';
import { HOME } from '../../model/plain/home';
import { ACTING } from '../../model/plain/represented';
import { PERMISSIONS } from '../../model/plain/permissions';
import { iActFor, type ActedFor } from '../../model/represented';
import { firstNameOf } from '../../model/words';
import { Avatar, Banner, EmptyState, Page, Select, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';
import { PermissionCards } from './Permissions';
import { RequestCard } from './RequestCard';

function OneActedFor({ one }: { one: ActedFor }) {
  const name = firstNameOf(one.patient_name);
  const requests = useValue(one.consent.requests);
  useEffect(() => {
    void one.consent.refresh();
  }, [one]);
  return (
    <section className="stack" aria-labelledby="acted-for">
      <div className="card row no-wrap">
        <Avatar name={one.patient_name} patient />
        <p>{iActFor(one).join(' ')}</p>
      </div>
      {requests?.length ? (
        <section className="stack" aria-label={ACTING.waiting(name)}>
          <Banner tone="wait" icon="key" title={ACTING.asked(requests.length, name)}>
            {HOME.takeTime}
          </Banner>
          {requests.map((request) => (
            <RequestCard key={request.id} request={request} consent={one.consent} owner={name} />
          ))}
        </section>
      ) : null}
      <h2 id="acted-for">{PERMISSIONS.titleFor(name)}</h2>
      <p className="muted">{PERMISSIONS.leadFor(name)}</p>
      <PermissionCards consent={one.consent} owner={name} />
    </section>
  );
}

/** The patients for whom one acts, one at a time, and of each only what is one's own to see. */
export function ActingPage() {
  const { represented } = useModel();
  const list = useValue(represented.list);
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    void represented.refresh();
  }, [represented]);
  const one = list?.find((each) => each.authority.patient === chosen) ?? list?.[0];
  return (
    <Page title={ACTING.title} width="narrow" lead={ACTING.lead}>
      {list === null ? (
        <Spinner label={ACTING.loading} />
      ) : one === undefined ? (
        <EmptyState icon="people" title={ACTING.none}>
          {ACTING.noneMore}
        </EmptyState>
      ) : (
        <>
          {list.length > 1 ? (
            <Select
              label={ACTING.choose}
              choices={list.map((each) => ({ id: each.authority.patient, name: each.patient_name }))}
              value={one.authority.patient}
              onChange={setChosen}
            />
          ) : null}
          <OneActedFor key={one.authority.patient} one={one} />
        </>
      )}
    </Page>
  );
}
