import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LedgerFilter, LedgerRow } from '../../model/ledger';
import { LEDGER } from '../../model/plain/ledger';
import { momentOf } from '../../model/words';
import { Badge, Banner, Button, EmptyState, Page, Select, Spinner, Table, type Column } from '../kit';
import { useModel, useValue } from '../useModel';

const KINDS: { id: LedgerFilter; name: string }[] = [
  { id: '', name: LEDGER.everything },
  { id: 'read', name: LEDGER.read },
  { id: 'write', name: LEDGER.write },
  { id: 'consent', name: LEDGER.consent },
  { id: 'call', name: LEDGER.call },
  { id: 'refused', name: LEDGER.refused },
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
