import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { error, ok, warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { changeFaults, replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { readTableRights } from './prepare.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';
import { requireCondition } from './where.ts';

/** What each table needs to be read, and what of it is not. */
export async function checkTables(
  session: Session,
  selections: readonly TableSelection[],
  reading: Reading,
  user: string,
): Promise<Finding[]> {
  const names = selections.map(({ table }) => table);
  const sources = await findSourceTables(session, names);
  const rights = new Map((await readTableRights(session, names)).map((one) => [tableId(one.table), one]));
  const findings: Finding[] = [];
  for (const selection of selections) {
    const id = tableId(selection.table);
    const source = sources.get(id);
    if (source === undefined) {
      const message = `${id} is not there, or the user may not see it`;
      findings.push(error('sqlserver.table', message, 'Correct the name, or grant SELECT on it.'));
      continue;
    }
    const found = [
      ...(rights.get(id)?.select === false
        ? [error('sqlserver.select', `the user may not read ${id}`, grantSelect(source, user))]
        : []),
      ...(await checkTable(session, source, selection, reading)),
    ];
    findings.push(...(found.length > 0 ? found : [ok('sqlserver.table', `${id} can be read`)]));
  }
  return findings;
}

function grantSelect({ table }: SourceTable, user: string): string {
  return `GRANT SELECT ON ${qualified(table)} TO ${identifier(user)};`;
}

async function checkTable(
  session: Session,
  source: SourceTable,
  selection: TableSelection,
  reading: Reading,
): Promise<Finding[]> {
  const faults = changeFaults(source, selection, reading.changes);
  if (faults.length > 0) {
    return faults.map(({ about, message, remedy }) => error(`sqlserver.${about}`, message, remedy));
  }
  const described = describe(source, selection, reading);
  if ('severity' in described) return [described];
  return [
    ...checkComputed(source, reading),
    ...checkKeyless(described, reading),
    ...checkCollation(source, reading),
    ...(await checkCondition(session, described)),
  ];
}

function describe(source: SourceTable, selection: TableSelection, reading: Reading): ReplicatedTable | Finding {
  try {
    return replicatedTable(source, selection, reading);
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return error('sqlserver.table', cause.message, cause.remedy);
  }
}

function checkComputed({ table, columns }: SourceTable, reading: Reading): Finding[] {
  const computed = columns.filter(({ isComputed }) => isComputed).map(({ name }) => name);
  if (computed.length === 0 || reading.changes !== 'capture') return [];
  const message = `${tableId(table)}: computed columns (${computed.join(', ')}) are left out, because change data capture holds no values of them`;
  return [
    warning(
      'sqlserver.computed_columns',
      message,
      'Nothing to do; or use extract type changeTracking, which reads them.',
    ),
  ];
}

function checkKeyless({ schema, source }: ReplicatedTable, reading: Reading): Finding[] {
  if (schema.identity.tag === 'key' || reading.changes === null) return [];
  const message = `${tableId(schema.table)} has no key: its rows are found again by all their values, which is slow`;
  const remedy = `ALTER TABLE ${qualified(source.table)} ADD CONSTRAINT … PRIMARY KEY (…); or choose key columns.`;
  return [warning('sqlserver.no_key', message, remedy)];
}

/** Two texts that are not the same can be one key to the server, and are two at the destination. */
function checkCollation({ table, columns }: SourceTable, reading: Reading): Finding[] {
  if (reading.changes !== 'tracking') return [];
  const loose = columns.filter(
    ({ placeInPrimaryKey, collation }) =>
      placeInPrimaryKey !== null && collation !== null && !/_BIN2?$/.test(collation),
  );
  if (loose.length === 0) return [];
  const names = loose.map(({ name, collation }) => `${name} (${collation ?? ''})`).join(', ');
  const message = `${tableId(table)}: where a key changes only in what its collation does not tell apart, such as capitals, change tracking may not tell of the old one, and the destination then keeps both: ${names}`;
  const remedy =
    'Nothing to do where keys never change so. Else use extract type cdc, or a collation such as Latin1_General_100_BIN2 for the key; `penstock verify` finds such rows.';
  return [warning('sqlserver.key_collation', message, remedy)];
}

async function checkCondition(session: Session, table: ReplicatedTable): Promise<Finding[]> {
  try {
    await requireCondition(session, table);
    return [];
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return [error('sqlserver.where', cause.message, cause.remedy)];
  }
}
