import { tableId } from '../../../changes/table-name.ts';
import { error, warning } from '../../finding.ts';
import { allRows } from '../../session.ts';
import type { Finding, TableSelection } from '../../source-connector.ts';
import type { ReplicatedTable } from '../describe.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';
import { identifier, qualified } from '../sql.ts';

/** What of a table the server need not write into its logs. */
export interface Unlogged {
  /** Direct loads, into the table or a partition of it. */
  readonly isTable: boolean;
  /** Large values that do not stand in their rows, however they are written. */
  readonly columns: ReadonlySet<string>;
}

/** By table id; only of those that have something. */
export async function readUnlogged(
  session: Session,
  selections: readonly TableSelection[],
): Promise<ReadonlyMap<string, Unlogged>> {
  const found = new Map<string, { isTable: boolean; columns: Set<string> }>();
  const tables = selections.map(({ table }) => table);
  for (const [schema, name, column] of await allRows(session, { tag: 'unlogged', tables })) {
    const id = tableId({ schema: schema ?? '', name: name ?? '' });
    const known = found.get(id) ?? { isTable: false, columns: new Set<string>() };
    if (column === null || column === undefined) known.isTable = true;
    else known.columns.add(column);
    found.set(id, known);
  }
  return found;
}

/** Nothing while the whole database forces it. An error is of what every change would lose, a warning of what direct loads would. */
export function checkUnlogged(
  { schema: { table }, columns }: Pick<ReplicatedTable, 'schema' | 'columns'>,
  unlogged: Unlogged | undefined,
  { isLoggingForced }: Pick<Database, 'isLoggingForced'>,
): Finding[] {
  if (isLoggingForced || unlogged === undefined) return [];
  const id = tableId(table);
  const findings: Finding[] = [];
  const lost = columns.flatMap(({ source: { name }, isMasked }) =>
    !isMasked && unlogged.columns.has(name) ? [name] : [],
  );
  if (lost.length > 0) {
    const message = `${id}: large values of ${lost.join(', ')} are stored with NOLOGGING, and are in no log`;
    const mending = lost.map((name) => `MODIFY LOB (${identifier(name)}) (NOCACHE LOGGING)`);
    const remedy = `${mending.map((each) => `ALTER TABLE ${qualified(table)} ${each};`).join(' ')} Then copy the table anew.`;
    findings.push(error('oracle.unlogged_column', message, remedy));
  }
  if (unlogged.isTable) {
    const message = `${id} has NOLOGGING: direct loads into it (INSERT /*+ APPEND */, SQL*Loader) are in no log, and would be lost`;
    findings.push(warning('oracle.nologging', message, `ALTER TABLE ${qualified(table)} LOGGING;`));
  }
  return findings;
}
