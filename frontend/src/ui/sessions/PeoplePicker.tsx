import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { roleName } from '../../model/words';
import type { ThreadMember } from '../../wire.gen';
import { Avatar, Badge, Button, SearchField, Select } from '../kit';
import { useModel } from '../useModel';

export type Place = 'required' | 'optional' | 'no';
export type Chosen = ThreadMember & { place: Place };

const PLACES: { id: Place; name: string }[] = [
  { id: 'required', name: 'Must be there' },
  { id: 'optional', name: 'Optional' },
  { id: 'no', name: 'Not this time' },
];

function AddColleague({ known, onAdd }: { known: ReadonlySet<string>; onAdd: (person: Chosen) => void }) {
  const { directory } = useModel();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ queryKey: ['directory', wanted], queryFn: () => directory.search(wanted), enabled: wanted.length > 1 });
  const others = (found.data?.people ?? []).filter((person) => !known.has(person.user));
  return (
    <div className="stack-2">
      <SearchField label="Add somebody who is not in the conversation" hideLabel={false} placeholder="Name or organisation" value={text} onChange={setText} />
      {wanted.length > 1 ? (
        <ul className="session-people" aria-label="Colleagues found">
          {others.slice(0, 6).map((person) => (
            <li key={`${person.user}-${person.organisation}`} className="session-person">
              <Avatar name={person.name} size="sm" />
              <span className="grow stack-0">
                <span className="strong">{person.name}</span>
                <span className="small muted">
                  {roleName(person.role)} · {person.organisation_name}
                </span>
              </span>
              <Button
                size="sm"
                aria-label={`Add ${person.name}`}
                onPress={() => {
                  setText('');
                  onAdd({ ...person, is_patient: false, may_read: false, place: 'required' });
                }}
              >
                Add
              </Button>
            </li>
          ))}
          {found.isSuccess && others.length === 0 ? <li className="small muted">Nobody by that name who is not listed already.</li> : null}
        </ul>
      ) : null}
    </div>
  );
}

/** Who is to come, and whether it can take place without them. */
export function PeoplePicker({
  people,
  onChange,
  patientMustCome,
  own,
}: {
  people: readonly Chosen[];
  onChange: (people: Chosen[]) => void;
  patientMustCome: boolean;
  own: string;
}) {
  const place = (user: string, where: Place) => onChange(people.map((one) => (one.user === user ? { ...one, place: where } : one)));
  return (
    <fieldset className="stack-2">
      <legend className="field-label">Who is to come, besides you</legend>
      <ul className="session-people">
        {people.map((one) => (
          <li key={one.user} className="session-person session-person-wide">
            <Avatar name={one.name} patient={one.is_patient} />
            <span className="grow stack-0">
              <span className="strong">{one.name}</span>
              <span className="small muted">{one.is_patient ? 'the patient' : `${roleName(one.role)} · ${one.organisation_name}`}</span>
              {one.may_read || one.is_patient ? null : <Badge tone="wait">Needs the patient’s permission</Badge>}
            </span>
            <Select
              label={`${one.name} comes`}
              hideLabel
              choices={PLACES}
              value={one.place}
              onChange={(where) => place(one.user, where)}
              isDisabled={one.is_patient && patientMustCome}
            />
          </li>
        ))}
      </ul>
      <AddColleague known={new Set([own, ...people.map((one) => one.user)])} onAdd={(person) => onChange([...people, person])} />
    </fieldset>
  );
}
