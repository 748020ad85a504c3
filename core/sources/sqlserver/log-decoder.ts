import type { RowChange } from '../../changes/change.ts';
import { canonicalRow } from '../row-decoder.ts';
import { identityValues, type LoggedTable } from './logged-table.ts';
import type { Row } from './server/session.ts';

/** Of a row of `trackedChanges`: version, operation, whether the row is there. */
const HEAD = 3;

/**
 * A row of `trackedChanges` as a change. What was inserted or updated is an update without an old row: the net of several commits is
 * told, so that nobody knows whether the row was there before. What is not there any more is deleted, whatever became of it in between.
 */
export function trackedChange(logged: LoggedTable, row: Row): RowChange {
  const { schema } = logged.table;
  const [, operation, isThere] = row;
  const behindKey = HEAD + logged.primary.length;
  if (operation === 'D' || isThere !== '1') {
    const outputs: (string | null)[] = schema.columns.map(() => null);
    for (const [index, place] of logged.primaryPlaces.entries())
      if (place !== -1) outputs[place] = row[HEAD + index] ?? null;
    return { schema, op: 'delete', before: identityValues(logged, outputs), after: null, misfit: null };
  }
  const { values, misfit } = canonicalRow(logged.decoders, row.slice(behindKey));
  return { schema, op: 'update', before: null, after: values, misfit };
}
