import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { Action, HistoryKind } from '../../crypto/tables.gen';
import type { Agreement, Consent } from '../../model/consent';
import { REFUSAL, REQUEST } from '../../model/plain/request';
import type { Rehearsal } from '../../model/rehearsal';
import { LENGTHS, statementOf, untilOf, type LengthId } from '../../model/statement';
import { actionChoices, actionWords, inSentence, roleName } from '../../model/words';
import type { AdmissionRequest } from '../../wire.gen';
import { Avatar, Badge, Banner, Button, Checkbox, Dialog, Icon, RadioGroup, Select, toast, type Choice } from '../kit';
import { KeyDialog } from '../thread/KeyDialog';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { usePlaces } from './usePlaces';
import { useRehearsal } from './useRehearsal';

/** A request, who decides about it, and the patient's first name where that is somebody else. */
type Decided = { request: AdmissionRequest; consent: Consent; owner: string };
type HistoryChoice = 'all' | 'date' | 'none';
type StartChoice = 'now' | 'week' | 'month';

const DAY_MS = 86_400_000;
const STARTS: readonly Choice<StartChoice>[] = [
  { id: 'now', name: REQUEST.fromNow },
  { id: 'week', name: REQUEST.fromWeek },
  { id: 'month', name: REQUEST.fromMonth },
];
const START_DAYS: Record<StartChoice, number> = { now: 0, week: 7, month: 30 };

function titleOf(request: AdmissionRequest, owner: string): string {
  const who = request.invitee_name;
  if (request.asked_by === request.invitee) return owner ? REQUEST.mayWriteTo(who, owner) : REQUEST.mayWrite(who);
  return owner ? REQUEST.mayJoinOf(who, owner) : REQUEST.mayJoin(who);
}

/** What was asked, and less: never a choice that is wider than the request. */
function historiesOf(request: AdmissionRequest): Choice<HistoryChoice>[] {
  const none: Choice<HistoryChoice> = { id: 'none', name: REQUEST.none, detail: REQUEST.noneMore };
  if (request.history === HistoryKind.ALL) return [{ id: 'all', name: REQUEST.all, detail: REQUEST.allMore }, none];
  if (request.history === HistoryKind.FROM_DATE) return [{ id: 'date', name: REQUEST.date(request.history_from), detail: REQUEST.dateMore }, none];
  return [none];
}

const HISTORY_KINDS: Record<HistoryChoice, number> = { all: HistoryKind.ALL, date: HistoryKind.FROM_DATE, none: HistoryKind.NONE };

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Whether the vault, which checks the invitee's certificate before it drafts, found an organisation to vouch. */
function Checked({ request, rehearsal }: { request: AdmissionRequest; rehearsal: { isAsking: boolean; hasFailed: boolean } }) {
  if (rehearsal.hasFailed)
    return (
      <span className="checked checked-not">
        <Icon name="alert" size={16} /> {REQUEST.unchecked}
      </span>
    );
  if (rehearsal.isAsking) return <span className="small muted">{REQUEST.checking}</span>;
  return (
    <span className="checked">
      <Icon name="shield" size={16} /> {REQUEST.checked(request.invitee_organisation_name)}
    </span>
  );
}

function Facts({ request, place, rehearsal }: { request: AdmissionRequest; place: string; rehearsal: { isAsking: boolean; hasFailed: boolean } }) {
  const isSelf = request.asked_by === request.invitee;
  return (
    <dl className="facts">
      <Fact term={REQUEST.who}>
        <p>
          <span className="strong">{request.invitee_name}</span>, {REQUEST.whoIs(roleName(request.role), request.invitee_organisation_name)}
        </p>
        <Checked request={request} rehearsal={rehearsal} />
      </Fact>
      {isSelf ? null : (
        <Fact term={REQUEST.asks}>
          {request.asked_by_name}, {REQUEST.whoIs(roleName(request.asked_by_role), request.asked_by_organisation)}
        </Fact>
      )}
      <Fact term={REQUEST.why}>{request.reason ? <q>{request.reason}</q> : REQUEST.noReason}</Fact>
      <Fact term={REQUEST.sees}>{REQUEST.seesTalk(place || REQUEST.thisTalk)}</Fact>
    </dl>
  );
}

/** Another key than the one that was known: a hard stop, until the two have compared. */
function Replaced({ request, onDone }: { request: AdmissionRequest; onDone: () => void }) {
  const { threads } = useModel();
  const [isComparing, setComparing] = useState(false);
  const close = () => {
    setComparing(false);
    onDone();
  };
  return (
    <Banner tone="stop" live title={REQUEST.replacedTitle}>
      <p>{REQUEST.replaced(request.invitee_name)}</p>
      <Button size="sm" onPress={() => setComparing(true)}>
        {REQUEST.replacedCheck}
      </Button>
      {isComparing ? <KeyDialog comparing={threads.comparingWith(request.keys)} person={{ user: request.invitee, name: request.invitee_name }} onClose={close} /> : null}
    </Banner>
  );
}

/** The acts that were asked for, each of which but reading can be taken away. */
function Acts({ request, actions, onChange }: { request: AdmissionRequest; actions: number; onChange: (actions: number) => void }) {
  return (
    <fieldset className="stack-2">
      <legend className="field-label">{REQUEST.acts}</legend>
      <p className="field-hint">{REQUEST.actsMore}</p>
      {actionChoices(request.actions).map(({ bit, words }) => (
        <Checkbox
          key={bit}
          isSelected={(actions & bit) !== 0}
          isDisabled={bit === Action.READ}
          onChange={(isOn) => onChange(isOn ? actions | bit : actions & ~bit)}
        >
          {words.charAt(0).toUpperCase() + words.slice(1)}
        </Checkbox>
      ))}
    </fieldset>
  );
}

