import { tableId } from '../changes/table-name.ts';
import type { RowIdentity, TableSchema } from '../changes/table-schema.ts';
import { parseTypeChange, type TypeChange } from '../changes/type-change.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { RESERVED_COLUMN } from '../extracts/row-encoding.ts';
import type { TableSelection } from './source-connector.ts';

/** @param present the names of the columns that are replicated. @throws PenstockError PS1001, PS1006 */
export function requireColumns(selection: TableSelection, identity: RowIdentity, present: readonly string[]): void {
  const table = tableId(selection.table);
  const names = new Set(present);
  const asked = [
    ...(selection.key ?? []).map((name) => ({ name, option: 'key' })),
    ...selection.mask.map((name) => ({ name, option: 'mask' })),
    ...Object.keys(selection.typeChange).map((name) => ({ name, option: 'typeChange' })),
    ...(selection.timestampColumn === null ? [] : [{ name: selection.timestampColumn, option: 'timestampColumn' }]),
  ];
  const unknown = asked.find(({ name }) => !names.has(name));
  if (unknown !== undefined) {
    throw new PenstockError(
      'PS1006',
      `${table}: ${unknown.option} names column ${unknown.name}, which is not replicated or not there`,
      { table },
    );
  }
  const reserved = present.find((name) => RESERVED_COLUMN.test(name));
  if (reserved !== undefined) {
    throw new PenstockError('PS1001', `${table}: column ${reserved} has a name that extracts use themselves`, {
      table,
    });
  }
  if (identity.tag === 'row') return;
  const maskedKey = identity.columns.find((name) => selection.mask.includes(name));
  if (maskedKey !== undefined) {
    throw new PenstockError('PS1001', `${table}: key column ${maskedKey} cannot be masked`, { table });
  }
  const lostKey = identity.columns.find((name) => !names.has(name));
  if (lostKey !== undefined) {
    throw new PenstockError('PS1006', `${table}: key column ${lostKey} is generated and not replicated`, { table });
  }
}

/** The chosen change of a column's type, or null. @throws PenstockError PS1001 */
export function typeChangeOf(name: string, selection: TableSelection, table: string): TypeChange | null {
  const text = Object.hasOwn(selection.typeChange, name) ? selection.typeChange[name] : undefined;
  if (text === undefined) return null;
  const change = parseTypeChange(text);
  if (typeof change === 'string')
    throw new PenstockError('PS1001', `${table}: typeChange of ${name}: ${change}`, { table });
  return change;
}

/** The column by which a table is polled. @throws PenstockError PS1001 where none is chosen, PS2011 where the table has no key */
export function requirePollColumn({ selection, schema }: { selection: TableSelection; schema: TableSchema }): string {
  const table = tableId(schema.table);
  const name = selection.timestampColumn;
  if (name === null) {
    throw new PenstockError('PS1001', `${table}: extract type timestamps needs timestampColumn`, { table });
  }
  if (schema.identity.tag === 'row') {
    throw new PenstockError('PS2011', `${table} has no key: a changed row could not be found again`, {
      table,
      remedy: 'Choose key columns for the table, or give it a primary key.',
    });
  }
  return name;
}
