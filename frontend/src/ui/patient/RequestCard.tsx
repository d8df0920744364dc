import { useId, useState } from 'react';
import type { AdmissionRequest } from '../../wire.gen';
import { HistoryKind } from '../../crypto/tables.gen';
import { LENGTHS, statementOf, untilOf, type LengthId } from '../../model/statement';
import { actionWords, dayOf, inSentence, momentOf, roleName } from '../../model/words';
import { Avatar, Banner, Button, Dialog, Icon, RadioGroup, Select, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

type HistoryChoice = 'all' | 'none';

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ request }: { request: AdmissionRequest }) {
  const isSelf = request.asked_by === request.invitee;
  return (
    <dl className="facts">
      <Fact term="Who would read">
        <span className="strong">{request.invitee_name}</span>, {roleName(request.role)} at {request.invitee_organisation_name}
      </Fact>
      <Fact term="What they could do">
        <ul className="ticks">
          {actionWords(request.actions).map((words) => (
            <li key={words}>
              <Icon name="check" size={16} />
              {words[0]?.toUpperCase()}
              {words.slice(1)}
            </li>
          ))}
        </ul>
      </Fact>
      {isSelf ? null : (
        <Fact term="Who asks">
          {request.asked_by_name}, {roleName(request.asked_by_role)} at {request.asked_by_organisation}
        </Fact>
      )}
      <Fact term="Why">{request.reason ? <q>{request.reason}</q> : 'No reason was written. You can ask them before you decide.'}</Fact>
    </dl>
  );
}

function Refusal({ request, isOpen, onClose }: { request: AdmissionRequest; isOpen: boolean; onClose: () => void }) {
  const { consent } = useModel();
  const { isActing, trouble, act } = useAct();
  return (
    <Dialog
      title={`Say no to ${request.invitee_name}?`}
      isOpen={isOpen}
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Back</Button>
          <Button
            look="danger"
            isPending={isActing}
            onPress={() =>
              void act(async () => {
                await consent.refuse(request);
                toast('You said no. Nothing was shared.');
                onClose();
              })
            }
          >
            Say no
          </Button>
        </>
      }
    >
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <p>{request.invitee_name} will not be able to read anything, and is not told what it was about. Your care goes on as before.</p>
    </Dialog>
  );
}

/** One decision on one page: who would read what, why, from when, until when; then sign, or say no. */
export function RequestCard({ request }: { request: AdmissionRequest }) {
  const { consent } = useModel();
  const [history, setHistory] = useState<HistoryChoice>(request.history === HistoryKind.NONE ? 'none' : 'all');
  const [length, setLength] = useState<LengthId>('year');
  const [isRefusing, setRefusing] = useState(false);
  const { isActing, trouble, act } = useAct();
  const titleId = useId();
  const now = Date.now();
  const until = untilOf(length, now);
  const isSelf = request.asked_by === request.invitee;
  const statement = statementOf(request, { history, until, now });
  const sign = () =>
    act(async () => {
      await consent.agree(request, { history, until, statement });
      toast(`Signed. ${request.invitee_name} can read from now on.`);
    });
  return (
    <article className="card request" aria-labelledby={titleId}>
      <header className="request-head">
        <Avatar name={request.invitee_name} size="lg" />
        <div className="stack-0">
          <h2 id={titleId}>{isSelf ? `May ${request.invitee_name} write with you?` : `May ${request.invitee_name} join your conversation?`}</h2>
          <p className="small muted">Asked {momentOf(request.created_at)}</p>
        </div>
      </header>
      <Facts request={request} />
      <RadioGroup
        label="What may they read of what was written before?"
        choices={[
          { id: 'all', name: 'Everything in this conversation', detail: 'From its beginning.' },
          { id: 'none', name: 'Only what is written from now on', detail: 'Earlier messages stay closed to them.' },
        ]}
        value={history}
        onChange={setHistory}
      />
      <Select label="Until when?" hint={`From today, ${dayOf(now)}, until ${dayOf(until)}. Then it ends by itself.`} choices={LENGTHS} value={length} onChange={setLength} />
      <p className="statement">
        <Icon name="shield" size={18} />
        <span>{statement}</span>
      </p>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <div className="request-acts">
        <Button look="primary" size="lg" icon="key" isPending={isActing} onPress={() => void sign()}>
          Sign and give permission
        </Button>
        <Button look="secondary" size="lg" onPress={() => setRefusing(true)}>
          Say no
        </Button>
      </div>
      <p className="small muted">You can withdraw this at any time, in one act. What was read by then cannot be unread. They may not {inSentence(actionWords(~request.actions))}.</p>
      <Refusal request={request} isOpen={isRefusing} onClose={() => setRefusing(false)} />
    </article>
  );
}
