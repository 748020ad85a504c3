import { codedFetch } from '../coded-fetch.ts';
import { keyConditions } from '../compared-keys.ts';
import type { FetchedRows, FetchRequest } from '../source-connector.ts';
import { outputsOf, typedColumn, type Reading, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { describeTables } from './prepare.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { sourceTimestamp } from './source-time.ts';
import type { RowCondition } from './statements/columns.ts';
import type { Statement } from './statements/statement.ts';
import { keyText } from './values/key-text.ts';

/** Values of one statement: the server takes 65,535 binds, and plans fewer faster. */
const MOST_VALUES = 1000;

/** See SourceConnector.fetchRows. A statement sees every commit before it. */
export function fetchRows(access: Access, reading: Reading, request: FetchRequest, signal: AbortSignal): FetchedRows {
  const source = {
    open: access.open,
    table: async (session: Session) => {
      const [table] = await describeTables(session, [request.selection], reading);
      if (table === undefined) throw new Error('a table that was found is not there');
      return table;
    },
    now: sourceTimestamp,
    read: async function* (session: Session, table: ReplicatedTable) {
      for (const condition of conditionsOf(table, request.keys)) yield* session.read(rowsWhere(table, condition, null));
    },
    toError: sourceError,
  };
  return codedFetch(source, request, signal);
}

/** The rows for which a condition holds, in output text, the columns in the schema's order. `asOf`: the SCN at which they are read; null: now. */
export function rowsWhere(table: ReplicatedTable, condition: RowCondition, asOf: string | null): Statement {
  const columns = outputsOf(table);
  return { tag: 'rows', table: table.schema.table, asOf, columns, conditions: [condition], orderBy: null };
}

/** See keyConditions. */
export function conditionsOf(table: ReplicatedTable, keys: readonly (readonly string[])[]): RowCondition[] {
  const compared = ({ source, change }: ReplicatedTable['columns'][number]) =>
    change === null && COMPARED.has(source.type.tag)
      ? { column: typedColumn(source), text: (canonical: string) => keyText(source.type, canonical) }
      : null;
  return keyConditions(table, keys, compared, MOST_VALUES);
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
