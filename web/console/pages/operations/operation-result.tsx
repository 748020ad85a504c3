import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement, ReactNode } from 'react';
import type { CopiedTables, OperationResult } from '../../../api/schemas/operations.ts';
import { bytesText, counted, wholeNumber } from '../../words/numbers.ts';
import { timeText } from '../../words/times.ts';
import { VERDICTS } from '../../words/verdicts.ts';
import { ResultTable, type ResultColumn } from './result-table.tsx';

type ResultOf<Kind extends OperationResult['kind']> = Extract<OperationResult, { readonly kind: Kind }>;

/** What an operation came to, table by table. */
export function OperationResultView({ result }: { result: OperationResult }): ReactElement {
  switch (result.kind) {
    case 'full-extract':
    case 'sync-new-tables':
      return <ResultTable label="Copied tables" items={result.tables} columns={COPIED} />;
    case 'sync-structure':
      return <Structure result={result} />;
    case 'rollback':
      return <RolledBack result={result} />;
    case 'manual-delta':
      return (
        <Box>
          {result.to === result.from
            ? 'There was nothing new.'
            : `Extracts ${result.from + 1} to ${result.to}: ${counted(result.rows, 'change')}.`}
          <Stopped tables={result.stopped} />
        </Box>
      );
    case 'verify':
      return <ResultTable label="Verified tables" items={result.tables} columns={VERIFIED} />;
  }
}

const COPIED: readonly ResultColumn<CopiedTables[number]>[] = [
  { header: 'Table', cell: ({ table }) => table },
  {
    header: 'State',
    minWidth: 120,
    cell: ({ state, error }) =>
      state === 'failed' ? (
        <StatusIndicator type="error" wrapText>
          {error === null ? 'Failed' : `${error.message} (${error.code}). ${error.remedy}`}
        </StatusIndicator>
      ) : (
        <StatusIndicator type={state === 'copied' ? 'success' : 'info'}>
          {state === 'copied' ? 'Copied' : 'Skipped'}
        </StatusIndicator>
      ),
  },
  { header: 'Rows', cell: ({ rows }) => wholeNumber(rows) },
  { header: 'Size', cell: ({ bytes }) => bytesText(bytes) },
];

const CLASSES = {
  safe: ['success', 'Safe'],
  unsafe: ['warning', 'Unsafe'],
  impossible: ['error', 'Impossible'],
} as const;

function Structure({ result }: { result: ResultOf<'sync-structure'> }): ReactElement {
  const rows = result.tables.flatMap(({ table, state, differences, reason }): DifferenceRow[] =>
    differences.length === 0 && reason !== null
      ? [{ table, state, what: '–', class: null, reason }]
      : differences.map((difference) => ({ table, state, ...difference, reason: difference.reason || (reason ?? '') })),
  );
  const same = result.tables.filter(({ state }) => state === 'same').length;
  return (
    <SpaceBetween size="s">
      <Box>
        {counted(same, 'table')} of {wholeNumber(result.tables.length)} without a difference.
      </Box>
      {rows.length === 0 ? null : <ResultTable label="Differences" items={rows} columns={DIFFERENCES} />}
      <Redone result={result} />
      <Stopped tables={result.stopped} />
    </SpaceBetween>
  );
}

/** What only a copy makes the same, before and after. */
function Redone({ result: { toRedo, copied } }: { result: ResultOf<'sync-structure'> }): ReactElement | null {
  if (copied.length > 0) return <ResultTable label="Tables copied anew" items={copied} columns={COPIED} />;
  if (toRedo.length === 0) return null;
  return (
    <Alert type="info" header={`Only a copy makes ${counted(toRedo.length, 'table')} the same`}>
      {named(toRedo)}
    </Alert>
  );
}

interface DifferenceRow {
  readonly table: string;
  readonly state: ResultOf<'sync-structure'>['tables'][number]['state'];
  readonly what: string;
  readonly class: keyof typeof CLASSES | null;
  readonly reason: string;
}

const SYNC_STATES: Readonly<Record<DifferenceRow['state'], string>> = {
  same: 'Same',
  different: 'To be made good',
  synced: 'Made good',
  left: 'Left as it is',
};

const DIFFERENCES: readonly ResultColumn<DifferenceRow>[] = [
  { header: 'Table', cell: ({ table }) => table },
  { header: 'Difference', cell: ({ what }) => what },
  { header: 'Class', minWidth: 130, cell: (row) => <DifferenceClass of={row.class} /> },
  { header: 'Reason', cell: ({ reason }) => (reason === '' ? '–' : reason) },
  { header: 'State', cell: ({ state }) => SYNC_STATES[state] },
];

