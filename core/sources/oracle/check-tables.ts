import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { error, ok, warning } from '../finding.ts';
import { allRows } from '../session.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkUnlogged, readUnlogged } from './server/check-unlogged.ts';
import { changeFaults, replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { isRefused } from './errors.ts';
import type { Database } from './server/database.ts';
import { currentScn } from './server/hand-off.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';
import { requireCondition } from './where.ts';

/** What each table needs to be read, and what of it is not. */
export async function checkTables(
  session: Session,
  selections: readonly TableSelection[],
  reading: Reading,
  database: Database,
): Promise<Finding[]> {
  const names = selections.map(({ table }) => table);
  const sources = await findSourceTables(session, names);
  const groups = reading.fromLogs ? await readLogGroups(session, selections) : new Map<string, ReadonlySet<string>>();
  const unlogged = reading.fromLogs ? await readUnlogged(session, selections) : new Map<string, never>();
  const scn = await currentScn(session);
  const findings: Finding[] = [];
  for (const selection of selections) {
    const id = tableId(selection.table);
    const source = sources.get(id);
    if (source === undefined) {
      const message = `${id} is not there, or the user may not see it`;
      const remedy = `${grant('SELECT', selection, database)} or correct the name: as the server keeps it, mostly in upper case.`;
      findings.push(error('oracle.table', message, remedy));
      continue;
    }
    const found = [
      ...(await checkRights(session, selection, scn, database)),
      ...(await checkTable(session, source, selection, reading, (table) =>
        checkUnlogged(table, unlogged.get(id), database),
      )),
      ...(reading.fromLogs ? checkTableLogging(selection, groups.get(id) ?? new Set(), database) : []),
    ];
    findings.push(...(found.length > 0 ? found : [ok('oracle.table', `${id} can be read`)]));
  }
  return findings;
}

function grant(right: string, { table }: TableSelection, { user }: Database): string {
  return `GRANT ${right} ON ${qualified(table)} TO ${identifier(user)};`;
}

async function checkRights(
  session: Session,
  selection: TableSelection,
  scn: string,
  database: Database,
): Promise<Finding[]> {
  const { table } = selection;
  const id = tableId(table);
  if (!(await may(session, { tag: 'tryTable', table, asOf: null }))) {
    return [error('oracle.select', `the user may not read ${id}`, grant('SELECT', selection, database))];
  }
  if (await may(session, { tag: 'tryTable', table, asOf: scn })) return [];
  const message = `the user may not read ${id} as it was at an SCN`;
  return [error('oracle.flashback', message, grant('FLASHBACK', selection, database))];
}

async function may(session: Session, statement: Parameters<Session['run']>[0]): Promise<boolean> {
  try {
    await session.run(statement);
    return true;
  } catch (cause) {
    if (isRefused(cause)) return false;
    // ORA-01466 and the like: the right is there.
    if (cause instanceof Error && 'errorNum' in cause) return true;
    throw cause;
  }
}

const ALL_COLUMNS = 'ALL COLUMN LOGGING';

/** By table id the kinds of supplemental logging that the tables have. */
export async function readLogGroups(
  session: Session,
  selections: readonly TableSelection[],
): Promise<Map<string, ReadonlySet<string>>> {
  const groups = new Map<string, Set<string>>();
  const tables = selections.map(({ table }) => table);
  for (const [schema, name, type] of await allRows(session, { tag: 'logGroups', tables })) {
    const id = tableId({ schema: schema ?? '', name: name ?? '' });
    const known = groups.get(id) ?? new Set();
    groups.set(id, known.add(type ?? ''));
  }
  return groups;
}

/** Whether the logs hold all columns of changed rows, by the table's own logging or the whole database's. */
export function checkTableLogging(
  { table }: TableSelection,
  groups: ReadonlySet<string>,
  { supplemental }: Database,
): Finding[] {
  if (supplemental.isAll || groups.has(ALL_COLUMNS)) return [];
  const message = `the logs do not hold all columns of changed rows of ${tableId(table)}`;
  const remedy = `ALTER TABLE ${qualified(table)} ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;`;
  return [error('oracle.table_logging', message, remedy)];
}

async function checkTable(
  session: Session,
  source: SourceTable,
  selection: TableSelection,
  reading: Reading,
  checkLogged: (table: ReplicatedTable) => Finding[],
): Promise<Finding[]> {
  const faults = changeFaults(source, selection, reading);
  if (faults.length > 0) return faults.map(({ about, message, remedy }) => error(`oracle.${about}`, message, remedy));
  const described = describe(source, selection, reading);
  if ('severity' in described) return [described];
  return [
    ...(reading.fromLogs
      ? [
          ...checkKeyless(described),
          ...checkVirtual(source),
          ...checkMasked(source),
          ...checkShape(source),
          ...checkLogged(described),
        ]
      : []),
    ...(await checkCondition(session, described)),
  ];
}

function describe(source: SourceTable, selection: TableSelection, reading: Reading): ReplicatedTable | Finding {
  try {
    return replicatedTable(source, selection, reading);
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return error('oracle.table', cause.message, cause.remedy);
  }
}

function checkKeyless({ schema, source }: ReplicatedTable): Finding[] {
  if (schema.identity.tag === 'key') return [];
  const message = `${tableId(schema.table)} has no key: its rows are found again by all their values, which is slow`;
  const remedy = `ALTER TABLE ${qualified(source.table)} ADD PRIMARY KEY (…); or choose key columns.`;
  return [warning('oracle.no_key', message, remedy)];
}

function checkVirtual({ table, columns }: SourceTable): Finding[] {
  const virtual = columns.filter(({ isVirtual }) => isVirtual).map(({ name }) => name);
  if (virtual.length === 0) return [];
  const message = `${tableId(table)}: virtual columns (${virtual.join(', ')}) are left out, because the logs hold nothing of them`;
  return [warning('oracle.virtual_columns', message, 'Nothing to do; or compute them at the destination.')];
}

/** Which of them LogMiner passes over, and which it tells of, differs from release to release. */
function checkMasked({ table, columns }: SourceTable): Finding[] {
  const unread = columns.find(({ type }) => type.tag === 'unsupported');
  if (unread === undefined) return [];
  const message = `${tableId(table)} has column ${unread.name} of type ${unread.declared}: LogMiner may tell nothing of the table's changes, or stop it at the first, though the column is masked`;
  return [
    warning(
      'oracle.masked_type',
      message,
      'Verify the table after its first changes; or read it with extract type fullExtracts.',
    ),
  ];
}

/** LogMiner tells nothing of tables with longer names before 12.2, and of some later ones. */
const LONGEST_NAME = 30;

function checkShape({ table, kind, columns }: SourceTable): Finding[] {
  const id = tableId(table);
  const findings: Finding[] = [];
  const long = [table.name, ...columns.map(({ name }) => name)].find((name) => name.length > LONGEST_NAME);
  if (long !== undefined) {
    const message = `${id}: LogMiner does not tell changes where a name has more than ${LONGEST_NAME} characters (${long})`;
    const remedy = `Give it a shorter name; or read the table with extract type fullExtracts.`;
    findings.push(warning('oracle.long_name', message, remedy));
  }
  if (kind === 'index') {
    const message = `${id} is index-organised: it is copied by ranges of its key, and was never tried on a server`;
    findings.push(warning('oracle.index_organized', message, 'Nothing to do; verify it now and then.'));
  }
  if (kind === 'cluster') {
    const message = `${id} is in a cluster: a TRUNCATE CLUSTER, or a DROP, is told of the cluster alone, and its rows stay at the destination`;
    findings.push(warning('oracle.clustered', message, 'Copy the table anew after one; verify it now and then.'));
  }
  return findings;
}

async function checkCondition(session: Session, table: ReplicatedTable): Promise<Finding[]> {
  try {
    await requireCondition(session, table);
    return [];
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return [error('oracle.where', cause.message, cause.remedy)];
  }
}
