import { useState, type SyntheticEvent } from 'react';
import { lookForPatient } from '../../api/emergency';
import { ApiError } from '../../api/errors';
import type { EmergencyFound } from '../../wire.gen';
import { Banner, Button, Card, TextField } from '../kit';
import { useAct } from '../useAct';

/** By full name and birth date alone: who is in care here is a secret of its own. */
export function FindPatient({ onFound }: { onFound: (found: EmergencyFound) => void }) {
  const [name, setName] = useState('');
  const [born, setBorn] = useState('');
  const [isAbsent, setAbsent] = useState(false);
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setAbsent(false);
    void act(async () => {
      try {
        onFound(await lookForPatient({ name: name.trim(), birth_date: born }));
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        setAbsent(true);
      }
    });
  };
  return (
    <Card as="section" label="Find the patient">
      <form className="stack" onSubmit={submit}>
        <h2>Find the patient</h2>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        {isAbsent ? (
          <Banner tone="wait" live>
            Nobody, or more than one person, has exactly this name and birth date.
          </Banner>
        ) : null}
        <div className="filters">
          <TextField label="Full name" autoComplete="off" value={name} onChange={setName} isRequired />
          <TextField label="Born" type="date" value={born} onChange={setBorn} isRequired />
        </div>
        <p className="small muted">That you looked is written down where the patient reads it.</p>
        <Button type="submit" look="primary" icon="search" isPending={isActing}>
          Find
        </Button>
      </form>
    </Card>
  );
}
