import { keyOrdinals } from '../../changes/table-schema.ts';
import { tableId } from '../../changes/table-name.ts';
import { readOnOwnSession } from '../abort.ts';
import { requireSameColumns } from '../same-structure.ts';
import type { FetchedRows, FetchRequest } from '../source-connector.ts';
import { WantedRows } from '../wanted-rows.ts';
import { outputsOf, typedColumn, type Reading, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { describeTables } from './prepare.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { sourceTimestamp } from './source-time.ts';
import type { RowCondition } from './statements/columns.ts';
import { keyText } from './values/key-text.ts';

/** Values of one statement: the server takes 65,535 binds, and plans fewer faster. */
const MOST_VALUES = 1000;

/** See SourceConnector.fetchRows. Opens its session when the first byte is asked for; a statement sees every commit before it. */
export function fetchRows(access: Access, reading: Reading, request: FetchRequest, signal: AbortSignal): FetchedRows {
  let wanted: WantedRows | null = null;
  const read = async function* (session: Session): AsyncGenerator<Buffer> {
    const [table] = await describeTables(session, [request.selection], reading);
    if (table === undefined) throw new Error('a table that was found is not there');
    requireSameColumns(table, request.schema);
    wanted = new WantedRows(table, request.keys);
    wanted.begin(await sourceTimestamp(session));
    for (const condition of conditionsOf(table, request.keys)) yield* wantedBytes(session, table, condition, wanted);
  };
  const id = tableId(request.selection.table);
  const failure = (error: unknown): Error => sourceError(error, `fetch rows of ${id}`, id);
  return {
    bytes: readOnOwnSession(() => access.open(signal), signal, read, failure),
    summary: () => wanted?.summary() ?? { rows: 0, misfits: [], takenAt: '' },
  };
}

async function* wantedBytes(
  session: Session,
  table: ReplicatedTable,
  condition: RowCondition,
  wanted: WantedRows,
): AsyncGenerator<Buffer> {
  const statement = {
    tag: 'rows',
    table: table.schema.table,
    asOf: null,
    columns: outputsOf(table),
    conditions: [condition],
    orderBy: null,
  } as const;
  for await (const rows of session.read(statement)) {
    for (const row of rows) wanted.add(row);
    const bytes = wanted.take();
    if (bytes.length > 0) yield bytes;
  }
}

/**
 * Some keys each, without those that no row can have. What a column with a changed type holds is for code to say: rows are found by the others,
 * or all are read.
 */
export function conditionsOf(table: ReplicatedTable, keys: readonly (readonly string[])[]): RowCondition[] {
  if (keys.length === 0) return [];
  const places = keyOrdinals(table.schema).flatMap((ordinal, place) => {
    const column = table.columns[ordinal];
    return column === undefined || !isCompared(column) ? [] : [{ place, column }];
  });
  const columns = places.map(({ column }) => typedColumn(column.source));
  if (columns.length === 0) return [{ tag: 'chosen', where: '1 = 1' }];
  const atOnce = Math.max(1, Math.floor(MOST_VALUES / columns.length));
  const conditions: RowCondition[] = [];
  const compared = keys.flatMap((key) => {
    const texts = places.map(({ place, column }) => keyText(column.source.type, key[place] ?? ''));
    return texts.some((text) => text === null) ? [] : [texts.map((text) => text ?? '')];
  });
  for (let start = 0; start < compared.length; start += atOnce)
    conditions.push({ tag: 'keys', columns, keys: compared.slice(start, start + atOnce) });
  return conditions;
}

/** Types of which the canonical text is the value, as the server reads it. */
const COMPARED: ReadonlySet<string> = new Set([
  'number',
  'float',
  'char',
  'varchar',
  'raw',
  'date',
  'timestamp',
  'local',
]);

/** Whether the canonical text of a column is read back as its value. */
function isCompared({ source, change }: ReplicatedTable['columns'][number]): boolean {
  return change === null && COMPARED.has(source.type.tag);
}
