import { createHash } from 'node:crypto';
import type { ColumnType } from '../../changes/column-type.ts';
import type { TargetColumn, TargetTable } from '../target-table.ts';
import { workingTables } from '../target-naming.ts';
import { characterSet, columnDdl } from './column-types.ts';
import type { Dialect } from './dialect.ts';
import { literal, nameList, qualified, quoted } from './sql-text.ts';

/** Column of the row's hash, in the key of a table that has no key at the source, together with {@link ORDINAL}. */
export const ROW = '__row';
/** 1…n: tells equal rows apart. */
export const ORDINAL = '__ordinal';
/** The change that made a version of a history; 0 for a copied row. */
export const SEQUENCE = '__seq';

/** The columns that find a row by its identity at the source: the key columns, or the row's hash. */
export function identityColumns(target: TargetTable): string[] {
  return target.schema.identity.tag === 'key' ? [...target.schema.identity.columns] : [ROW];
}

/** The primary key at the destination, the only unique key there. */
export function primaryKey(target: TargetTable): string[] {
  if (target.schema.identity.tag === 'row') return [ROW, ORDINAL];
  return target.keeping.tag === 'history' ? [...identityColumns(target), SEQUENCE] : identityColumns(target);
}

export function isKeyed(target: TargetTable): boolean {
  return target.schema.identity.tag === 'key';
}

/** The final structure under the name `table`: the target itself, or a copy that is to replace it. */
export function createTargetSql(target: TargetTable, table: string, dialect: Dialect): string {
  const before = isKeyed(target)
    ? []
    : [`${quoted(ROW)} CHAR(32) ${dialect.asciiText} NOT NULL`, `${quoted(ORDINAL)} BIGINT NOT NULL`];
  const key = `PRIMARY KEY (${nameList(primaryKey(target))})`;
  return createSql(
    target.database,
    table,
    [...before, ...targetColumns(target, dialect), ...historyColumns(target), key],
    {
      dialect,
      shard: identityColumns(target),
      sort: identityColumns(target),
      comment: null,
    },
  );
}

/** Rows of a table without a key as they are copied, before equal ones are numbered. */
export function createRawCopySql(target: TargetTable, dialect: Dialect): string {
  const columns = [`${quoted(ROW)} CHAR(32) ${dialect.asciiText} NOT NULL`, ...targetColumns(target, dialect)];
  const { raw } = workingTables(target.name);
  return createSql(target.database, raw, columns, { dialect, shard: [ROW], sort: [ROW], comment: null });
}

/**
 * The staging table of a target: lead columns, the target's columns, all nullable but the key.
 * Its comment holds a hash of its structure, so that one of an older structure is seen and made anew.
 */
export function createStagingSql(
  target: TargetTable,
  dialect: Dialect,
): { readonly sql: string; readonly comment: string } {
  const ddl = columnDdl(target.columns, dialect);
  const lead = [
    '`__load` BIGINT NOT NULL',
    `\`__op\` CHAR(1) ${dialect.asciiText} NOT NULL`,
    '`__seq` BIGINT NOT NULL',
    '`__at` DATETIME(6) NOT NULL',
    ...(isKeyed(target)
      ? [`\`__absent\` LONGTEXT ${characterSet(dialect)} NOT NULL`, ...originColumns(target, ddl)]
      : [`${quoted(ROW)} CHAR(32) ${dialect.asciiText} NOT NULL`, `${quoted(ORDINAL)} BIGINT NOT NULL`]),
  ];
  const columns = target.columns.map(
    (column) => `${quoted(column.name)} ${typeOf(ddl, column.name)}${column.inKey ? ' NOT NULL' : ' NULL'}`,
  );
  const keys = dialect.name === 'singlestore' ? [] : [`PRIMARY KEY (${nameList(stagingKey(target))})`];
  const content = [...lead, ...columns, ...keys];
  const comment = `penstock staging ${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)}`;
  const sql = createSql(target.stagingDatabase, workingTables(target.name).staging, content, {
    dialect,
    shard: identityColumns(target),
    sort: ['__load', '__seq'],
    comment,
  });
  return { sql, comment };
}

