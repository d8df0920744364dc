import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { endAuthority, fetchBlocks, fetchRepresentatives, fetchStanding, inviteRepresentative, liftBlock, placeBlock, recordAuthority } from '../../api/office';
import { STATE_WORDS, TYPE_WORDS } from '../../model/office';
import { dayOf } from '../../model/words';
import type { AuthorityOut, OfficePatient, RepresentativeCode } from '../../wire.gen';
import { Badge, Banner, Button, Dialog, Select, Spinner, TextArea, TextField } from '../kit';
import { useAct } from '../useAct';

const TYPES = (Object.keys(TYPE_WORDS) as AuthorityOut['type'][]).map((id) => ({ id, name: TYPE_WORDS[id] }));

function until(one: AuthorityOut): string {
  if (one.ages_out) return ` · ends on ${dayOf(Date.parse(one.ages_out))}, when the patient comes of age`;
  return one.valid_until ? ` · until ${dayOf(one.valid_until)}` : '';
}

function RecordAuthority({ patient, people, onDone }: { patient: string; people: { id: string; name: string }[]; onDone: () => Promise<void> }) {
  const [person, setPerson] = useState<string | null>(null);
  const [type, setType] = useState<AuthorityOut['type']>('parent');
  const [evidence, setEvidence] = useState('');
  const [until, setUntil] = useState('');
  const { isActing, trouble, act } = useAct();
  const save = () =>
    act(async () => {
      if (!person) return;
      const valid_until = until ? Date.parse(until) : null;
      await recordAuthority(patient, { person, type, evidence: evidence.trim(), scope: [], activation: 'by_type', valid_from: null, valid_until });
      setEvidence('');
      setPerson(null);
      await onDone();
    });
  return (
    <section className="stack" aria-label="Record an authority">
      <h3>Record who may act</h3>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <div className="filters">
        <Select label="Person" choices={people} value={person} onChange={setPerson} />
        <Select label="As" choices={TYPES} value={type} onChange={setType} />
        <TextField label="Until (if it ends)" type="date" value={until} onChange={setUntil} />
      </div>
      <TextArea label="Which document you have seen" hint="A birth certificate, a court order, a power of attorney, with its date" value={evidence} onChange={setEvidence} rows={2} />
      <div>
        <Button look="primary" isPending={isActing} isDisabled={!person || evidence.trim().length < 3} onPress={() => void save()}>
          Record
        </Button>
      </div>
    </section>
  );
}

function KeepAway({ patient, people }: { patient: string; people: { id: string; name: string }[] }) {
  const blocks = useQuery({ queryKey: ['blocks', patient], queryFn: () => fetchBlocks(patient) });
  const [person, setPerson] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const refresh = () => cache.invalidateQueries({ queryKey: ['blocks', patient] });
  const place = () =>
    act(async () => {
      if (!person) return;
      await placeBlock(patient, { person, reason: reason.trim() });
      setReason('');
      await refresh();
    });
  const lift = (id: string) =>
    act(async () => {
      await liftBlock(id);
      await refresh();
    });
  return (
    <section className="stack" aria-label="Keep somebody away">
      <h3>Keep somebody away</h3>
      <p className="small muted">Whoever is kept away is not told. The patient’s page is simply not there for them.</p>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      {(blocks.data?.blocks ?? []).map((one) => (
        <div className="row" key={one.id}>
          <span className="grow stack-0">
            <span className="strong">{one.name}</span>
            <span className="small muted">
              {one.reason} · since {dayOf(one.since)}
              {one.until ? ` · lifted ${dayOf(one.until)}` : ''}
            </span>
          </span>
          {one.until ? null : (
            <Button size="sm" isPending={isActing} onPress={() => void lift(one.id)}>
              Lift
            </Button>
          )}
        </div>
      ))}
      <div className="filters">
        <Select label="Who is kept away" choices={people} value={person} onChange={setPerson} />
        <TextField label="Why, and by whose order" value={reason} onChange={setReason} />
      </div>
      <div>
        <Button look="danger-quiet" isPending={isActing} isDisabled={!person || reason.trim().length < 3} onPress={() => void place()}>
          Keep away
        </Button>
      </div>
    </section>
  );
}

/** Who acts for one patient, as the privacy officer keeps it. */
export function PatientStanding({ patient, onClose }: { patient: OfficePatient; onClose: () => void }) {
  const standing = useQuery({ queryKey: ['standing', patient.id], queryFn: () => fetchStanding(patient.id) });
  const taken = useQuery({ queryKey: ['representatives', patient.id], queryFn: () => fetchRepresentatives(patient.id) });
  const [code, setCode] = useState<RepresentativeCode | null>(null);
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const refresh = async () => {
    await cache.invalidateQueries({ queryKey: ['standing', patient.id] });
    await cache.invalidateQueries({ queryKey: ['representatives', patient.id] });
    await cache.invalidateQueries({ queryKey: ['house-patients'] });
  };
  const end = (id: string) =>
    act(async () => {
      await endAuthority(id);
      await refresh();
    });
  const invite = () => act(async () => setCode(await inviteRepresentative(patient.id)));
  const people = (taken.data?.people ?? []).map((one) => ({ id: one.person, name: one.name }));
  return (
    <Dialog title={`Who acts for ${patient.name}`} isOpen onClose={onClose} size="lg" footer={<Button onPress={onClose}>Close</Button>}>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      {standing.isPending ? <Spinner label="Looking" /> : null}
      {standing.data && standing.data.authorities.length === 0 ? <p>Nobody acts for this patient.</p> : null}
      {(standing.data?.authorities ?? []).map((one) => (
        <div className="row" key={one.id}>
          <span className="grow stack-0">
            <span className="people-line">
              <span className="strong">{one.name}</span>
              <Badge tone={one.state === 'acts' ? 'good' : 'wait'}>{STATE_WORDS[one.state]}</Badge>
            </span>
            <span className="small muted">
              {TYPE_WORDS[one.type]} since {dayOf(one.valid_from)}
              {until(one)}
            </span>
          </span>
          <Button size="sm" look="danger-quiet" isPending={isActing} onPress={() => void end(one.id)}>
            End<span className="visually-hidden"> {one.name}’s authority</span>
          </Button>
        </div>
      ))}
      {people.length ? <RecordAuthority patient={patient.id} people={people.filter((one) => !taken.data?.people.some((other) => other.person === one.id && other.acts))} onDone={refresh} /> : null}
      <section className="stack" aria-label="A new account">
        <h3>Somebody who has no account yet</h3>
        {code ? (
          <>
            <p>Give this code to the person, after you have seen who they are. It works once, until {dayOf(code.expires)}.</p>
            <p className="code-plate mono">{code.enrolment_code}</p>
          </>
        ) : (
          <div>
            <Button icon="personAdd" isPending={isActing} onPress={() => void invite()}>
              Make a code
            </Button>
          </div>
        )}
        <p className="small muted">A code makes an account and no authority: that is yours to record, here, when they have used it.</p>
      </section>
      {people.length ? <KeepAway patient={patient.id} people={people} /> : null}
    </Dialog>
  );
}
