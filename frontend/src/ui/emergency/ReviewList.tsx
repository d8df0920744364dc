import { useEffect, useState } from 'react';
import { OUTCOME_WORDS, type Outcome } from '../../model/emergency';
import { momentOf } from '../../model/words';
import type { EmergencyOut } from '../../wire.gen';
import { Badge, Banner, Button, Card, EmptyState, RadioGroup, Spinner, TextArea, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { Facts, StateBadge } from './EmergencyCard';

function Due({ one }: { one: EmergencyOut }) {
  if (one.state === 'reviewed') return null;
  const isLate = Date.now() > one.review_due_at;
  return <Badge tone={isLate ? 'stop' : 'wait'}>{isLate ? `Overdue since ${momentOf(one.review_due_at)}` : `Review by ${momentOf(one.review_due_at)}`}</Badge>;
}

function ReviewForm({ one }: { one: EmergencyOut }) {
  const { emergencies } = useModel();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [note, setNote] = useState('');
  const { isActing, trouble, act } = useAct();
  const save = () =>
    act(async () => {
      if (outcome) await emergencies.review(one.id, outcome, note.trim());
      toast('Written down. The patient reads it on their page.', 'good');
    });
  return (
    <div className="stack">
      <RadioGroup
        label="What came of your review"
        choices={(Object.keys(OUTCOME_WORDS) as Outcome[]).map((id) => ({ id, name: OUTCOME_WORDS[id] }))}
        value={outcome}
        onChange={setOutcome}
      />
      <TextArea label="Why" hint="The patient reads this" value={note} onChange={setNote} />
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <Button look="primary" isPending={isActing} isDisabled={!outcome || note.trim().length < 3} onPress={() => void save()}>
        Close the review
      </Button>
    </div>
  );
}

function ReviewCard({ one }: { one: EmergencyOut }) {
  const { emergencies } = useModel();
  const { isActing, trouble, act } = useAct();
  return (
    <Card as="article" label={`${one.name} for ${one.patient_name}`}>
      <div className="stack">
        <div className="row-between">
          <h2>{one.patient_name}</h2>
          <span className="row">
            <StateBadge one={one} />
            <Due one={one} />
          </span>
        </div>
        <p className="muted">
          {one.name}, {one.organisation_name}
        </p>
        <Facts one={one} />
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        {one.state === 'open' || one.state === 'waiting_for_cosigner' ? (
          <Button look="danger-quiet" isPending={isActing} onPress={() => void act(() => emergencies.end(one.id))}>
            End it now
          </Button>
        ) : one.state === 'ended' ? (
          <ReviewForm one={one} />
        ) : null}
      </div>
    </Card>
  );
}

/** The privacy officer’s task: every emergency of the house’s patients, those that are due first. */
export function ReviewList() {
  const { emergencies } = useModel();
  const all = useValue(emergencies.list);
  useEffect(() => void emergencies.refresh().catch(() => undefined), [emergencies]);
  if (!all) return <Spinner label="Looking" />;
  const due = all.emergencies.filter((one) => one.part === 'review');
  if (due.length === 0)
    return (
      <EmptyState icon="check" title="No emergency was declared">
        You are told at once when one is.
      </EmptyState>
    );
  return (
    <div className="stack">
      {due.map((one) => (
        <ReviewCard key={one.id} one={one} />
      ))}
    </div>
  );
}
