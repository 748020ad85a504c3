import type { RowChange, RowValues } from '../../changes/change.ts';
import { canonicalRow } from '../row-decoder.ts';
import { identityValues, type LoggedTable } from './logged-table.ts';
import type { Row } from './server/session.ts';

/** Of a row of `trackedChanges`: version, operation, whether the row is there. */
const HEAD = 3;

/**
 * A row of `trackedChanges` as a change. What was inserted or updated is an update without an old row: the net of several commits is
 * told, so that nobody knows whether the row was there before. What is not there any more is deleted, whatever became of it in between.
 * Under a collation that does not tell capitals apart, the row that is there may have its key in others than the change: then the row
 * under the key of the change is not there any more.
 */
export function trackedChange(logged: LoggedTable, row: Row): RowChange {
  const { schema } = logged.table;
  const [, operation, isThere] = row;
  const behindKey = HEAD + logged.primary.length;
  if (operation === 'D' || isThere !== '1') {
    return { schema, op: 'delete', before: keyOfChange(logged, row), after: null, misfit: null };
  }
  const outputs = row.slice(behindKey);
  const { values, misfit } = canonicalRow(logged.decoders, outputs);
  const isMoved = logged.primaryPlaces.some((place, index) => place !== -1 && outputs[place] !== row[HEAD + index]);
  return { schema, op: 'update', before: isMoved ? keyOfChange(logged, row) : null, after: values, misfit };
}

function keyOfChange(logged: LoggedTable, row: Row): RowValues {
  const outputs: (string | null)[] = logged.table.schema.columns.map(() => null);
  for (const [index, place] of logged.primaryPlaces.entries())
    if (place !== -1) outputs[place] = row[HEAD + index] ?? null;
  return identityValues(logged, outputs);
}
