import { useEffect } from 'react';
import { momentOf } from '../../model/words';
import type { WitnessingOut } from '../../wire.gen';
import { Badge, Banner, Button, Card, Icon } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

function headline(one: WitnessingOut): string {
  if (one.kind === 'authority') return `${one.patient_name} can sign for themselves now`;
  if (one.kind === 'revoke') return `${one.patient_name} took something back`;
  return `${one.patient_name} permitted something`;
}

function Waiting({ one }: { one: WitnessingOut }) {
  const { witnessing } = useModel();
  const { isActing, trouble, act } = useAct();
  const sign = () => act(async () => void (await witnessing.countersign(one)));
  return (
    <Card as="li">
      <div className="people-line">
        <span className="strong">{headline(one)}</span>
        <Badge tone="wait">
          {one.witnesses.length} of {one.needed} witnesses
        </Badge>
      </div>
      {one.statement ? (
        <p className="statement">
          <Icon name="shield" />
          <span>{one.statement}</span>
        </p>
      ) : null}
      <p className="small muted">
        {one.method === 'paper' ? 'On paper' : 'By word of mouth'}, witnessed by {one.witnesses.join(' and ')}, {momentOf(one.opened_at)}. Waits until {momentOf(one.expires_at)}.
      </p>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <div className="row">
        {one.mine ? (
          <Button isPending={isActing} onPress={() => void act(() => witnessing.drop(one.id))}>
            Take back
          </Button>
        ) : (
          <Button look="primary" isPending={isActing} onPress={() => void sign()}>
            I witnessed this too
          </Button>
        )}
      </div>
    </Card>
  );
}

/** What patients said on paper or by mouth and waits for its second witness. */
export function WaitingWitnessings() {
  const { witnessing } = useModel();
  const waiting = useValue(witnessing.waiting);
  useEffect(() => {
    // Without an answer the list is not there; the next visit asks again.
    void witnessing.refresh().catch(() => undefined);
  }, [witnessing]);
  if (!waiting || waiting.length === 0) return null;
  return (
    <section className="stack-2" aria-label="Waiting for a second witness">
      <h2>Waiting for a second witness</h2>
      <ul className="stack-2">
        {waiting.map((one) => (
          <Waiting key={one.id} one={one} />
        ))}
      </ul>
    </section>
  );
}
