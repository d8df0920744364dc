import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LedgerFilter, LedgerRow } from '../../model/ledger';
import { momentOf } from '../../model/words';
import { Badge, Banner, Button, EmptyState, Page, Select, Spinner, Table, type Column } from '../kit';
import { useModel, useValue } from '../useModel';

const KINDS: { id: LedgerFilter; name: string }[] = [
  { id: '', name: 'Everything' },
  { id: 'read', name: 'Readings' },
  { id: 'write', name: 'Messages and changes' },
  { id: 'consent', name: 'Permissions' },
  { id: 'call', name: 'Calls and sessions' },
  { id: 'refused', name: 'Refusals' },
];

const COLUMNS: Column<LedgerRow>[] = [
  {
    id: 'who',
    name: 'Who',
    header: true,
    cell: (row) => (
      <span className="stack-0">
        <span>{row.who}</span>
        {row.organisation ? <span className="small muted">{row.organisation}</span> : null}
      </span>
    ),
  },
  { id: 'what', name: 'What', cell: (row) => row.what },
  { id: 'when', name: 'When', cell: (row) => <time dateTime={new Date(row.at).toISOString()}>{momentOf(row.at)}</time> },
  { id: 'why', name: 'By what right', cell: (row) => row.why },
  { id: 'outcome', name: 'Outcome', narrow: true, cell: (row) => <Badge tone={row.tone}>{row.outcome}</Badge> },
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
    <Page title="Who read what" lead="Every reading, every change and every refusal, written down when it happened. Nothing can be removed from it.">
      <div className="filters">
        <Select label="Show" choices={KINDS} value={kind} onChange={setKind} />
      </div>
      {rows.isError ? <Banner tone="stop" live>The ledger could not be loaded. {rows.error.message}</Banner> : null}
      {rows.isPending ? (
        <Spinner label="Loading the ledger" />
      ) : shown.length ? (
        <Table caption="The ledger, newest first" hideCaption columns={COLUMNS} rows={shown} rowKey={(row) => row.id} />
      ) : (
        <EmptyState icon="eye" title="Nothing of this kind yet">
          What happens from now on is written here.
        </EmptyState>
      )}
      {rows.hasNextPage ? (
        <div className="pager">
          <Button isPending={rows.isFetchingNextPage} onPress={() => void rows.fetchNextPage()}>
            Show earlier entries
          </Button>
        </div>
      ) : null}
    </Page>
  );
}
