import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { codedFetch } from '../coded-fetch.ts';
import { keyConditions } from '../compared-keys.ts';
import type { FetchedRows, FetchRequest } from '../source-connector.ts';
import { outputsOf, typedColumn, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { changeReading, describeTables } from './prepare.ts';
import { beginView } from './server/views.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { sourceTimestamp } from './source-time.ts';
import type { RowCondition } from './statements/columns.ts';
import type { Statement } from './statements/statement.ts';
import { verifiedTable } from './verify.ts';

/** Values of one statement: the server takes 2,100 parameters. */
const MOST_VALUES = 2000;

/** See SourceConnector.fetchRows. */
export function fetchRows(access: Access, request: FetchRequest, signal: AbortSignal): FetchedRows {
  const source = {
    open: access.open,
    table: (session: Session) => loggedNow(session, access, request),
    now: sourceTimestamp,
    read: async function* (session: Session, table: ReplicatedTable) {
      // A commit is seen by whatever begins after it.
      await beginView(session);
      for (const condition of conditionsOf(table, request.keys)) yield* session.read(rowsWhere(table, condition));
    },
    toError: sourceError,
  };
  return codedFetch(source, request, signal);
}

/** The table as its changes are told from now on: a column that no capture instance holds is not fetched. */
async function loggedNow(session: Session, access: Access, request: FetchRequest): Promise<ReplicatedTable> {
  if (access.settings.extractType !== 'cdc') return verifiedTable(session, access, request);
  const [table] = await describeTables(session, [request.selection], changeReading(access));
  if (table === undefined) throw new PenstockError('PS1005', tableId(request.selection.table));
  return table;
}

function rowsWhere(table: ReplicatedTable, condition: RowCondition): Statement {
  const columns = outputsOf(table);
  return { tag: 'rows', table: table.schema.table, columns, conditions: [condition], orderBy: null };
}

/** See keyConditions. */
export function conditionsOf(table: ReplicatedTable, keys: readonly (readonly string[])[]): RowCondition[] {
  const compared = ({ source, reading }: ReplicatedTable['columns'][number]) =>
    table.selection.typeChange[source.name] === undefined && reading.type.tag !== 'double'
      ? { column: typedColumn(source), text: (canonical: string) => canonical }
      : null;
  return keyConditions(table, keys, compared, MOST_VALUES);
}
