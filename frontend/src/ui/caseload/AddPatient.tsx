import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PatientEnrolment } from '../../wire.gen';
import { dayOf } from '../../model/words';
import { Banner, Button, Dialog, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

/** Enrols a patient of one's own organisation and shows the code to hand over, once. */
export function AddPatient({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { patients } = useModel();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [birth, setBirth] = useState('');
  const [made, setMade] = useState<PatientEnrolment | null>(null);
  const { isActing, trouble, act } = useAct();
  const close = () => {
    setMade(null);
    setName('');
    setBirth('');
    onClose();
  };
  const enrol = () =>
    act(async () => {
      setMade(await patients.enrol(name.trim(), birth));
      await cache.invalidateQueries({ queryKey: ['patients'] });
    });
  return (
    <Dialog
      title={made ? 'Hand over this code' : 'Enrol a patient'}
      isOpen={isOpen}
      onClose={close}
      size="sm"
      footer={
        made ? (
          <Button look="primary" onPress={close}>
            Done
          </Button>
        ) : (
          <>
            <Button onPress={close}>Cancel</Button>
            <Button look="primary" isPending={isActing} isDisabled={!name.trim()} onPress={() => void enrol()}>
              Enrol
            </Button>
          </>
        )
      }
    >
      {made ? (
        <>
          <p>
            Give this code to {made.patient.name} in person. It works once, until {dayOf(made.expires)}.
          </p>
          <p className="code-plate mono">{made.enrolment_code}</p>
          <p className="small muted">They open this address on their own phone or computer and choose “I have an enrolment code”.</p>
        </>
      ) : (
        <>
          {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
          <TextField label="Name" value={name} onChange={setName} isRequired />
          <TextField label="Date of birth" type="date" value={birth} onChange={setBirth} />
        </>
      )}
    </Dialog>
  );
}
