import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactElement } from 'react';
import type { QuarantinedRow, QuarantinePage } from '../../../api/schemas/quarantine.ts';
import type { PagesSeen } from '../../api/pages-seen.ts';
import type { ReadResource } from '../../api/use-resource.ts';
import { TurnPages } from '../../frame/turn-pages.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { browserZone, timeText } from '../../words/times.ts';

interface Properties {
  readonly rows: ReadResource<QuarantinePage>;
  /** Null: all tables. */
  readonly table: string | null;
  readonly onTable: (table: string | null) => void;
  readonly pages: PagesSeen;
  readonly onTurn: (pages: PagesSeen) => void;
}

/** The rows, the newest first; nothing of what stands in them. */
export function QuarantineRows({ rows, table, onTable, pages, onTurn }: Properties): ReactElement {
  const { data, problem, refresh } = rows;
  return (
    <SpaceBetween size="s">
      {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
      <Table
        wrapLines
        items={data?.items ?? []}
        trackBy={({ id, at }) => `${id} ${at}`}
        loading={data === null && problem === null}
        loadingText="Asking for rows"
        header={
          <Header
            variant="h2"
            {...(data === null ? {} : { counter: `(${wholeNumber(data.total)})` })}
            description={`The newest first. Times in ${browserZone()}. Their keys and values are not shown here.`}
          >
            Rows that were set aside
          </Header>
        }
        filter={<TableSelect tables={data?.tables ?? []} table={table} onTable={onTable} />}
        empty={<Box textAlign="center">Nothing is in quarantine.</Box>}
        ariaLabels={{ tableLabel: 'Rows in quarantine' }}
        columnDefinitions={COLUMNS}
        pagination={
          <TurnPages
            pages={pages}
            next={data?.next ?? null}
            onTurn={onTurn}
            previousLabel="Newer rows"
            nextLabel="Older rows"
          />
        }
      />
    </SpaceBetween>
  );
}

const COLUMNS = [
  { id: 'table', header: 'Table', isRowHeader: true, cell: ({ table }: QuarantinedRow) => table },
  { id: 'column', header: 'Column', cell: ({ column }: QuarantinedRow) => column },
  { id: 'reason', header: 'Reason', cell: ({ reason }: QuarantinedRow) => reason },
  { id: 'position', header: 'Position', cell: ({ position }: QuarantinedRow) => position },
  { id: 'at', header: 'Set aside', cell: ({ at }: QuarantinedRow) => timeText(at) },
];

type Counts = QuarantinePage['tables'];

/** One of the tables that have rows here; retry and drop are about it, too. */
function TableSelect({
  tables,
  table,
  onTable,
}: Pick<Properties, 'table' | 'onTable'> & { tables: Counts }): ReactElement {
  const known = useAllSeen(tables);
  const options = [
    { value: '', label: 'All tables' },
    ...[...known].map(([value, rows]) => ({ value, label: value, description: counted(rows, 'row') })),
  ];
  return (
    <Select
      selectedOption={options.find(({ value }) => value === (table ?? '')) ?? null}
      options={options}
      filteringType="auto"
      inlineLabelText="Table"
      onChange={({ detail }) => {
        const value = detail.selectedOption.value ?? '';
        onTable(value === '' ? null : value);
      }}
    />
  );
}

/** Tables stay to be chosen while the list is that of one of them. */
function useAllSeen(tables: Counts): ReadonlyMap<string, number> {
  const [seen, setSeen] = useState<ReadonlyMap<string, number>>(new Map());
  const changed = tables.filter(({ table, rows }) => seen.get(table) !== rows);
  if (changed.length === 0) return seen;
  const next = new Map([...seen, ...changed.map(({ table, rows }): [string, number] => [table, rows])]);
  setSeen(next);
  return next;
}
