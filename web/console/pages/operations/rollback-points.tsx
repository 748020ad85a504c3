import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactElement } from 'react';
import type { RollbackPoint } from '../../../api/schemas/operations.ts';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { FIRST_PAGE } from '../../api/pages-seen.ts';
import { TurnPages } from '../../frame/turn-pages.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { wholeNumber } from '../../words/numbers.ts';
import { browserZone, timeText } from '../../words/times.ts';

const ROWS = 10;

interface Properties {
  readonly instance: string;
  readonly chosen: RollbackPoint | null;
  readonly onChoose: (point: RollbackPoint) => void;
}

/** The points to go back to, the newest first. */
export function RollbackPoints({ instance, chosen, onChoose }: Properties): ReactElement {
  const [pages, setPages] = useState(FIRST_PAGE);
  const before = pages.starts[pages.page] ?? null;
  const points = useResource(`${instance} rollback points ${before ?? ''}`, (signal) =>
    call('GET /instances/{name}/rollback-points', {
      parameters: { name: instance },
      query: { limit: ROWS, ...(before === null ? {} : { before: Number(before) }) },
      signal,
    }),
  );
  const next = points.data?.next ?? null;
  return (
    <SpaceBetween size="s">
      {points.problem === null ? null : <ProblemAlert problem={points.problem} retry={points.refresh} />}
      <Table
        variant="embedded"
        header={
          <Header variant="h3" description={`Times in ${browserZone()}`}>
            Rollback points
          </Header>
        }
        items={points.data?.items ?? []}
        trackBy={({ file }) => String(file)}
        loading={points.data === null && points.problem === null}
        loadingText="Asking for rollback points"
        empty={<Box textAlign="center">Nothing was extracted yet: there is no point to go back to.</Box>}
        selectionType="single"
        selectedItems={chosen === null ? [] : [chosen]}
        onSelectionChange={({ detail }) => {
          const [point] = detail.selectedItems;
          if (point !== undefined) onChoose(point);
        }}
        ariaLabels={{
          tableLabel: 'Rollback points',
          selectionGroupLabel: 'Choose a rollback point',
          itemSelectionLabel: (_selection, { file }) => `Extract ${file}`,
        }}
        columnDefinitions={COLUMNS}
        pagination={
          <TurnPages
            pages={pages}
            next={next}
            onTurn={setPages}
            previousLabel="Newer points"
            nextLabel="Older points"
          />
        }
      />
    </SpaceBetween>
  );
}

const COLUMNS = [
  { id: 'file', header: 'File No.', isRowHeader: true, cell: ({ file }: RollbackPoint) => file },
  { id: 'from', header: 'From', cell: ({ from }: RollbackPoint) => from },
  { id: 'to', header: 'To', cell: ({ to }: RollbackPoint) => to },
  { id: 'source', header: 'Source Date', cell: ({ sourceDate }: RollbackPoint) => timeText(sourceDate) },
  { id: 'execution', header: 'Execution Date', cell: ({ executionDate }: RollbackPoint) => timeText(executionDate) },
  { id: 'rows', header: 'Changes', cell: ({ rows }: RollbackPoint) => wholeNumber(rows) },
  {
    id: 'state',
    header: 'File',
    cell: ({ available }: RollbackPoint) =>
      available ? (
        <StatusIndicator type="success">Available</StatusIndicator>
      ) : (
        <StatusIndicator type="warning">Expired: made again from the source’s log if it reaches back</StatusIndicator>
      ),
  },
];
