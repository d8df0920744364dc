import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { DirectoryEntry } from '../../wire.gen';
import { actionWords, inSentence, roleName } from '../../model/words';
import { INVITED_ACTIONS, type HistoryWish } from '../../model/threads';
import { Avatar, Banner, Button, Dialog, RadioGroup, SearchField, TextArea, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

function Pick({ known, onPick }: { known: ReadonlySet<string>; onPick: (person: DirectoryEntry) => void }) {
  const { directory } = useModel();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ queryKey: ['directory', wanted], queryFn: () => directory.search(wanted), placeholderData: (before) => before });
  const people = (found.data?.people ?? []).filter((person) => !known.has(person.user));
  return (
    <>
      <SearchField label="Find a colleague" placeholder="Name or organisation" value={text} onChange={setText} hideLabel={false} />
      <ul className="pick" aria-label="Colleagues">
        {people.map((person) => (
          <li key={`${person.user}-${person.organisation}`}>
            <button type="button" className="pick-item" onClick={() => onPick(person)}>
              <Avatar name={person.name} size="sm" />
              <span className="stack-0">
                <span className="strong">{person.name}</span>
                <span className="small muted">
                  {roleName(person.role)} · {person.organisation_name}
                </span>
              </span>
            </button>
          </li>
        ))}
        {found.isSuccess && people.length === 0 ? <li className="small muted pick-item">Nobody by that name who is not here already.</li> : null}
      </ul>
    </>
  );
}

const HISTORY: { id: HistoryWish; name: string; detail: string }[] = [
  { id: 'all', name: 'All that was written so far', detail: 'They read the whole conversation.' },
  { id: 'none', name: 'Nothing before they join', detail: 'They start with what is written from then on.' },
];

/** Asks the patient to let a colleague in. Nothing is shown to the colleague until the patient has signed. */
export function InviteDialog({ threadId, patientName, known, isOpen, onClose }: { threadId: string; patientName: string; known: ReadonlySet<string>; isOpen: boolean; onClose: () => void }) {
  const { threads } = useModel();
  const [person, setPerson] = useState<DirectoryEntry | null>(null);
  const [history, setHistory] = useState<HistoryWish>('all');
  const [reason, setReason] = useState('');
  const { isActing, trouble, act } = useAct();
  const close = () => {
    setPerson(null);
    setReason('');
    onClose();
  };
  const ask = () =>
    act(async () => {
      if (!person) return;
      await threads.invite(threadId, { person, history, reason: reason.trim() });
      toast(`${patientName} has been asked.`);
      close();
    });
  return (
    <Dialog
      title="Invite a colleague"
      isOpen={isOpen}
      onClose={close}
      footer={
        person ? (
          <>
            <Button onPress={() => setPerson(null)}>Back</Button>
            <Button look="primary" isPending={isActing} onPress={() => void ask()}>
              Ask for permission
            </Button>
          </>
        ) : (
          <Button onPress={close}>Cancel</Button>
        )
      }
    >
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      {person ? (
        <>
          <div className="chosen">
            <Avatar name={person.name} />
            <div className="stack-0">
              <span className="strong">{person.name}</span>
              <span className="small muted">
                {roleName(person.role)} · {person.organisation_name}
              </span>
            </div>
          </div>
          <p>
            {patientName} will be asked whether {person.name} may {inSentence(actionWords(INVITED_ACTIONS))}. Until {patientName} signs, {person.name} sees nothing, not even a name.
          </p>
          <RadioGroup label="What would you like them to read?" hint="The patient decides, and may choose less." choices={HISTORY} value={history} onChange={setHistory} />
          <TextArea label="Why this person?" hint="For the patient to read. Not encrypted: write nothing clinical here." value={reason} onChange={setReason} maxLength={500} placeholder="For example: I would like a second opinion on medication." />
        </>
      ) : (
        <Pick known={known} onPick={setPerson} />
      )}
    </Dialog>
  );
}
