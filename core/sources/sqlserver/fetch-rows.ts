import { keyOrdinals } from '../../changes/table-schema.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { readOnOwnSession } from '../abort.ts';
import { requireSameColumns } from '../same-structure.ts';
import type { FetchedRows, FetchRequest } from '../source-connector.ts';
import { WantedRows } from '../wanted-rows.ts';
import { outputsOf, typedColumn, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { changeReading, describeTables } from './prepare.ts';
import { beginView } from './server/views.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { sourceTimestamp } from './source-time.ts';
import type { RowCondition } from './statements/columns.ts';
import { verifiedTable } from './verify.ts';

/** Values of one statement: the server takes 2,100 parameters. */
const MOST_VALUES = 2000;

/** See SourceConnector.fetchRows. Opens its session when the first byte is asked for. */
export function fetchRows(access: Access, request: FetchRequest, signal: AbortSignal): FetchedRows {
  let wanted: WantedRows | null = null;
  const read = async function* (session: Session): AsyncGenerator<Buffer> {
    const table = await loggedNow(session, access, request);
    requireSameColumns(table, request.schema);
    wanted = new WantedRows(table, request.keys);
    wanted.begin(await sourceTimestamp(session));
    // A commit is seen by whatever begins after it.
    await beginView(session);
    for (const condition of conditionsOf(table, request.keys)) yield* wantedBytes(session, table, condition, wanted);
  };
  const id = tableId(request.selection.table);
  const failure = (error: unknown): Error => sourceError(error, `fetch rows of ${id}`, id);
  return {
    bytes: readOnOwnSession(() => access.open(signal), signal, read, failure),
    summary: () => wanted?.summary() ?? { rows: 0, misfits: [], takenAt: '' },
  };
}

/** The table as its changes are told from now on: a column that no capture instance holds is not fetched. */
async function loggedNow(session: Session, access: Access, request: FetchRequest): Promise<ReplicatedTable> {
  if (access.settings.extractType !== 'cdc') return verifiedTable(session, access, request);
  const [table] = await describeTables(session, [request.selection], changeReading(access));
  if (table === undefined) throw new PenstockError('PS1005', tableId(request.selection.table));
  return table;
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

/** Some keys each. What a column with a changed type holds is for code to say: rows are found by the others, or all are read. */
export function conditionsOf(table: ReplicatedTable, keys: readonly (readonly string[])[]): RowCondition[] {
  if (keys.length === 0) return [];
  const places = keyOrdinals(table.schema).flatMap((ordinal, place) => {
    const column = table.columns[ordinal];
    return column === undefined || !isCompared(table, column.column.name) ? [] : [{ place, column }];
  });
  const columns = places.map(({ column }) => typedColumn(column.source));
  if (columns.length === 0) return [{ tag: 'chosen', where: '1 = 1' }];
  const atOnce = Math.max(1, Math.floor(MOST_VALUES / columns.length));
  const conditions: RowCondition[] = [];
  for (let start = 0; start < keys.length; start += atOnce) {
    const some = keys.slice(start, start + atOnce).map((key) => places.map(({ place }) => key[place] ?? ''));
    conditions.push({ tag: 'keys', columns, keys: some });
  }
  return conditions;
}

/** Whether the canonical text of a column is read back as its value. */
function isCompared({ selection, columns }: ReplicatedTable, name: string): boolean {
  const column = columns.find(({ source }) => source.name === name);
  return selection.typeChange[name] === undefined && column?.reading.type.tag !== 'double';
}
