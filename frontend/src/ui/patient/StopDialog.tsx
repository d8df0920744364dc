import type { Consent } from '../../model/consent';
import type { Permission, PermissionCard } from '../../model/permissions';
import { STOP } from '../../model/plain/permissions';
import type { Rehearsal } from '../../model/rehearsal';
import { Banner, Button, Dialog, Icon, Spinner, toast } from '../kit';
import { useAct } from '../useAct';
import { useRehearsal } from './useRehearsal';

type Line = { key: string; text: string; tone: 'eye' | 'close' };

function linesOf(rehearsal: Rehearsal, ended: readonly Permission[]): Line[] {
  const concerned = new Set(ended.map((one) => one.user));
  return [
    ...rehearsal.goes.map((one) => ({ key: one.user, text: STOP.goes(one.name), tone: 'close' as const })),
    ...rehearsal.comes.map((one) => ({ key: one.user, text: STOP.comes(one.name), tone: 'eye' as const })),
    ...rehearsal.stays.map((one) => ({ key: one.user, text: concerned.has(one.user) ? STOP.staysToo(one.name) : STOP.stays(one.name), tone: 'eye' as const })),
  ];
}

/** Who could still see it afterwards, by name, as the server's own decision says. */
function StillSeen({ consent, ended }: { consent: Consent; ended: readonly Permission[] }) {
  const { answer, isAsking, hasFailed } = useRehearsal(
    [consent.patient, ...ended.map((one) => one.id)],
    () => consent.rehearseWithdrawal(ended),
  );
  if (hasFailed) return <Banner tone="wait">{STOP.unknown}</Banner>;
  if (isAsking || !answer) return <Spinner label={STOP.working} />;
  const lines = linesOf(answer, ended);
  const isNobody = answer.stays.length === 0 && answer.comes.length === 0;
  return (
    <ul className="ticks">
      {lines.map((line) => (
        <li key={line.key} className={`seer seer-${line.tone}`}>
          <Icon name={line.tone} size={16} />
          {line.text}
        </li>
      ))}
      {isNobody ? (
        <li className="seer seer-close">
          <Icon name="lock" size={16} />
          {STOP.nobody}
        </li>
      ) : null}
    </ul>
  );
}

/** One act that says first what it does, what it can not do, and who could still see it. */
export function StopDialog({ consent, card, onClose }: { consent: Consent; card: PermissionCard; onClose: () => void }) {
  const { isActing, trouble, act } = useAct();
  const isDeny = card.permits.length === 0;
  const ended = isDeny ? card.denies.slice(0, 1) : card.permits;
  const stop = () =>
    act(async () => {
      await consent.withdraw(ended);
      toast(isDeny ? STOP.allowed : STOP.stopped(card.who));
      onClose();
    });
  return (
    <Dialog
      title={isDeny ? STOP.allowTitle(card.who) : STOP.title(card.who)}
      isOpen
      onClose={onClose}
      role="alertdialog"
      footer={
        <>
          <Button onPress={onClose}>{STOP.keep}</Button>
          <Button look={isDeny ? 'primary' : 'danger'} isPending={isActing} onPress={() => void stop()}>
            {isDeny ? STOP.allowNow : STOP.now}
          </Button>
        </>
      }
    >
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      {isDeny ? (
        <p>{STOP.allowMore}</p>
      ) : (
        <p>
          <span className="strong">{STOP.within}</span> {STOP.loses(card.who)}
        </p>
      )}
      <section className="stack-2" aria-labelledby="still-seen">
        <h3 id="still-seen">{STOP.who}</h3>
        <StillSeen consent={consent} ended={ended} />
      </section>
      {isDeny ? null : (
        <section className="stack-2" aria-labelledby="limits">
          <h3 id="limits">{STOP.limits}</h3>
          <ul className="bullets">
            <li>{STOP.unread}</li>
            <li>{STOP.own}</li>
            <li>{STOP.copies}</li>
            <li>{STOP.onward}</li>
          </ul>
        </section>
      )}
    </Dialog>
  );
}
