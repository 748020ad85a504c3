import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { identityOf, replicaIdentityFault, replicatedTable, type ReplicatedTable } from './describe.ts';
import { error, ok, warning } from '../finding.ts';
import { partitionFaults } from './server/partitions.ts';
import { readPublication } from './server/publication.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';
import { requireCondition } from './where.ts';

export interface TableChecks {
  readonly fromLog: boolean;
  readonly publication: string | null;
}

export interface CheckedTables {
  readonly findings: Finding[];
  /** Those that can be described. */
  readonly tables: ReplicatedTable[];
}

export async function checkTables(
  session: Session,
  selections: readonly TableSelection[],
  checks: TableChecks,
): Promise<CheckedTables> {
  const sources = await findSourceTables(
    session,
    selections.map(({ table }) => table),
  );
  const publication = checks.publication === null ? null : await readPublication(session, checks.publication);
  const generatedColumns = checks.fromLog ? (publication?.storedGenerated ?? session.version >= 180_000) : true;
  const findings: Finding[] = [];
  const tables: ReplicatedTable[] = [];
  for (const selection of selections) {
    const id = tableId(selection.table);
    const source = sources.get(id);
    if (source === undefined) {
      findings.push(
        error(
          'postgres.table',
          `${id} is not there, or the user may not see it`,
          'Correct the name, or grant USAGE on its schema.',
        ),
      );
      continue;
    }
    const faults = [
      ...(await checkRights(session, source)),
      ...(checks.fromLog ? await checkLogged(session, source, selection) : []),
      ...checkGenerated(source, generatedColumns),
    ];
    const described = describe(source, selection, generatedColumns);
    if ('severity' in described) faults.push(described);
    else {
      tables.push(described);
      faults.push(...(await checkCondition(session, described)), ...(await checkKey(session, described)));
    }
    findings.push(...(faults.length > 0 ? faults : [ok('postgres.table', `${id} can be read`)]));
  }
  return { findings, tables };
}

function describe(
  source: SourceTable,
  selection: TableSelection,
  generatedColumns: boolean,
): ReplicatedTable | Finding {
  try {
    // What the log says of old rows is a finding of its own.
    return replicatedTable(source, selection, { fromLog: false, generatedColumns });
  } catch (cause) {
    if (cause instanceof PenstockError) return error('postgres.table_options', cause.message, cause.remedy);
    throw cause;
  }
}

/** Rows that row-level security hides from this user would be missing without a word. */
async function checkRights(session: Session, source: SourceTable): Promise<Finding[]> {
  const [row] = await session.rows(
    `SELECT current_user, has_table_privilege($1::oid, 'SELECT'), row_security_active($1::oid),
       has_schema_privilege((SELECT relnamespace FROM pg_class WHERE oid = $1::oid), 'USAGE')`,
    [source.oid],
  );
  const [user, select, hidden, usage] = row ?? [];
  const id = tableId(source.table);
  const name = qualified(source.table);
  const grantee = identifier(user ?? '');
  const findings: Finding[] = [];
  if (usage !== 't') {
    findings.push(
      error(
        'postgres.schema_right',
        `the user may not use schema ${source.table.schema}`,
        `GRANT USAGE ON SCHEMA ${identifier(source.table.schema)} TO ${grantee};`,
      ),
    );
  }
  if (select !== 't')
    findings.push(
      error('postgres.select_right', `the user may not read ${id}`, `GRANT SELECT ON ${name} TO ${grantee};`),
    );
  if (hidden === 't') {
    findings.push(
      error(
        'postgres.row_security',
        `row-level security hides rows of ${id} from the user`,
        `ALTER ROLE ${grantee} WITH BYPASSRLS;`,
      ),
    );
  }
  return findings;
}

async function checkLogged(session: Session, source: SourceTable, selection: TableSelection): Promise<Finding[]> {
  const id = tableId(source.table);
  const findings: Finding[] = [];
  if (!source.isLogged) {
    findings.push(
      error(
        'postgres.unlogged',
        `${id} is unlogged: its changes are in no log`,
        `ALTER TABLE ${qualified(source.table)} SET LOGGED;`,
      ),
    );
  }
  if (source.isPartitioned && session.version < 130_000) {
    findings.push(
      error(
        'postgres.partitioned',
        `${id} is partitioned, which needs PostgreSQL 13 or newer`,
        'Choose the partitions instead.',
      ),
    );
  }
  const identity = identityOf(source, selection);
  const fault = replicaIdentityFault(source, identity);
  if (fault !== null) findings.push(error('postgres.replica_identity', fault.message, fault.remedy));
  else {
    const faults = await partitionFaults(session, source, identity);
    findings.push(...faults.map((one) => error('postgres.replica_identity', one.message, one.remedy)));
  }
  return findings;
}

function checkGenerated(source: SourceTable, storedAreRead: boolean): Finding[] {
  const left = source.columns.filter(
    (column) => column.generated === 'virtual' || (column.generated === 'stored' && !storedAreRead),
  );
  if (left.length === 0) return [];
  const names = left.map((column) => column.name).join(', ');
  const remedy = left.some((column) => column.generated === 'stored')
    ? 'From PostgreSQL 18 on: ALTER PUBLICATION … SET (publish_generated_columns = stored), then a full extract.'
    : 'Compute them at the destination, or store them.';
  return [
    warning(
      'postgres.generated_columns',
      `${tableId(source.table)}: generated columns are not replicated: ${names}`,
      remedy,
    ),
  ];
}

async function checkCondition(session: Session, table: ReplicatedTable): Promise<Finding[]> {
  try {
    await requireCondition(session, table);
    return [];
  } catch (cause) {
    if (cause instanceof PenstockError)
      return [error('postgres.where', cause.message, 'Correct the WHERE of the table.')];
    throw cause;
  }
}

/** A chosen key that is not unique would merge rows into one. */
async function checkKey(session: Session, table: ReplicatedTable): Promise<Finding[]> {
  const { key } = table.selection;
  if (key === null || key.length === 0) return [];
  const [row] = await session.rows(
    `SELECT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = $1::oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
       AND x.indexprs IS NULL AND (SELECT bool_and(a.attname = ANY ($2::text[])) FROM pg_attribute a
         WHERE a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey::int2[])))`,
    [table.source.oid, key],
  );
  const id = tableId(table.schema.table);
  const nullable = table.columns.filter((column) => column.mustBeSet).map(({ column }) => column.name);
  const columns = key.map(identifier).join(', ');
  return [
    ...(row?.[0] === 't'
      ? []
      : [
          warning(
            'postgres.key',
            `${id}: no unique index makes sure that the chosen key is unique: ${key.join(', ')}`,
            `CREATE UNIQUE INDEX CONCURRENTLY ON ${qualified(table.schema.table)} (${columns});`,
          ),
        ]),
    ...(nullable.length === 0
      ? []
      : [
          warning(
            'postgres.key_null',
            `${id}: rows with NULL in key column ${nullable.join(', ')} do not fit`,
            `ALTER TABLE ${qualified(table.schema.table)} ${nullable.map((name) => `ALTER ${identifier(name)} SET NOT NULL`).join(', ')};`,
          ),
        ]),
  ];
}
