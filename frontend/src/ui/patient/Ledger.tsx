import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LedgerFilter, LedgerRow } from '../../model/ledger';
import { LEDGER } from '../../model/plain/ledger';
import { dayOf, momentOf } from '../../model/words';
import { Badge, Banner, Button, Card, EmptyState, Page, Select, Spinner, Table, type Column } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { saveFile } from './saveFile';

const KINDS: { id: LedgerFilter; name: string }[] = [
  { id: '', name: LEDGER.everything },
  { id: 'read', name: LEDGER.read },
  { id: 'write', name: LEDGER.write },
  { id: 'consent', name: LEDGER.consent },
  { id: 'call', name: LEDGER.call },
  { id: 'refused', name: LEDGER.refused },
  { id: 'looks', name: LEDGER.looks },
];

const COLUMNS: Column<LedgerRow>[] = [
  {
    id: 'who',
    name: LEDGER.who,
    header: true,
    cell: (row) => (
      <span className="stack-0">
        <span>{row.who}</span>
        {row.organisation ? <span className="small muted">{row.organisation}</span> : null}
      </span>
    ),
  },
  { id: 'what', name: LEDGER.what, cell: (row) => row.what },
  { id: 'when', name: LEDGER.when, cell: (row) => <time dateTime={new Date(row.at).toISOString()}>{momentOf(row.at)}</time> },
  { id: 'why', name: LEDGER.why, cell: (row) => row.why },
  { id: 'outcome', name: LEDGER.outcome, narrow: true, cell: (row) => <Badge tone={row.tone}>{row.outcome}</Badge> },
];

/** Everybody who did something, with how often. */
function People({ patient, kind }: { patient: string; kind: LedgerFilter }) {
  const { ledger } = useModel();
  const people = useQuery({ queryKey: ['ledger-people', patient, kind], queryFn: () => ledger.people(patient, kind) });
  if (!people.data?.length) return null;
  return (
    <Card as="section" label={LEDGER.people}>
      <h2>{LEDGER.people}</h2>
      <ul className="facts">
        {people.data.map((one) => (
          <li className="fact" key={one.id}>
            <span className="stack-0">
              <span className="strong">{one.who}</span>
              {one.organisation ? <span className="small muted">{one.organisation}</span> : null}
            </span>
            <span>
              {LEDGER.times(one.times)}, {LEDGER.last(dayOf(one.last))}
              {one.refused ? <Badge tone="stop">{LEDGER.wasStopped(one.refused)}</Badge> : null}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The whole list with its proofs, as a file to keep. */
function Keep({ patient }: { patient: string }) {
  const { ledger } = useModel();
  const { isActing, trouble, act } = useAct();
  const keep = () => act(async () => saveFile({ name: LEDGER.copyName, text: await ledger.copy(patient) }));
  return (
    <Card as="section" label={LEDGER.keep}>
      <p>{LEDGER.keepWhy}</p>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <div className="request-acts">
        <Button icon="clipboard" isPending={isActing} onPress={() => void keep()}>
          {LEDGER.keep}
        </Button>
        <a className="button button-quiet button-md" href="/api/ledger/verify_report.py" download>
          {LEDGER.program}
        </a>
      </div>
    </Card>
  );
}

/** The patient's ledger: who, what, when, why, and what came of it. */
export function LedgerPage() {
  const { ledger, session } = useModel();
  const me = useValue(session.me);
  const [kind, setKind] = useState<LedgerFilter>('');
  const rows = useInfiniteQuery({
    queryKey: ['ledger', me?.patient, kind],
    queryFn: ({ pageParam }) => ledger.page(me?.patient ?? '', kind, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next,
  });
  const shown = rows.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Page title={LEDGER.title} lead={LEDGER.lead}>
      <div className="filters">
        <Select label={LEDGER.show} choices={KINDS} value={kind} onChange={setKind} />
      </div>
      {rows.isError ? <Banner tone="stop" live>{LEDGER.failed} {rows.error.message}</Banner> : null}
      {rows.isPending ? (
        <Spinner label={LEDGER.loading} />
      ) : shown.length ? (
        <Table caption={LEDGER.caption} hideCaption columns={COLUMNS} rows={shown} rowKey={(row) => row.id} />
      ) : (
        <EmptyState icon="eye" title={LEDGER.none}>
          {LEDGER.noneMore}
        </EmptyState>
      )}
      {me?.patient ? <People patient={me.patient} kind={kind} /> : null}
      {me?.patient ? <Keep patient={me.patient} /> : null}
      {rows.hasNextPage ? (
        <div className="pager">
          <Button isPending={rows.isFetchingNextPage} onPress={() => void rows.fetchNextPage()}>
            {LEDGER.earlier}
          </Button>
        </div>
      ) : null}
    </Page>
  );
}
