import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { entrust, fetchDuties, relieve } from '../../api/office';
import { searchDirectory } from '../../api/people';
import { DUTY_WORDS, type Duty } from '../../model/office';
import { dayOf } from '../../model/words';
import type { DutyOut } from '../../wire.gen';
import { Banner, Button, Card, Dialog, EmptyState, RadioGroup, Select, Spinner, Table } from '../kit';
import { useAct } from '../useAct';

const KINDS = (Object.keys(DUTY_WORDS) as Duty[]).map((id) => ({ id, ...DUTY_WORDS[id] }));

function Entrust({ house, onClose }: { house: string; onClose: () => void }) {
  const staff = useQuery({ queryKey: ['house-staff', house], queryFn: async () => (await searchDirectory('')).people.filter((one) => one.organisation === house) });
  const [user, setUser] = useState<string | null>(null);
  const [kind, setKind] = useState<Duty>('witness');
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const give = () =>
    act(async () => {
      if (!user) return;
      await entrust(house, { user, kind });
      await cache.invalidateQueries({ queryKey: ['duties', house] });
      onClose();
    });
  return (
    <Dialog
      title="Give somebody a duty"
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isPending={isActing} isDisabled={!user} onPress={() => void give()}>
            Give the duty
          </Button>
        </>
      }
    >
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <Select label="Who" choices={(staff.data ?? []).map((one) => ({ id: one.user, name: one.name }))} value={user} onChange={setUser} />
      <RadioGroup label="Duty" choices={KINDS} value={kind} onChange={setKind} />
    </Dialog>
  );
}

/** Who holds which duty in the house; giving and taking back. */
export function DutiesCard({ house }: { house: string }) {
  const duties = useQuery({ queryKey: ['duties', house], queryFn: () => fetchDuties(house) });
  const [isGiving, setGiving] = useState(false);
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const take = (one: DutyOut) =>
    act(async () => {
      await relieve(house, one);
      await cache.invalidateQueries({ queryKey: ['duties', house] });
    });
  if (duties.isPending) return <Spinner label="Loading the duties" />;
  const rows = duties.data?.duties ?? [];
  return (
    <Card as="section" label="Duties">
      <div className="stack">
      <div className="row">
        <p className="grow muted">A duty counts from the moment it is given, and no longer than it is held.</p>
        <Button icon="personAdd" onPress={() => setGiving(true)}>
          Give a duty
        </Button>
      </div>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      {rows.length ? (
        <Table
          caption="Duties of the house"
          hideCaption
          rows={rows}
          rowKey={(one) => `${one.user} ${one.kind}`}
          columns={[
            { id: 'who', name: 'Who', header: true, cell: (one) => one.name },
            { id: 'what', name: 'Duty', cell: (one) => DUTY_WORDS[one.kind].name },
            { id: 'since', name: 'Since', cell: (one) => dayOf(one.since) },
            {
              id: 'end',
              name: 'End',
              narrow: true,
              cell: (one) => (
                <Button size="sm" look="danger-quiet" isPending={isActing} onPress={() => void take(one)}>
                  Take back<span className="visually-hidden"> from {one.name}</span>
                </Button>
              ),
            },
          ]}
        />
      ) : (
        <EmptyState icon="shield" title="Nobody holds a duty" />
      )}
      {isGiving ? <Entrust house={house} onClose={() => setGiving(false)} /> : null}
      </div>
    </Card>
  );
}
