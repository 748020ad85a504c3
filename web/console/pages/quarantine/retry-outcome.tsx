import Alert from '@cloudscape-design/components/alert';
import type { ReactElement } from 'react';
import type { RetriedTable } from '../../../api/schemas/quarantine.ts';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { ResultTable, type ResultColumn } from '../operations/result-table.tsx';

const COLUMNS: readonly ResultColumn<RetriedTable>[] = [
  { header: 'Table', cell: ({ table }) => table },
  { header: 'Rows', cell: ({ rows }) => wholeNumber(rows) },
  { header: 'Settled', cell: ({ settled }) => wholeNumber(settled) },
  { header: 'Still unfit', cell: ({ unfit }) => wholeNumber(unfit) },
  { header: 'Left, because', cell: ({ reason }) => reason ?? '–' },
];

/** What became of the rows, table by table. */
export function RetryOutcome({
  retried,
  onDismiss,
}: {
  retried: readonly RetriedTable[];
  onDismiss: () => void;
}): ReactElement {
  const settled = retried.reduce((sum, table) => sum + table.settled, 0);
  const isAll = retried.every(({ unfit, reason }) => unfit === 0 && reason === null);
  return (
    <Alert
      type={isAll ? 'success' : 'warning'}
      header={`${counted(settled, 'row')} settled${isAll ? '' : '; others are left'}`}
      dismissible
      i18nStrings={{ dismissAriaLabel: 'Dismiss' }}
      onDismiss={onDismiss}
    >
      <ResultTable label="Retried tables" items={retried} columns={COLUMNS} />
    </Alert>
  );
}