function Afterwards({ rehearsal, owner }: { rehearsal: Rehearsal; owner: string }) {
  const fresh = new Set(rehearsal.comes.map((one) => one.user));
  const people = [...rehearsal.stays, ...rehearsal.comes];
  return (
    <section className="afterwards" aria-label={REQUEST.then}>
      <h3>{REQUEST.then}</h3>
      <ul className="row">
        <li className="seer-chip">{owner || REQUEST.you}</li>
        {people.map((one) => (
          <li key={one.user} className="seer-chip">
            {one.name} {fresh.has(one.user) ? <Badge tone="wait">{REQUEST.isNew}</Badge> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Refusal({ request, consent, owner, isOpen, onClose }: Decided & { isOpen: boolean; onClose: () => void }) {
  const { isActing, trouble, act } = useAct();
  const refuse = () =>
    act(async () => {
      await consent.refuse(request);
      toast(REFUSAL.done);
      onClose();
    });
  return (
    <Dialog
      title={REFUSAL.title(request.invitee_name)}
      isOpen={isOpen}
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>{REFUSAL.back}</Button>
          <Button look="danger" isPending={isActing} onPress={() => void refuse()}>
            {REFUSAL.no}
          </Button>
        </>
      }
    >
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <p>{owner ? REFUSAL.moreFor(request.invitee_name, owner) : REFUSAL.more(request.invitee_name)}</p>
    </Dialog>
  );
}

/** What the patient has chosen so far: at first exactly what was asked. */
function useChoices(request: AdmissionRequest, owner: string) {
  const histories = historiesOf(request);
  const [opened] = useState(() => Date.now());
  const [actions, setActions] = useState(request.actions);
  const [history, setHistory] = useState<HistoryChoice>(histories[0]?.id ?? 'none');
  const [start, setStart] = useState<StartChoice>('now');
  const [length, setLength] = useState<LengthId>('half');
  const agreed = useMemo<Agreement>(() => {
    const from = opened + START_DAYS[start] * DAY_MS;
    const wish = { actions, history: HISTORY_KINDS[history], historyFrom: history === 'date' ? request.history_from : 0, from, until: untilOf(length, from) };
    return { ...wish, statement: statementOf(request, wish, owner) };
  }, [request, owner, opened, actions, history, start, length]);
  return { histories, agreed, actions, setActions, history, setHistory, start, setStart, length, setLength };
}

/** One decision on one page: who would read what, why, from when, until when; then sign, or say no. */
export function RequestCard({ request, consent, owner }: Decided) {
  const placeOf = usePlaces([request.thread]);
  const choices = useChoices(request, owner);
  const { agreed, start } = choices;
  const [isRefusing, setRefusing] = useState(false);
  const { isActing, trouble, act } = useAct();
  const titleId = useId();
  const { threads } = useModel();
  const known = useQuery({ queryKey: ['known', request.invitee, request.fp], queryFn: () => threads.comparingWith(request.keys).compare(), gcTime: 0, retry: false });
  const isReplaced = known.data?.changed === true;
  const about = [request.id, isReplaced, agreed.actions, agreed.history, agreed.from, agreed.until];
  const rehearsal = useRehearsal(about, () => consent.rehearseAgreement(request, { ...agreed, from: Math.min(agreed.from, Date.now()) }));
  const left = actionWords(~agreed.actions);
  const sign = () =>
    act(async () => {
      await consent.agree(request, agreed);
      toast(start === 'now' ? REQUEST.signed(request.invitee_name) : REQUEST.signedAhead(request.invitee_name, agreed.from));
    });
  return (
    <article className="card request" aria-labelledby={titleId}>
      <header className="request-head">
        <Avatar name={request.invitee_name} size="lg" />
        <div className="stack-0">
          <h2 id={titleId}>{titleOf(request, owner)}</h2>
          <p className="small muted">{REQUEST.asked(request.created_at)}</p>
        </div>
      </header>
      {isReplaced ? <Replaced request={request} onDone={() => void known.refetch()} /> : null}
      <Facts request={request} place={placeOf(request.thread, request.invitee)} rehearsal={{ ...rehearsal, isAsking: rehearsal.isAsking || isReplaced, hasFailed: rehearsal.hasFailed && !isReplaced }} />
      <Acts request={request} actions={choices.actions} onChange={choices.setActions} />
      <RadioGroup label={REQUEST.before} choices={choices.histories} value={choices.history} onChange={choices.setHistory} />
      <div className="two">
        <Select label={REQUEST.from} choices={STARTS} value={start} onChange={choices.setStart} />
        <Select label={REQUEST.until} choices={LENGTHS} value={choices.length} onChange={choices.setLength} />
      </div>
      {rehearsal.answer ? <Afterwards rehearsal={rehearsal.answer} owner={owner} /> : null}
      <p className="statement">
        <Icon name="shield" size={18} />
        <span>{agreed.statement}</span>
      </p>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <div className="request-acts">
        <Button look="primary" size="lg" icon="key" isPending={isActing} isDisabled={isReplaced} onPress={() => void sign()}>
          {REQUEST.sign}
        </Button>
        <Button look="secondary" size="lg" onPress={() => setRefusing(true)}>
          {REQUEST.no}
        </Button>
      </div>
      <p className="small muted">
        {REQUEST.limits} {left.length ? REQUEST.notThese(inSentence(left)) : ''}
      </p>
      <Refusal request={request} consent={consent} owner={owner} isOpen={isRefusing} onClose={() => setRefusing(false)} />
    </article>
  );
}
