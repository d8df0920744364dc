import { useEffect, useState } from 'react';
import { CATEGORY_WORDS, OUTCOME_WORDS, REASON_WORDS } from '../../model/emergency';
import { clockOf, inSentence, momentOf } from '../../model/words';
import type { EmergencyOut } from '../../wire.gen';
import { Badge, Banner, Button, Card, toast, type Tone } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { EmergencyThreadRow } from './EmergencyThread';

const STATES: Record<EmergencyOut['state'], { name: string; tone: Tone }> = {
  open: { name: 'Open now', tone: 'stop' },
  waiting_for_cosigner: { name: 'Waits for a co-signature', tone: 'wait' },
  ended: { name: 'Over', tone: 'plain' },
  reviewed: { name: 'Reviewed', tone: 'good' },
};

export function StateBadge({ one }: { one: EmergencyOut }) {
  const { name, tone } = STATES[one.state];
  return <Badge tone={tone}>{name}</Badge>;
}

/** Who opened what of whom, why and when: the same lines for everybody who may read them. */
export function Facts({ one }: { one: EmergencyOut }) {
  const ended = one.ended_at ?? one.expires_at;
  return (
    <dl className="emergency-facts">
      <dt>What</dt>
      <dd>{inSentence(one.categories.map((category) => CATEGORY_WORDS[category].toLowerCase()))}</dd>
      <dt>Why</dt>
      <dd>
        {REASON_WORDS[one.reason_code]}. “{one.reason}”
      </dd>
      <dt>When</dt>
      <dd>
        {momentOf(one.declared_at)}
        {one.state === 'waiting_for_cosigner' ? '' : one.state === 'open' ? `, open until ${clockOf(one.expires_at)}` : ` until ${clockOf(ended)}`}
      </dd>
      {one.cosigner_name ? (
        <>
          <dt>Co-signer</dt>
          <dd>{one.cosigner_name}</dd>
        </>
      ) : null}
      {one.outcome ? (
        <>
          <dt>Review</dt>
          <dd>
            {OUTCOME_WORDS[one.outcome]}. “{one.review_note}” ({one.reviewed_by})
          </dd>
        </>
      ) : null}
    </dl>
  );
}

/** Minutes left, counted on the screen; access ends by the server’s clock. */
function TimeLeft({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(tick);
  }, []);
  const minutes = Math.max(0, Math.ceil((until - now) / 60_000));
  return (
    <span className="strong" role="timer">
      {Math.floor(minutes / 60)} h {minutes % 60} min left
    </span>
  );
}

/** One of one’s own: what it opens while it stands, and the way to end it. */
export function MineCard({ one }: { one: EmergencyOut }) {
  const { emergencies } = useModel();
  const { isActing, trouble, act } = useAct();
  const isOpen = one.state === 'open';
  return (
    <Card as="section" tone={isOpen ? 'wait' : undefined} label={`Emergency for ${one.patient_name}`}>
      <div className="stack">
        <div className="row-between">
          <h2>{one.patient_name}</h2>
          <StateBadge one={one} />
        </div>
        <Facts one={one} />
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        {isOpen && one.categories.includes('message') ? (
          one.threads.length ? (
            <ul className="emergency-threads">
              {one.threads.map((thread, index) => (
                <EmergencyThreadRow key={thread.thread} one={one} thread={thread} number={index + 1} />
              ))}
            </ul>
          ) : (
            <p className="muted">There is no conversation about this patient that an emergency reaches.</p>
          )
        ) : null}
        {isOpen ? (
          <div className="row-between">
            <TimeLeft until={one.expires_at} />
            <Button look="danger-quiet" isPending={isActing} onPress={() => void act(() => emergencies.end(one.id))}>
              End it now
            </Button>
          </div>
        ) : null}
      </div>
    </Card>
  );
}

/** A colleague asks for the second signature. */
export function CosignCard({ one, canSign }: { one: EmergencyOut; canSign: boolean }) {
  const { emergencies } = useModel();
  const { isActing, trouble, act } = useAct();
  const sign = () =>
    act(async () => {
      await emergencies.cosign(one);
      toast('Co-signed. It is open now.', 'good');
    });
  return (
    <Card as="section" tone="wait" label={`Co-sign for ${one.name}`}>
      <div className="stack">
        <h2>{one.name} asks you to co-sign</h2>
        <p>
          For {one.patient_name}, for at most {one.hours} hours. The patient refused {one.name} by name, or it is not the first within a day. Your name will stand beside it.
        </p>
        <Facts one={one} />
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        {canSign ? null : <p className="small muted">Show your second factor first.</p>}
        <Button look="danger" isPending={isActing} isDisabled={!canSign} onPress={() => void sign()}>
          Co-sign
        </Button>
      </div>
    </Card>
  );
}
