import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { PatientOut, ThreadSummary } from '../../wire.gen';
import { dayOf, unreadWords, whenShort } from '../../model/words';
import { Avatar, Badge, Banner, Button, EmptyState, Page, SearchField, Spinner, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { AddPatient } from './AddPatient';
import { PendingInvitations } from './PendingInvitations';
import { WaitingWitnessings } from './WaitingWitnessings';
import { WitnessDialog } from './WitnessDialog';

type Case = { id: string; name: string; birth: string; patient: PatientOut | null; threads: ThreadSummary[] };

/** One row a patient: those of one's own caseload, and those whose conversation one was let into. */
function casesOf(patients: PatientOut[], threads: readonly ThreadSummary[]): Case[] {
  const cases = new Map<string, Case>();
  for (const patient of patients)
    cases.set(patient.id, { id: patient.id, name: patient.name, birth: patient.birth_date, patient, threads: [] });
  for (const thread of threads) {
    const found = cases.get(thread.patient) ?? { id: thread.patient, name: thread.patient_name, birth: '', patient: null, threads: [] };
    found.threads.push(thread);
    cases.set(thread.patient, found);
  }
  const latest = (one: Case) => Math.max(0, ...one.threads.map((thread) => thread.last_at ?? thread.created_at));
  return [...cases.values()].sort((a, b) => latest(b) - latest(a) || a.name.localeCompare(b.name));
}

function Faces({ thread }: { thread: ThreadSummary }) {
  const readers = thread.members.filter((member) => member.may_read && !member.is_patient);
  return (
    <span className="faces" title={readers.map((member) => member.name).join(', ')}>
      {readers.slice(0, 4).map((member) => (
        <Avatar key={member.user} name={member.name} size="sm" />
      ))}
    </span>
  );
}

function standingWords(thread: ThreadSummary): string {
  if (thread.standing === 'waiting') return 'Waiting for the patient’s permission';
  if (thread.standing === 'ended') return 'Your permission has ended';
  const readers = thread.members.filter((member) => member.may_read && !member.is_patient).length;
  if (readers === 0) return 'Nobody has the patient’s permission yet';
  return `${readers} ${readers === 1 ? 'clinician reads' : 'clinicians read'} this`;
}

function ThreadRow({ one, thread }: { one: Case; thread: ThreadSummary }) {
  return (
    <li className="case">
      <Avatar name={one.name} patient />
      <div className="grow stack-0">
        <div className="people-line">
          <Link to="/threads/$threadId" params={{ threadId: thread.id }} className="case-link truncate">
            {one.name}
          </Link>
          {thread.labels.map((label) => (
            <Badge key={label}>{label}</Badge>
          ))}
          {thread.closed ? <Badge>Closed</Badge> : null}
          {thread.standing === 'waiting' ? <Badge tone="wait">Waiting</Badge> : thread.standing === 'ended' ? <Badge tone="stop">Ended</Badge> : null}
        </div>
        <span className="small muted truncate">
          {one.birth ? `Born ${dayOf(Date.parse(one.birth))} · ` : ''}
          {standingWords(thread)}
        </span>
      </div>
      {one.patient && !one.patient.account ? <BringIn patient={one.patient} /> : null}
      <Faces thread={thread} />
      <div className="case-side">
        <span className="tiny muted">{thread.last_at ? whenShort(thread.last_at, Date.now()) : 'New'}</span>
        {thread.unread ? <Badge tone="brand">{unreadWords(thread.unread)}</Badge> : null}
      </div>
    </li>
  );
}

function StartRow({ one }: { one: Case }) {
  const { threads } = useModel();
  const navigate = useNavigate();
  const { isActing, act } = useAct();
  const organisation = one.patient?.organisation ?? '';
  const records = useQuery({ queryKey: ['records-key', organisation], queryFn: () => threads.recordsKey(organisation), enabled: organisation !== '' });
  const start = async () => {
    if (!one.patient) return;
    try {
      const threadId = await threads.start(one.patient);
      await navigate({ to: '/threads/$threadId', params: { threadId } });
    } catch (error) {
      toast(error instanceof Error ? error.message : 'The conversation could not be started.', 'stop');
    }
  };
  const hasAccount = Boolean(one.patient?.account);
  return (
    <li className="case">
      <Avatar name={one.name} patient />
      <div className="grow stack-0">
        <span className="strong truncate">{one.name}</span>
        <span className="small muted">
          {hasAccount ? (one.threads.length ? 'No open conversation' : 'No conversation yet') : 'Has no account yet: two witnesses bring in what they permit'}
        </span>
        {records.data ? <span className="small muted">With a records key, {records.data} will be able to open the conversation</span> : null}
      </div>
      <div className="row case-acts">
        {one.patient && !hasAccount ? <BringIn patient={one.patient} /> : null}
        <Button size="sm" icon="message" isPending={isActing} onPress={() => void act(start)}>
          Start a conversation
        </Button>
      </div>
    </li>
  );
}

function BringIn({ patient }: { patient: PatientOut }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" icon="clipboard" onPress={() => setOpen(true)}>
        Bring in a permission<span className="visually-hidden"> of {patient.name}</span>
      </Button>
      {isOpen ? <WitnessDialog patient={patient} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** Closed, and nothing in it waits to be read. */
function isPast(thread: ThreadSummary): boolean {
  return thread.closed && thread.unread === 0;
}

function Closed({ cases }: { cases: readonly Case[] }) {
  const rows = cases.flatMap((one) => one.threads.filter(isPast).map((thread) => <ThreadRow key={thread.id} one={one} thread={thread} />));
  if (rows.length === 0) return null;
  return (
    <details className="closed-cases">
      <summary>Closed conversations ({rows.length})</summary>
      <ul className="case-list" aria-label="Closed conversations">
        {rows}
      </ul>
    </details>
  );
}

export function CaseloadPage() {
  const { threads, patients } = useModel();
  const list = useValue(threads.list);
  const caseload = useQuery({ queryKey: ['patients'], queryFn: () => patients.all() });
  const [text, setText] = useState('');
  const [isAdding, setAdding] = useState(false);
  const cases = casesOf(caseload.data ?? [], list ?? []);
  const shown = cases.filter((one) => one.name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Page
      title="Patients"
      lead="Everyone you care for, and everyone whose conversation you were let into."
      actions={
        <Button look="primary" icon="plus" onPress={() => setAdding(true)}>
          Enrol a patient
        </Button>
      }
    >
      <PendingInvitations />
      <WaitingWitnessings />
      {cases.length > 5 ? <SearchField label="Find a patient" placeholder="Find a patient by name" value={text} onChange={setText} /> : null}
      {caseload.isError ? <Banner tone="stop">The list could not be loaded. {caseload.error.message}</Banner> : null}
      {list === null || caseload.isPending ? (
        <Spinner label="Loading your patients" />
      ) : cases.length === 0 ? (
        <div className="case-list">
          <EmptyState icon="people" title="No patients yet">
            Enrol a patient of your organisation, or wait until a colleague invites you and the patient agrees.
          </EmptyState>
        </div>
      ) : (
        <ul className="case-list" aria-label="Patients">
          {shown.flatMap((one) => {
            const open = one.threads.filter((thread) => !isPast(thread));
            return open.length ? open.map((thread) => <ThreadRow key={thread.id} one={one} thread={thread} />) : one.patient || one.threads.length === 0 ? [<StartRow key={one.id} one={one} />] : [];
          })}
        </ul>
      )}
      <Closed cases={shown} />
      <AddPatient isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}