/**
 * What is unique among a part's lines: by key one line in a mirror, one a change in a history, one a copy without a key.
 * Rows of a load lie together and in the target's order. SingleStore gets a sort key instead: its LOAD DATA refuses duplicates late.
 */
function stagingKey(target: TargetTable): string[] {
  return ['__load', ...primaryKey(target)];
}

/** The greatest index of a change in an extract: a version that a repair makes comes after all that the extract made. */
export const REPAIR_INDEX = 9_999_999_999;

/** Whether a version's sequence says that a repair made it: no extract holds it. */
export function isRepairedText(sequence: string): string {
  return `${sequence} % 10000000000 = ${REPAIR_INDEX}`;
}

/** In the table of a replay: the sequence of what ended a version; NULL as long as it is open. */
export const UNTIL = '__until';

/**
 * What a replay collects of a table with a key: of a mirror the last line of each key, of a history its versions.
 * `__absent` names columns that no collected line has a value of, by their place in the target's columns, each between commas:
 * the row at the target has it. A `-` before it: where there is no such row, it is what the column was added with.
 */
export function createReplaySql(
  target: TargetTable,
  dialect: Dialect,
): { readonly sql: string; readonly comment: string } {
  const lead = [
    `\`__op\` CHAR(1) ${dialect.asciiText} NOT NULL`,
    `\`__absent\` LONGTEXT ${characterSet(dialect)} NOT NULL`,
  ];
  const key = `PRIMARY KEY (${nameList(primaryKey(target))})`;
  const until = target.keeping.tag === 'history' ? [`${quoted(UNTIL)} BIGINT NULL`] : [];
  const content = [...lead, ...targetColumns(target, dialect), ...historyColumns(target), ...until, key];
  const comment = `penstock replay ${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)}`;
  const sql = createSql(target.stagingDatabase, workingTables(target.name).replay, content, {
    dialect,
    shard: identityColumns(target),
    sort: identityColumns(target),
    comment,
  });
  return { sql, comment };
}

/** A column's value in rows that were there before it was added, as SQL. */
export function backfillText(column: TargetColumn, dialect: Dialect): string {
  return column.backfill === null ? 'NULL' : defaultText(column, dialect);
}

function originColumns(target: TargetTable, ddl: ReadonlyMap<string, string>): string[] {
  return identityColumns(target).map((name, index) => `${quoted(originName(index))} ${typeOf(ddl, name)} NULL`);
}

/** The staging column with the old value of key column `index`. */
export function originName(index: number): string {
  return `__origin${index + 1}`;
}

export function addColumnSql(target: TargetTable, column: TargetColumn, table: string, dialect: Dialect): string {
  const type = typeOf(columnDdl(target.columns, dialect), column.name);
  // The default stays: rows of an older structure that are loaded later get it too. Newer ones always name the column.
  const backfill = column.backfill === null ? 'NULL' : `DEFAULT ${defaultText(column, dialect)}`;
  return `ALTER TABLE ${qualified(target.database, table)} ADD COLUMN ${quoted(column.name)} ${type} ${backfill}`;
}

export function widenColumnSql(target: TargetTable, column: TargetColumn, table: string, dialect: Dialect): string {
  const type = typeOf(columnDdl(target.columns, dialect), column.name);
  const rest = column.inKey
    ? 'NOT NULL'
    : column.backfill === null
      ? 'NULL'
      : `DEFAULT ${defaultText(column, dialect)}`;
  return `ALTER TABLE ${qualified(target.database, table)} MODIFY COLUMN ${quoted(column.name)} ${type} ${rest}`;
}

/** SingleStore knows no RENAME COLUMN, and its CHANGE takes no definition. */
export function renameColumnSql(target: TargetTable, from: string, to: string, dialect: Dialect): string {
  const table = qualified(target.database, target.name);
  return dialect.name === 'singlestore'
    ? `ALTER TABLE ${table} CHANGE ${quoted(from)} ${quoted(to)}`
    : `ALTER TABLE ${table} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`;
}

