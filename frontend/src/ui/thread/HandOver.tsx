import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { firstNameOf } from '../../model/words';
import type { PatientOut } from '../../wire.gen';
import { Banner, Button, Dialog } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

function HandOverDialog({ patient, onClose }: { patient: PatientOut; onClose: () => void }) {
  const { witnessing } = useModel();
  const { isActing, trouble, act } = useAct();
  const name = firstNameOf(patient.name);
  const sign = () =>
    act(async () => {
      await witnessing.handOver(patient);
      onClose();
    });
  return (
    <Dialog
      title={`Hand over to ${patient.name}`}
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" icon="key" isPending={isActing} onPress={() => void sign()}>
            I have seen {name} sign in
          </Button>
        </>
      }
    >
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <p>{name} has an account now, with a key of their own. From here on {name} alone decides who reads, and witnesses no longer can.</p>
      <p>What was permitted so far stays in force until its own end, or until {name} takes it back.</p>
      <p className="small muted">Sign only when you know that it is {name} who holds this account. A second witness on the care team signs after you.</p>
    </Dialog>
  );
}

/** Where witnesses spoke for a patient who has an account by now: the first of two gives the decision to the patient. */
export function HandOver({ patientId }: { patientId: string }) {
  const { patients, witnessing } = useModel();
  const [isOpen, setOpen] = useState(false);
  const waiting = useValue(witnessing.waiting);
  const caseload = useQuery({ queryKey: ['patients'], queryFn: () => patients.all() });
  const patient = caseload.data?.find((one) => one.id === patientId);
  if (!patient?.account) return null;
  const isUnderWay = waiting?.some((one) => one.kind === 'authority' && one.patient === patientId);
  return (
    <section className="side-block stack-2" aria-label="Hand over">
      <p className="small">{isUnderWay ? `The hand-over to ${patient.name} waits for its second witness.` : `${patient.name} has an account by now and could decide alone.`}</p>
      {isUnderWay ? null : (
        <div>
          <Button size="sm" icon="key" onPress={() => setOpen(true)}>
            Hand over to {firstNameOf(patient.name)}
          </Button>
        </div>
      )}
      {isOpen ? <HandOverDialog patient={patient} onClose={() => setOpen(false)} /> : null}
    </section>
  );
}
