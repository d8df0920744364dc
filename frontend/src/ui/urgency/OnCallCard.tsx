import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { searchDirectory } from '../../api/people';
import { fetchOnCall, giveRole, openRole } from '../../api/urgency';
import { newId } from '../../model/bytes';
import { momentOf } from '../../model/words';
import type { OnCallRoleOut, OnCallRoles } from '../../wire.gen';
import { Badge, Banner, Button, Card, EmptyState, Select, Spinner, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

function Role({ role, staff, act }: { role: OnCallRoleOut; staff: { id: string; name: string }[]; act: (work: () => Promise<OnCallRoles>) => void }) {
  const { session } = useModel();
  const me = useValue(session.me)?.id ?? '';
  const [to, setTo] = useState<string | null>(null);
  const held = role.turns.find((turn) => turn.until === null);
  return (
    <li className="stack-2 on-call">
      <div className="row-between">
        <span className="stack-0">
          <span className="strong">{role.name}</span>
          <span className="small muted">{held ? `${held.name}, since ${momentOf(held.since)}` : 'Nobody is on duty'}</span>
        </span>
        {held?.user === me ? (
          <Badge tone="good">You are on duty</Badge>
        ) : (
          <Button size="sm" onPress={() => act(() => giveRole(role.id, { user: me }))}>
            Take<span className="visually-hidden"> {role.name}</span>
          </Button>
        )}
      </div>
      {role.may_give ? (
        <div className="row urgency-line">
          <Select label={`Hand ${role.name} to`} choices={staff.filter((one) => one.id !== held?.user)} value={to} onChange={setTo} />
          <Button size="sm" isDisabled={!to} onPress={() => to && act(() => giveRole(role.id, { user: to }))}>
            Hand over
          </Button>
        </div>
      ) : null}
      {role.turns.length > 1 ? (
        <details>
          <summary className="small">Who was on duty before</summary>
          <ul className="small muted">
            {role.turns.map((turn) =>
              turn.until === null ? null : (
                <li key={turn.since}>
                  {turn.name}, {momentOf(turn.since)} to {momentOf(turn.until)}
                </li>
              ),
            )}
          </ul>
        </details>
      ) : null}
    </li>
  );
}

/** Who is on duty in the house: taking a role, handing it on, and who had it before. */
export function OnCallCard({ house }: { house: string }) {
  const roles = useQuery({ queryKey: ['on-call', house], queryFn: () => fetchOnCall(house) });
  const staff = useQuery({ queryKey: ['house-staff', house], queryFn: async () => (await searchDirectory('')).people.filter((one) => one.organisation === house) });
  const [name, setName] = useState('');
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const change = (work: () => Promise<OnCallRoles>) =>
    void act(async () => {
      cache.setQueryData(['on-call', house], await work());
    });
  if (roles.isPending) return <Spinner label="Loading who is on duty" />;
  const rows = roles.data?.roles ?? [];
  return (
    <Card as="section" label="On call">
      <div className="stack">
        <h2>On call</h2>
        <p className="muted">An urgent message can be addressed to a role. It reaches whoever is on duty then, if the patient lets them read the conversation.</p>
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : null}
        {rows.length ? (
          <ul className="stack">
            {rows.map((role) => (
              <Role key={role.id} role={role} staff={(staff.data ?? []).map((one) => ({ id: one.user, name: one.name }))} act={change} />
            ))}
          </ul>
        ) : (
          <EmptyState icon="clock" title="No roles yet" />
        )}
        {roles.data?.may_open ? (
          <div className="row urgency-line">
            <TextField label="New role" value={name} onChange={setName} maxLength={80} placeholder="Crisis line, weekends" />
            <Button isPending={isActing} isDisabled={!name.trim()} onPress={() => change(async () => openRole(house, { id: newId(), name: name.trim() }).finally(() => setName('')))}>
              Add
            </Button>
          </div>
        ) : null}
      </div>
    </Card>
  );
}
