import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { ReactElement } from 'react';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import type { ProgressRow } from '../../../api/schemas/values.ts';
import { bytesText, counted, wholeNumber } from '../../words/numbers.ts';
import { percentOf } from './percent.ts';

interface Properties {
  readonly rows: readonly ProgressRow[];
  readonly total: Dashboard['progressTotal'];
}

/** A bar for each table that is being copied. */
export function CopyProgress({ rows, total }: Properties): ReactElement {
  const description = total === null ? null : `${wholeNumber(total.done)} of ${counted(total.tables, 'table')} done`;
  return (
    <Container
      header={
        <Header variant="h2" description={description}>
          Loading progress
        </Header>
      }
    >
      {rows.length === 0 ? (
        <Box color="text-body-secondary">No extractions to show</Box>
      ) : (
        <ColumnLayout columns={2}>
          {rows.map((row) => (
            <TableProgress key={row.table} row={row} />
          ))}
        </ColumnLayout>
      )}
    </Container>
  );
}

const STATES: Readonly<Record<ProgressRow['state'], string>> = {
  waiting: 'waits',
  copying: 'is copied',
  finishing: 'is put in its place',
  done: 'done',
  failed: 'failed',
};

function TableProgress({ row }: { row: ProgressRow }): ReactElement {
  const of = row.estimatedRows === null ? '' : ` of about ${wholeNumber(row.estimatedRows)}`;
  const information = `${wholeNumber(row.rows)}${of} rows, ${bytesText(row.bytes)}`;
  if (row.state === 'done' || row.state === 'failed') {
    return (
      <ProgressBar
        label={row.table}
        status={row.state === 'done' ? 'success' : 'error'}
        resultText={row.state === 'done' ? information : `${STATES.failed}: ${information}`}
      />
    );
  }
  return (
    <ProgressBar
      label={row.table}
      description={STATES[row.state]}
      value={percentOf(row)}
      additionalInfo={information}
    />
  );
}
