import { Link } from '@tanstack/react-router';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { EmergencyFound } from '../../wire.gen';
import { CodeForm } from '../account/SecondFactor';
import { Banner, Card, EmptyState, Page, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';
import { DeclareForm } from './DeclareForm';
import { CosignCard, MineCard } from './EmergencyCard';
import { FindPatient } from './FindPatient';

/** Shown before anything can be found or opened: an authenticator app, and a code from it of the last 15 minutes. */
function Proof({ isOn, onDone }: { isOn: boolean; onDone: () => void }) {
  const { session } = useModel();
  const me = useValue(session.me);
  if (!isOn)
    return (
      <Banner tone="wait" title="Set up a second factor first" action={<Link to="/account" className="button button-primary button-sm">To your account</Link>}>
        Emergency access needs a code from an app on your telephone.
      </Banner>
    );
  return (
    <Card as="section" label="Second factor">
      <div className="stack">
        <h2>Show your second factor</h2>
        <p className="muted">It counts for 15 minutes, in this window alone.</p>
        <CodeForm
          email={me?.email ?? ''}
          label="Continue"
          onCode={async (code) => {
            await session.proveSecondFactor(code);
            onDone();
          }}
        />
      </div>
    </Card>
  );
}

/** What a clinician with the duty does in an emergency: find, declare, read; and co-sign for a colleague. */
export function EmergencyPage() {
  const { emergencies, session } = useModel();
  const cache = useQueryClient();
  const all = useValue(emergencies.list);
  const [found, setFound] = useState<EmergencyFound | null>(null);
  const proof = useQuery({ queryKey: ['second-factor'], queryFn: () => session.secondFactor(), refetchInterval: 30_000 });
  const proved = () => void cache.invalidateQueries({ queryKey: ['second-factor'] });
  if (!all || !proof.data) return <Spinner label="Looking" />;
  if (!all.may_declare)
    return (
      <Page title="Emergency access" width="narrow">
        <EmptyState icon="lock" title="This is a duty of its own">
          Your organisation’s privacy officer entrusts clinicians with it.
        </EmptyState>
      </Page>
    );
  const isFresh = proof.data.fresh_until !== null;
  const mine = all.emergencies.filter((one) => one.part === 'mine');
  const asked = all.emergencies.filter((one) => one.part === 'cosign');
  return (
    <Page title="Emergency access" width="narrow" lead="For one patient, for hours, read only. The patient and the privacy officer are told at once.">
      {isFresh ? null : <Proof isOn={proof.data.on} onDone={proved} />}
      {asked.map((one) => (
        <CosignCard key={one.id} one={one} canSign={isFresh} />
      ))}
      {mine
        .filter((one) => one.state === 'open' || one.state === 'waiting_for_cosigner')
        .map((one) => (
          <MineCard key={one.id} one={one} />
        ))}
      {!isFresh ? null : found ? (
        <DeclareForm found={found} colleagues={all.colleagues} onDone={() => setFound(null)} />
      ) : (
        <FindPatient onFound={setFound} />
      )}
      {mine.some((one) => one.state === 'ended' || one.state === 'reviewed') ? (
        <section className="stack" aria-labelledby="past">
          <h2 id="past">Before</h2>
          {mine
            .filter((one) => one.state === 'ended' || one.state === 'reviewed')
            .map((one) => (
              <MineCard key={one.id} one={one} />
            ))}
        </section>
      ) : null}
    </Page>
  );
}
