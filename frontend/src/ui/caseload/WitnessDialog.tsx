import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { LENGTHS, untilOf, type LengthId } from '../../model/statement';
import { spokenStatement, type Method } from '../../model/witnessing';
import { roleName } from '../../model/words';
import type { DirectoryEntry, PatientOut, WitnessingOut } from '../../wire.gen';
import { Banner, Button, Checkbox, Dialog, Icon, RadioGroup, SearchField, Select, Spinner } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

const METHODS: { id: Method; name: string; detail: string }[] = [
  { id: 'paper', name: 'On paper', detail: 'The patient has signed a form, which you keep' },
  { id: 'verbal', name: 'By word of mouth', detail: 'You both heard the patient say it' },
];

function WhoField({ person, onChange }: { person: DirectoryEntry | null; onChange: (person: DirectoryEntry) => void }) {
  const { directory } = useModel();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ queryKey: ['directory', wanted, 1], queryFn: () => directory.search(wanted, 1), placeholderData: (before) => before });
  if (found.isPending) return <Spinner />;
  const people = found.data?.people ?? [];
  return (
    <>
      <SearchField label="Find the clinician" placeholder="Name or organisation" value={text} onChange={setText} />
      <Select
        label="Who is permitted"
        hint="Never you, and not the other witness."
        choices={people.map((one) => ({ id: one.user, name: one.name, detail: `${roleName(one.role)} · ${one.organisation_name}` }))}
        value={person?.user ?? null}
        onChange={(user) => {
          const chosen = people.find((one) => one.user === user);
          if (chosen) onChange(chosen);
        }}
      />
    </>
  );
}

/** Brings in what a patient without an account said: the first of two witnesses writes it down and signs. */
export function WitnessDialog({ patient, onClose }: { patient: PatientOut; onClose: () => void }) {
  const { witnessing } = useModel();
  const [person, setPerson] = useState<DirectoryEntry | null>(null);
  const [method, setMethod] = useState<Method>('paper');
  const [length, setLength] = useState<LengthId>('half');
  const [withHistory, setHistory] = useState(false);
  const [mayInvite, setInvite] = useState(false);
  const [made, setMade] = useState<WitnessingOut | null>(null);
  const { isActing, trouble, act } = useAct();
  const [now] = useState(() => Date.now());
  const wish = person ? { person, method, mayInvite, withHistory, until: untilOf(length, now) } : null;
  const sign = () =>
    act(async () => {
      if (wish) setMade(await witnessing.permit(patient, wish));
    });
  if (made)
    return (
      <Dialog title="Now the second witness" isOpen onClose={onClose} size="sm" footer={<Button look="primary" onPress={onClose}>Done</Button>}>
        <p>A colleague on this patient’s care team who may witness finds this on their page of patients. Nothing opens before they have signed.</p>
        <p className="small muted">It waits for three days.</p>
      </Dialog>
    );
  return (
    <Dialog
      title={`What ${patient.name} has permitted`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isPending={isActing} isDisabled={!wish} onPress={() => void sign()}>
            I witnessed this
          </Button>
        </>
      }
    >
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <WhoField person={person} onChange={setPerson} />
      <RadioGroup label="How the patient said it" choices={METHODS} value={method} onChange={setMethod} />
      <Select label="For how long" choices={LENGTHS} value={length} onChange={setLength} />
      <Checkbox isSelected={withHistory} onChange={setHistory}>
        They may read what was written before
      </Checkbox>
      <Checkbox isSelected={mayInvite} onChange={setInvite}>
        They may let in others whom the patient has permitted
      </Checkbox>
      {wish ? (
        <p className="statement">
          <Icon name="shield" />
          <span>{spokenStatement(patient, wish, now)}</span>
        </p>
      ) : null}
    </Dialog>
  );
}