/** A query for how many rows have a value in `name` that is not the same in a column of this type. */
export function unfitSql(target: TargetTable, name: string, type: ColumnType, dialect: Dialect): string {
  const condition = unfitCondition(quoted(name), type, dialect);
  return `SELECT COUNT(*) AS unfit FROM ${qualified(target.database, target.name)} WHERE ${condition}`;
}

function unfitCondition(column: string, type: ColumnType, dialect: Dialect): string {
  switch (type.tag) {
    case 'text':
      return type.maxCharacters === null ? 'FALSE' : `CHAR_LENGTH(${column}) > ${type.maxCharacters}`;
    case 'binary':
      return type.maxBytes === null ? 'FALSE' : `LENGTH(${column}) > ${type.maxBytes}`;
    case 'integer': {
      const most = (1n << BigInt(type.unsigned ? type.bits : type.bits - 1)) - 1n;
      const least = type.unsigned ? 0n : -most - 1n;
      return `${column} NOT BETWEEN ${least} AND ${most} OR ${column} <> ROUND(${column})`;
    }
    // A CAST clamps what is too large and rounds what is too fine: both are other values then.
    case 'decimal':
      return `${column} <> CAST(${column} AS DECIMAL(${type.precision},${type.scale}))`;
    case 'time':
    case 'datetime':
      return `${column} <> CAST(${column} AS ${type.tag === 'time' ? 'TIME' : 'DATETIME'}(${dialect.storedFraction(type.fraction)}))`;
    case 'boolean':
    case 'double':
    case 'date':
      return 'FALSE';
  }
}

/** MySQL takes a default for LONGTEXT and LONGBLOB only as an expression; MariaDB takes both forms. */
function defaultText(column: TargetColumn, dialect: Dialect): string {
  const text = column.backfill ?? '';
  if (column.type.tag === 'binary') {
    if (!/^([0-9a-f]{2})*$/i.test(text)) return 'NULL';
    return dialect.name === 'singlestore' ? `X'${text}'` : `(X'${text}')`;
  }
  return dialect.name === 'singlestore' || column.type.tag !== 'text' ? literal(text) : `(${literal(text)})`;
}

/** One table at a time: SingleStore cannot swap two at once. */
export function renameSql(database: string, from: string, to: string): string {
  return `ALTER TABLE ${qualified(database, from)} RENAME TO ${qualified(database, to)}`;
}

export function dropSql(database: string, table: string): string {
  return `DROP TABLE IF EXISTS ${qualified(database, table)}`;
}

interface TableOptions {
  readonly dialect: Dialect;
  readonly shard: readonly string[];
  readonly sort: readonly string[];
  readonly comment: string | null;
}

function createSql(database: string, table: string, content: readonly string[], options: TableOptions): string {
  const { dialect, comment } = options;
  const isSingleStore = dialect.name === 'singlestore';
  const placement = isSingleStore
    ? [`SHARD KEY (${nameList(options.shard)})`, `SORT KEY (${nameList(options.sort)})`]
    : [];
  const engine = isSingleStore ? '' : ` ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT ${characterSet(dialect)}`;
  const lines = [...content, ...placement].map((line) => `  ${line}`).join(',\n');
  return `CREATE TABLE IF NOT EXISTS ${qualified(database, table)} (\n${lines}\n)${engine}${comment === null ? '' : ` COMMENT=${literal(comment)}`}`;
}

function targetColumns(target: TargetTable, dialect: Dialect): string[] {
  const ddl = columnDdl(target.columns, dialect);
  return target.columns.map(
    ({ name, inKey }) => `${quoted(name)} ${typeOf(ddl, name)}${inKey ? ' NOT NULL' : ' NULL'}`,
  );
}

function historyColumns(target: TargetTable): string[] {
  if (target.keeping.tag !== 'history') return [];
  const { startColumn, endColumn } = target.keeping;
  return [startColumn, endColumn]
    .map((name) => `${quoted(name)} DATETIME(6) NOT NULL`)
    .concat(`${quoted(SEQUENCE)} BIGINT NOT NULL`);
}

function typeOf(ddl: ReadonlyMap<string, string>, name: string): string {
  return ddl.get(name) ?? '';
}
