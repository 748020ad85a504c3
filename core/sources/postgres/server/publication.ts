import { PenstockError } from '../../../errors/penstock-error.ts';
import { tableId, type TableName } from '../../../changes/table-name.ts';
import type { Session } from '../connection.ts';
import type { ReplicatedTable } from '../describe.ts';
import { identifier, qualified } from '../sql.ts';

/** A publication: which changes of which tables the log hands out. */
export interface Publication {
  readonly publishes: {
    readonly insert: boolean;
    readonly update: boolean;
    readonly delete: boolean;
    readonly truncate: boolean;
  };
  /** Changes of partitions come under the partitioned table's name. */
  readonly viaRoot: boolean;
  readonly storedGenerated: boolean;
  /** By table id. */
  readonly tables: ReadonlyMap<string, PublishedTable>;
}

export interface PublishedTable {
  /** Null: all columns. */
  readonly columns: readonly string[] | null;
  readonly hasRowFilter: boolean;
}

export const TRUNCATES = 110_000;
const PARTITION_ROOT = 130_000;
const LISTS_AND_FILTERS = 150_000;
const GENERATED = 180_000;

export async function readPublication(session: Session, name: string): Promise<Publication | null> {
  const { version } = session;
  const [row] = await session.rows(
    `SELECT pubinsert, pubupdate, pubdelete, ${version >= TRUNCATES ? 'pubtruncate' : 'true'},
       ${version >= PARTITION_ROOT ? 'pubviaroot' : 'false'}, ${version >= GENERATED ? `pubgencols = 's'` : 'false'}
     FROM pg_publication WHERE pubname = $1`,
    [name],
  );
  if (row === undefined) return null;
  const [insert, update, remove, truncate, viaRoot, storedGenerated] = row.map((value) => value === 't');
  return {
    publishes: {
      insert: insert === true,
      update: update === true,
      delete: remove === true,
      truncate: truncate === true,
    },
    viaRoot: viaRoot === true,
    storedGenerated: storedGenerated === true,
    tables: await readPublishedTables(session, name),
  };
}

/** `attnames` lists all columns where no list was given, so the list itself is looked up. */
async function readPublishedTables(session: Session, name: string): Promise<Map<string, PublishedTable>> {
  const lists = session.version >= LISTS_AND_FILTERS;
  const rows = await session.rows(
    lists
      ? `SELECT t.schemaname, t.tablename, t.rowfilter IS NOT NULL,
           CASE WHEN r.prattrs IS NOT NULL THEN array_to_json(t.attnames)::text END
         FROM pg_publication_tables t
         JOIN pg_namespace n ON n.nspname = t.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
         JOIN pg_publication p ON p.pubname = t.pubname
         LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
         WHERE t.pubname = $1`
      : `SELECT schemaname, tablename, false, NULL FROM pg_publication_tables WHERE pubname = $1`,
    [name],
  );
  return new Map(
    rows.map(([schema, table, filter, columns = null]) => [
      tableId({ schema: schema ?? '', name: table ?? '' }),
      { hasRowFilter: filter === 't', columns: columns === null ? null : (JSON.parse(columns) as string[]) },
    ]),
  );
}

/** All that this server's log can tell. */
function publishable(version: number): string {
  return `insert, update, delete${version >= TRUNCATES ? ', truncate' : ''}`;
}

/** The statement that makes the publication as this server's version can. */
export function createPublicationSql(version: number, name: string, tables: readonly TableName[]): string {
  const options = [
    `publish = '${publishable(version)}'`,
    ...(version >= PARTITION_ROOT ? ['publish_via_partition_root = true'] : []),
    ...(version >= GENERATED ? ['publish_generated_columns = stored'] : []),
  ];
  const forTables = tables.length === 0 ? '' : ` FOR TABLE ${tables.map(qualified).join(', ')}`;
  return `CREATE PUBLICATION ${identifier(name)}${forTables} WITH (${options.join(', ')})`;
}

export function addTablesSql(name: string, tables: readonly TableName[]): string {
  return `ALTER PUBLICATION ${identifier(name)} ADD TABLE ${tables.map(qualified).join(', ')}`;
}

/** Selected tables that the publication does not hand out. */
export function missingTables(publication: Publication, tables: readonly TableName[]): TableName[] {
  return tables.filter((table) => !publication.tables.has(tableId(table)));
}

export interface PublicationFault {
  readonly message: string;
  readonly remedy: string;
  readonly table: string | null;
}

/** What the publication withholds from the log of the selected tables; each of it would be lost silently. */
export function publicationFaults(
  publication: Publication,
  name: string,
  tables: readonly ReplicatedTable[],
  version: number,
): PublicationFault[] {
  const faults: PublicationFault[] = [];
  const withheld = Object.entries(publication.publishes).filter(([, published]) => !published);
  if (withheld.length > 0) {
    faults.push({
      message: `publication ${name} leaves out ${withheld.map(([operation]) => operation).join(', ')}`,
      remedy: `ALTER PUBLICATION ${identifier(name)} SET (publish = '${publishable(version)}');`,
      table: null,
    });
  }
  const partitioned = tables.filter(({ source }) => source.isPartitioned);
  if (partitioned.length > 0 && version < PARTITION_ROOT) {
    faults.push({
      message: `partitioned tables need PostgreSQL 13 or newer: ${partitioned.map(({ schema }) => tableId(schema.table)).join(', ')}`,
      remedy: 'Choose the partitions instead of the partitioned table.',
      table: null,
    });
  } else if (partitioned.length > 0 && !publication.viaRoot) {
    faults.push({
      message: `publication ${name} hands out changes of partitions, not of the partitioned table`,
      remedy: `ALTER PUBLICATION ${identifier(name)} SET (publish_via_partition_root = true);`,
      table: null,
    });
  }
  for (const table of tables) faults.push(...tableFaults(publication, name, table));
  return faults;
}

function tableFaults(publication: Publication, name: string, table: ReplicatedTable): PublicationFault[] {
  const id = tableId(table.schema.table);
  const published = publication.tables.get(id);
  if (published === undefined) return [];
  const lacking = table.schema.columns.filter((column) => published.columns?.includes(column.name) === false);
  const remedy = `ALTER PUBLICATION ${identifier(name)} DROP TABLE ${qualified(table.schema.table)}; ${addTablesSql(name, [table.schema.table])};`;
  return [
    ...(published.hasRowFilter
      ? [{ message: `publication ${name} filters the rows of ${id}`, remedy, table: id }]
      : []),
    ...(lacking.length > 0
      ? [
          {
            message: `publication ${name} leaves out columns of ${id}: ${lacking.map((column) => column.name).join(', ')}`,
            remedy,
            table: id,
          },
        ]
      : []),
  ];
}

/** @throws PenstockError PS2005 with the first fault */
export function requireNoFaults(faults: readonly PublicationFault[]): void {
  const [fault] = faults;
  if (fault === undefined) return;
  throw new PenstockError('PS2005', fault.message, {
    remedy: fault.remedy,
    ...(fault.table === null ? {} : { table: fault.table }),
  });
}
