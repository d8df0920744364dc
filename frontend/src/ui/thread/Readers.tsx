import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ThreadReader } from '../../wire.gen';
import { dayOf, roleName, shortDayOf } from '../../model/words';
import { Avatar, Badge, Button, Icon, Spinner } from '../kit';
import { useModel, useValue } from '../useModel';
import { KeyDialog } from './KeyDialog';

function Reader({ reader, isMe, isVerified, onCompare }: { reader: ThreadReader; isMe: boolean; isVerified: boolean; onCompare: (() => void) | null }) {
  const place = reader.is_patient ? 'patient' : `${roleName(reader.role)}${reader.organisation_name ? ` · ${reader.organisation_name}` : ''}`;
  return (
    <li className="reader">
      <Avatar name={reader.name} size="sm" patient={reader.is_patient} />
      <div className="stack-0 grow">
        <span className="strong">
          {reader.name}
          {isMe ? ' (you)' : ''}
        </span>
        <span className="small muted">{place}</span>
        {isMe ? null : (
          <span className="row">
            {isVerified ? <Badge tone="good">Verified in person</Badge> : <Badge>Certified</Badge>}
            {onCompare ? (
              <Button look="quiet" size="sm" onPress={onCompare} aria-label={`Compare keys with ${reader.name}`}>
                Compare
              </Button>
            ) : null}
          </span>
        )}
        <span className="tiny muted">
          {reader.is_patient ? 'Always, by right' : `Since ${shortDayOf(reader.since)}${reader.until ? `, until ${dayOf(reader.until)}` : ''}`}
        </span>
      </div>
    </li>
  );
}

/** The standing answer to "who can read this now", as the log and consent both say, and who is still waited for. */
export function Readers({ threadId, version, onInvite }: { threadId: string; version: number; onInvite: (() => void) | null }) {
  const { threads, session } = useModel();
  const thread = threads.open(threadId);
  const view = useValue(thread.view);
  const [comparing, setComparing] = useState<ThreadReader | null>(null);
  const me = useValue(session.me);
  const invitations = useValue(threads.invitations);
  const readers = useQuery({ queryKey: ['readers', threadId, version], queryFn: () => threads.readers(threadId), placeholderData: (before) => before });
  const waiting = (invitations?.sent ?? []).filter((one) => one.thread === threadId && (one.state === 'asked' || one.state === 'agreed'));
  return (
    <section className="side-block" aria-labelledby="readers-title">
      <h2 className="side-title" id="readers-title">
        <span className="row">
          <Icon name="eye" size={18} /> Who can read this now
        </span>
      </h2>
      {readers.isPending ? <Spinner /> : null}
      <ul className="reader-list">
        {(readers.data?.readers ?? []).map((reader) => (
          <Reader
            key={reader.user}
            reader={reader}
            isMe={reader.user === me?.id}
            isVerified={view.verified.has(reader.user)}
            onCompare={view.phase === 'ready' ? () => setComparing(reader) : null}
          />
        ))}
      </ul>
      {view.phrase ? (
        <p className="tiny muted">
          All who read this conversation see the same six words: <span className="thread-phrase">{view.phrase}</span>
        </p>
      ) : null}
      {view.recordsKey ? (
        <p className="small records-key">
          <Icon name="key" size={18} />
          <span>
            <span className="strong">{view.recordsKey}</span> can open this conversation with a records key. When they do, the patient’s
            ledger says so.
          </span>
        </p>
      ) : null}
      {comparing ? <KeyDialog comparing={threads.comparingIn(threadId, comparing.user)} person={comparing} onClose={() => setComparing(null)} /> : null}
      {waiting.length ? (
        <>
          <h3 className="side-title">Waiting for the patient’s permission</h3>
          <ul className="reader-list">
            {waiting.map((one) => (
              <li key={one.id} className="reader">
                <Avatar name={one.invitee_name} size="sm" />
                <div className="stack-0 grow">
                  <span className="strong">{one.invitee_name}</span>
                  <span className="small muted">
                    {roleName(one.role)} · {one.invitee_organisation}
                  </span>
                  <span>
                    <Badge tone="wait">{one.state === 'asked' ? 'Sees nothing yet' : 'Agreed, being let in'}</Badge>
                  </span>
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {onInvite ? (
        <Button icon="personAdd" wide onPress={onInvite}>
          Invite a colleague
        </Button>
      ) : null}
    </section>
  );
}