function DifferenceClass({ of }: { of: DifferenceRow['class'] }): ReactNode {
  if (of === null) return '–';
  const [type, text] = CLASSES[of];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function RolledBack({ result }: { result: ResultOf<'rollback'> }): ReactElement {
  const { from, to, extracts, rows, bytes, fromLog, tables, left, resumed, stopped } = result;
  return (
    <SpaceBetween size="s">
      <Box>
        Extracts {from} to {to}: {counted(rows, 'change')} of {counted(extracts, 'extract')}, {bytesText(bytes)}.
      </Box>
      {fromLog === null ? null : (
        <Alert type={fromLog.reaches ? 'info' : 'error'}>
          The files of {counted(fromLog.extracts, 'extract')} ({fromLog.from} to {fromLog.to}) have expired.{' '}
          {fromLog.reaches
            ? 'They are made again from the source’s log.'
            : `They cannot be made again: ${fromLog.reason}. Choose a newer point.`}
        </Alert>
      )}
      <ResultTable label="Tables that are rolled back" items={tables} columns={REPLAYED} />
      {left.length === 0 ? null : <ResultTable label="Tables that are left as they are" items={left} columns={LEFT} />}
      {resumed.length === 0 ? null : <Box>Stopped tables that load again: {named(resumed)}.</Box>}
      <Stopped tables={stopped} />
    </SpaceBetween>
  );
}

const REPLAYED: readonly ResultColumn<ResultOf<'rollback'>['tables'][number]>[] = [
  { header: 'Table', cell: ({ table }) => table },
  { header: 'From extract', cell: ({ from }) => from },
  { header: 'To extract', cell: ({ to }) => to },
  { header: 'Changes', cell: ({ rows }) => wholeNumber(rows) },
];

const LEFT: readonly ResultColumn<ResultOf<'rollback'>['left'][number]>[] = [
  { header: 'Table', cell: ({ table }) => table },
  { header: 'Reason', cell: ({ reason }) => reason },
];

const NOT_COMPARABLE = { type: 'info', text: 'Not comparable' } as const;

const VERIFIED: readonly ResultColumn<ResultOf<'verify'>['tables'][number]>[] = [
  { header: 'Table', cell: ({ table }) => table },
  {
    header: 'State',
    minWidth: 150,
    cell: ({ state }) => {
      const { type, text } = state === 'not comparable' ? NOT_COMPARABLE : VERDICTS[state];
      return <StatusIndicator type={type}>{text}</StatusIndicator>;
    },
  },
  {
    header: 'Verified',
    minWidth: 240,
    cell: ({ position, at }) => (position === null || at === null ? '–' : <VerifiedAt position={position} at={at} />),
  },
  {
    header: 'Rows at the source that fit',
    cell: ({ sourceRows }) => (sourceRows === null ? '–' : wholeNumber(sourceRows)),
  },
  {
    header: 'Rows at the destination',
    cell: ({ destinationRows }) => (destinationRows === null ? '–' : wholeNumber(destinationRows)),
  },
  { header: 'Repaired', cell: ({ repaired }) => wholeNumber(repaired) },
  { header: 'What differs', cell: (verdict) => <Differing verdict={verdict} /> },
];

type Verdict = ResultOf<'verify'>['tables'][number];

const KEYS = 5;

function Differing({ verdict }: { verdict: Verdict }): ReactNode {
  const { differing, differences, columns, unsettled, reason, state } = verdict;
  if (differing === 0) return reason ?? '–';
  const keys = differences.slice(0, KEYS).map(({ kind, key }) => `${key.join(', ')} (${kind})`);
  return (
    <>
      <div>
        {counted(differing, 'row')}
        {columns.length === 0 ? '' : ` in ${columns.join(', ')}`}
        {keys.length === 0 ? '' : `: ${keys.join('; ')}`}
        {keys.length > 0 && differing > KEYS ? ' …' : ''}
      </div>
      {unsettled === 0 || state === 'unsettled' ? null : <div>{counted(unsettled, 'row')} changed all the time</div>}
      {reason === null ? null : <div>{reason}</div>}
    </>
  );
}

function VerifiedAt({ position, at }: { readonly position: string; readonly at: string }): ReactElement {
  return (
    <>
      {timeText(at)}
      <Box variant="small" display="block">
        at {position}
      </Box>
    </>
  );
}

function Stopped({ tables }: { tables: readonly string[] }): ReactElement | null {
  if (tables.length === 0) return null;
  return <Alert type="warning">Tables that are stopped: {named(tables)}.</Alert>;
}

function named(tables: readonly string[]): string {
  const shown = tables.slice(0, 20).join(', ');
  return tables.length <= 20 ? shown : `${shown} and ${wholeNumber(tables.length - 20)} more`;
}
