import { tableId, type TableName } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { error, ok, warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { cascadeFaults, logFaults, replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { isRefused, serverErrorNumber, sourceError } from './errors.ts';
import { readAccount } from './server/grants.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, literal, qualified } from './sql.ts';
import { coversKey, readUniqueIndexes } from './server/indexes.ts';
import { requireCondition } from './where.ts';

export interface CheckedTables {
  readonly findings: Finding[];
  /** Those that can be described. */
  readonly tables: ReplicatedTable[];
}

export async function checkTables(
  session: Session,
  selections: readonly TableSelection[],
  reading: Reading,
): Promise<CheckedTables> {
  const names = selections.map(({ table }) => table);
  const sources = await findSourceTables(session, names);
  const account = await readAccount(session);
  const findings: Finding[] = [];
  const tables: ReplicatedTable[] = [];
  for (const selection of selections) {
    const id = tableId(selection.table);
    const source = sources.get(id);
    if (source === undefined) {
      findings.push(await absentTable(session, selection.table));
      continue;
    }
    const faults = [
      ...(await checkSelect(session, source, account)),
      ...(reading.fromLog ? checkLogged(source, selection, reading) : []),
      ...checkEngine(source),
    ];
    const described = describe(source, selection, reading);
    if ('severity' in described) faults.push(described);
    else {
      tables.push(described);
      faults.push(
        ...checkVirtual(source, reading),
        ...(reading.fromLog ? checkKeyless(described) : []),
        ...(await checkCondition(session, described)),
        ...(await checkKey(session, described)),
      );
    }
    findings.push(...(faults.length > 0 ? faults : [ok('mysql.table', `${id} can be read`)]));
  }
  return { findings: [...findings, ...checkZeroDates(tables, reading)], tables };
}

/** A view or a sequence is no table; a name may be written in other letters than the server's. */
async function absentTable(session: Session, { schema, name }: TableName): Promise<Finding> {
  const code = 'mysql.table';
  const id = tableId({ schema, name });
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
     WHERE LOWER(TABLE_SCHEMA) = LOWER(${literal(schema)}) AND LOWER(TABLE_NAME) = LOWER(${literal(name)})`,
  );
  const exact = rows.find(([foundSchema, foundName]) => foundSchema === schema && foundName === name);
  if (exact !== undefined) {
    const kind = exact[2] === 'VIEW' ? 'a view' : `no table, but a ${(exact[2] ?? 'thing').toLowerCase()}`;
    return error(
      code,
      `${id} is ${kind}: only tables can be replicated`,
      'Choose the tables that it reads, or leave it out.',
    );
  }
  const [near] = rows;
  if (near !== undefined) {
    const named = tableId({ schema: near[0] ?? '', name: near[1] ?? '' });
    return error(code, `${id} is not there`, `The server calls it ${named}: write it so.`);
  }
  return error(code, `${id} is not there, or the user may not see it`, 'Correct the name, or grant SELECT on it.');
}

function describe(source: SourceTable, selection: TableSelection, reading: Reading): ReplicatedTable | Finding {
  try {
    // Why the log cannot be read is a finding of its own.
    return replicatedTable(source, selection, { ...reading, fromLog: false });
  } catch (cause) {
    if (cause instanceof PenstockError) return error('mysql.table_options', cause.message, cause.remedy);
    throw cause;
  }
}

/** All columns: who may read only some of them sees only those, and the others would be missing without a word. */
async function checkSelect(session: Session, source: SourceTable, account: string): Promise<Finding[]> {
  const table = qualified(source.table);
  try {
    await session.rows(`SELECT * FROM ${table} LIMIT 0`);
    return [];
  } catch (cause) {
    if (serverErrorNumber(cause) === null) throw cause;
    if (!isRefused(cause)) {
      const { message } = sourceError(cause, `read ${tableId(source.table)}`);
      return [error('mysql.table', message, `CHECK TABLE ${table}; and repair or restore it.`)];
    }
    const message = `the user may not read ${tableId(source.table)}, or not all of its columns`;
    return [error('mysql.select_right', message, `GRANT SELECT ON ${table} TO ${account};`)];
  }
}

function checkLogged(source: SourceTable, selection: TableSelection, { policies }: Reading): Finding[] {
  const faults = logFaults(source, selection, policies.cascades);
  const accepted = policies.cascades === 'accept' ? cascadeFaults(source) : [];
  return [
    ...faults.map(({ about, message, remedy }) => error(`mysql.${about}`, message, remedy)),
    ...accepted.map(({ about, message, remedy }) => warning(`mysql.${about}`, message, remedy)),
  ];
}

const TRANSACTIONAL = new Set(['innodb', 'rocksdb', 'tokudb']);

function checkEngine(source: SourceTable): Finding[] {
  if (source.engine === null || TRANSACTIONAL.has(source.engine.toLowerCase())) return [];
  return [
    warning(
      'mysql.no_transactions',
      `${tableId(source.table)} has engine ${source.engine}, which has no transactions: a copy sees changes that are made meanwhile`,
      `ALTER TABLE ${qualified(source.table)} ENGINE = InnoDB;`,
    ),
  ];
}

function checkVirtual(source: SourceTable, { virtualColumns }: Reading): Finding[] {
  const left = source.columns.filter(({ generated }) => generated === 'virtual' && !virtualColumns);
  if (left.length === 0) return [];
  const names = left.map(({ name }) => name).join(', ');
  return [
    warning(
      'mysql.generated_columns',
      `${tableId(source.table)}: virtual generated columns are not replicated: ${names}`,
      'Compute them at the destination, or make them STORED.',
    ),
  ];
}

function checkKeyless({ schema }: ReplicatedTable): Finding[] {
  if (schema.identity.tag === 'key') return [];
  return [
    warning(
      'mysql.no_key',
      `${tableId(schema.table)} has no primary key: rows are found again by all of their values, which is slow`,
      `Choose key columns for the table, or: ALTER TABLE ${qualified(schema.table)} ADD PRIMARY KEY (…);`,
    ),
  ];
}

async function checkCondition(session: Session, table: ReplicatedTable): Promise<Finding[]> {
  try {
    await requireCondition(session, table);
    return [];
  } catch (cause) {
    if (cause instanceof PenstockError) return [error('mysql.where', cause.message, 'Correct the WHERE of the table.')];
    // The right to read is a finding of its own.
    if (isRefused(cause)) return [];
    throw cause;
  }
}

/** A chosen key that is not unique would merge rows into one. */
async function checkKey(session: Session, table: ReplicatedTable): Promise<Finding[]> {
  const { key } = table.selection;
  if (key === null || key.length === 0) return [];
  const id = tableId(table.schema.table);
  const name = qualified(table.schema.table);
  const isUnique = coversKey(await readUniqueIndexes(session, table.schema.table), key);
  const nullable = table.columns.filter((column) => column.mustBeSet);
  return [
    ...(isUnique
      ? []
      : [
          warning(
            'mysql.key',
            `${id}: no unique index makes sure that the chosen key is unique: ${key.join(', ')}; where two rows have it, even for a moment inside a transaction, one of them can be lost`,
            `ALTER TABLE ${name} ADD UNIQUE (${key.map(identifier).join(', ')});`,
          ),
        ]),
    ...(nullable.length === 0
      ? []
      : [
          warning(
            'mysql.key_null',
            `${id}: rows with NULL in key column ${nullable.map(({ source }) => source.name).join(', ')} do not fit`,
            `ALTER TABLE ${name} ${nullable.map(({ source }) => `MODIFY ${identifier(source.name)} ${source.declared} NOT NULL`).join(', ')};`,
          ),
        ]),
  ];
}

const CALENDAR = new Set(['date', 'datetime', 'timestamp']);

function checkZeroDates(tables: readonly ReplicatedTable[], { policies }: Reading): Finding[] {
  if (policies.zeroDates !== 'null') return [];
  const concerned = tables.filter(({ columns }) =>
    columns.some(({ source, isMasked }) => !isMasked && CALENDAR.has(source.type.tag)),
  );
  if (concerned.length === 0) return [];
  const ids = concerned.map(({ schema }) => tableId(schema.table)).join(', ');
  return [
    warning(
      'mysql.zero_dates',
      `dates with a month or a day of 0 become NULL in ${ids}`,
      'Set source.zeroDates to stop, to be told of them instead.',
    ),
  ];
}
