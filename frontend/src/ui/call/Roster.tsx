import type { RoomPerson } from '../../wire.gen';
import type { Call, CallView } from '../../model/call';
import { clockOf, roleName, shortDayOf } from '../../model/words';
import { Avatar, Badge, Button, Menu, Switch, toast } from '../kit';
import { inWords } from '../../api/errors';

const STATE_WORDS: Record<RoomPerson['state'], string> = {
  invited: 'Invited',
  knocking: 'Waiting to be let in',
  waiting_consent: 'Waiting for permission',
  admitted: 'Connecting',
  connected: 'In the call',
  on_hold: 'On hold',
  left: 'Left',
  denied: 'Refused',
  removed: 'Put out',
};

function attempt(work: Promise<void>): void {
  work.catch((error: unknown) => toast(inWords(error), 'stop'));
}

function permissionLine(person: RoomPerson): string {
  if (person.is_patient) return 'By right: this is about them';
  const permission = person.permission[0];
  return permission ? `Permission by ${permission.granted_by}, since ${shortDayOf(permission.since)}` : 'No permission';
}

function HostMenu({ call, person }: { call: Call; person: RoomPerson }) {
  const isOnHold = person.state === 'on_hold';
  return (
    <Menu
      label={`What to do with ${person.name}`}
      choices={[
        { id: 'hold', name: isOnHold ? 'Bring back into the call' : 'Put on hold', icon: isOnHold ? 'people' : 'pause', onAction: () => attempt(call.hold(person.user, !isOnHold)) },
        ...(person.is_patient || isOnHold ? [] : [{ id: 'host', name: 'Make host', icon: 'people' as const, onAction: () => attempt(call.handOver(person.user)) }]),
        ...(person.is_patient ? [] : [{ id: 'remove', name: 'Put out of the call', icon: 'leave' as const, danger: true, onAction: () => attempt(call.remove(person.user)) }]),
      ]}
    />
  );
}

function Person({ call, person, isHost, isMe, refusal }: { call: Call; person: RoomPerson; isHost: boolean; isMe: boolean; refusal: string | undefined }) {
  const isHere = person.state === 'connected' || person.state === 'on_hold';
  return (
    <li className="reader">
      <Avatar name={person.name} size="sm" patient={person.is_patient} />
      <div className="stack-0 grow">
        <span className="strong">
          {person.name}
          {isMe ? ' (you)' : ''}
        </span>
        <span className="small muted">
          {roleName(person.role)}
          {person.organisation ? ` · ${person.organisation}` : ''}
          {person.is_host ? ' · host' : ''}
        </span>
        <span className="tiny muted">{permissionLine(person)}</span>
        <span className="row tiny">
          <Badge tone={person.state === 'connected' ? 'good' : person.state === 'on_hold' ? 'wait' : 'plain'}>{STATE_WORDS[person.state]}</Badge>
          {isHere ? <span className="muted">since {clockOf(person.since)}</span> : null}
          {refusal ? <Badge tone="stop">Not verified ({refusal})</Badge> : null}
        </span>
      </div>
      {isHost && isHere && !isMe ? <HostMenu call={call} person={person} /> : null}
    </li>
  );
}

/** Who waits at the door: the host lets each in by name. */
export function Waiting({ call, view }: { call: Call; view: CallView }) {
  const knocking = view.people.filter((person) => person.state === 'knocking');
  if (!view.isHost || knocking.length === 0) return null;
  return (
    <section className="side-block waiting" aria-labelledby="waiting-title" role="status">
      <h2 className="side-title" id="waiting-title">
        Waiting in the lobby ({knocking.length})
      </h2>
      {knocking.length > 1 ? (
        <Button size="sm" icon="people" onPress={() => attempt(call.admitAll())}>
          Admit all {knocking.length}
        </Button>
      ) : null}
      <ul className="reader-list">
        {knocking.map((person) => (
          <li key={person.user} className="reader">
            <Avatar name={person.name} size="sm" patient={person.is_patient} />
            <div className="stack-0 grow">
              <span className="strong">{person.name}</span>
              <span className="small muted">
                {roleName(person.role)}
                {person.organisation ? ` · ${person.organisation}` : ''}
              </span>
              <span className="row">
                <Button size="sm" look="primary" onPress={() => attempt(call.admit(person))} aria-label={`Admit ${person.name}`}>
                  {person.is_patient && view.room?.patient_waits ? 'Admit, on hold first' : 'Admit'}
                </Button>
                {person.is_patient ? null : (
                  <Button size="sm" onPress={() => attempt(call.remove(person.user))} aria-label={`Refuse ${person.name}`}>
                    Refuse
                  </Button>
                )}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The host's word that nobody new may knock. */
export function DoorLock({ call, view }: { call: Call; view: CallView }) {
  return (
    <section className="side-block" aria-label="The door">
      <Switch isSelected={view.isLocked} onChange={(on) => attempt(call.lock(on))}>
        Lock the call
      </Switch>
      <p className="small muted">
        {view.isLocked ? 'Nobody new can ask to come in. Whoever was here can come back, and the patient always can.' : 'Anyone invited can ask to come in, and waits for you.'}
      </p>
    </section>
  );
}

export function Roster({ call, view, me }: { call: Call; view: CallView; me: string }) {
  return (
    <section className="side-block" aria-labelledby="roster-title">
      <h2 className="side-title" id="roster-title">
        Who is here, and by what permission
      </h2>
      <ul className="reader-list">
        {view.people
          .filter((person) => person.state !== 'knocking')
          .map((person) => (
            <Person key={person.user} call={call} person={person} isHost={view.isHost} isMe={person.user === me} refusal={view.refused.get(person.user)} />
          ))}
      </ul>
      {view.phrase ? (
        <div className="phrase">
          <p className="small muted">If in doubt, compare this number by voice. Everybody in the call must see the same.</p>
          <p className="mono strong">{view.phrase}</p>
        </div>
      ) : null}
    </section>
  );
}
