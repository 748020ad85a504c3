import type { TargetTable } from '../target-table.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { workingTables } from '../target-naming.ts';
import type { Dialect } from './dialect.ts';
import { literal, nameList, qualified, quoted } from './sql-text.ts';
import { identityColumns, isKeyed, ORDINAL, originName, primaryKey, ROW, SEQUENCE } from './table-sql.ts';

/** What a part is, as far as its statements depend on it. */
export interface PartShape {
  readonly target: TargetTable;
  /** The target's columns that the part holds, in its order; null for one that the target has no more. */
  readonly columns: readonly (string | null)[];
  readonly hasAbsent: boolean;
  readonly truncatedAt: string | null;
  /** The staging tag of the part's rows. */
  readonly load: bigint;
  readonly upserts: number;
  readonly deletes: number;
}

/** What the number of affected rows of a statement says. */
export type Effect =
  | 'upserted'
  | 'ended'
  | 'removed'
  | 'emptied'
  | 'closed'
  /** Must be as many as the part's D lines ask for. */
  | 'removedCopies';

/** One statement of a merge. `missing`: a query for the number of rows that should stand at the destination and do not. */
export type MergeStatement =
  | { readonly tag: 'change'; readonly sql: string; readonly effect: Effect }
  | { readonly tag: 'missing'; readonly sql: string }
  /** A query for the number of copies that the D lines take away. */
  | { readonly tag: 'copies'; readonly sql: string };

/**
 * The statements that apply one staged part, in order, to be run in one transaction. Texts depend on the table and the kind
 * of part only, but for the tag: SingleStore compiles each new text.
 */
export function mergeStatements(part: PartShape, dialect: Dialect): MergeStatement[] {
  if (part.target.keeping.tag === 'history') return historyStatements(part, part.target.keeping, dialect);
  return isKeyed(part.target) ? mirrorStatements(part, dialect) : rowStatements(part, dialect);
}

/** The part's columns that are loaded. */
export function heldColumns(part: Pick<PartShape, 'columns'>): string[] {
  return part.columns.filter((name) => name !== null);
}

export function targetText(target: TargetTable): string {
  return qualified(target.database, target.name);
}

export function stagingText(target: TargetTable): string {
  return qualified(target.stagingDatabase, workingTables(target.name).staging);
}

/** `a.k = b.k AND …`, names of both sides given. */
export function matches(
  left: string,
  leftNames: readonly string[],
  right: string,
  rightNames: readonly string[],
): string {
  return leftNames
    .map((name, index) => `${left}.${quoted(name)} = ${right}.${quoted(rightNames[index] ?? name)}`)
    .join(' AND ');
}

export function origins(target: TargetTable): string[] {
  return identityColumns(target).map((_, index) => originName(index));
}

/** A column's new value: from the row as it stood where the source did not send it. */
function valueText(part: PartShape, name: string): string {
  const ordinal = part.columns.indexOf(name) + 1;
  return part.hasAbsent && !identityColumns(part.target).includes(name)
    ? `IF(LOCATE(',${ordinal},', CONCAT(',', s.\`__absent\`, ',')) > 0, o.${quoted(name)}, s.${quoted(name)})`
    : `s.${quoted(name)}`;
}

/**
 * Upserts before deletes: absent values are read from rows that may be deleted by the same part (a changed key).
 * INSERT … SELECT reads all of its rows before it writes the first, so two rows may swap their keys.
 */
function mirrorStatements(part: PartShape, dialect: Dialect): MergeStatement[] {
  const { target } = part;
  const [table, staging] = [targetText(target), stagingText(target)];
  const key = identityColumns(target);
  const statements: MergeStatement[] = [];
  if (part.truncatedAt !== null) statements.push({ tag: 'change', sql: `DELETE FROM ${table}`, effect: 'emptied' });
  if (part.upserts > 0) {
    const originJoin = ` LEFT JOIN ${table} o ON ${matches('o', key, 's', origins(target))}`;
    const chosen = `WHERE s.\`__load\` = ${part.load} AND s.\`__op\` = 'U'`;
    if (part.hasAbsent) {
      const sql = `SELECT COUNT(*) AS missing FROM ${staging} s${originJoin} ${chosen} AND s.\`__absent\` <> '' AND o.${quoted(key[0] ?? '')} IS NULL`;
      statements.push({ tag: 'missing', sql });
    }
    const columns = heldColumns(part);
    const values = columns.map((name) => valueText(part, name)).join(', ');
    const rows = `INTO ${table} (${nameList(columns)}) SELECT ${values} FROM ${staging} s${part.hasAbsent ? originJoin : ''} ${chosen}`;
    const sql = upsertText(
      rows,
      columns.filter((name) => !key.includes(name)),
    );
    statements.push({ tag: 'change', sql, effect: 'upserted' });
  }
  if (part.deletes > 0) {
    const sql =
      `DELETE t FROM ${staging} s ${dialect.orderedJoin} ${table} t ON ${matches('t', key, 's', key)}` +
      ` WHERE s.\`__load\` = ${part.load} AND s.\`__op\` = 'D'`;
    statements.push({ tag: 'change', sql, effect: 'removed' });
  }
  return statements;
}

/**
 * A table that is all key has nothing to update, and SingleStore sets no key column in an update: there the row takes its own place.
 * INSERT IGNORE would hide other errors.
 */
export function upsertText(rows: string, columns: readonly string[]): string {
  if (columns.length === 0) return `REPLACE ${rows}`;
  return `INSERT ${rows} ON DUPLICATE KEY UPDATE ${columns.map((name) => `${quoted(name)} = VALUES(${quoted(name)})`).join(', ')}`;
}

/** Equal rows of a table without a key are numbered 1…n: new ones get the next numbers, the last ones go. */
function rowStatements(part: PartShape, dialect: Dialect): MergeStatement[] {
  const { target } = part;
  const [table, staging] = [targetText(target), stagingText(target)];
  const chosen = (op: string): string => `s.\`__load\` = ${part.load} AND s.\`__op\` = '${op}'`;
  const last = (op: string): string =>
    `(SELECT s.${quoted(ROW)}, MAX(t.${quoted(ORDINAL)}) AS \`last\` FROM (SELECT DISTINCT s.${quoted(ROW)} FROM ${staging} s WHERE ${chosen(op)}) s` +
    ` ${dialect.orderedJoin} ${table} t ON t.${quoted(ROW)} = s.${quoted(ROW)} GROUP BY s.${quoted(ROW)})`;
  const statements: MergeStatement[] = [];
  if (part.truncatedAt !== null) statements.push({ tag: 'change', sql: `DELETE FROM ${table}`, effect: 'emptied' });
  if (part.deletes > 0) {
    statements.push({
      tag: 'copies',
      sql: `SELECT COALESCE(SUM(s.${quoted(ORDINAL)}), 0) AS copies FROM ${staging} s WHERE ${chosen('D')}`,
    });
    const sql =
      `DELETE t FROM (SELECT s.${quoted(ROW)}, m.\`last\` - s.${quoted(ORDINAL)} AS \`keep\` FROM ${staging} s` +
      ` JOIN ${last('D')} m ON m.${quoted(ROW)} = s.${quoted(ROW)} WHERE ${chosen('D')}) d` +
      ` ${dialect.orderedJoin} ${table} t ON t.${quoted(ROW)} = d.${quoted(ROW)} AND t.${quoted(ORDINAL)} > d.\`keep\``;
    statements.push({ tag: 'change', sql, effect: 'removedCopies' });
  }
  if (part.upserts > 0) {
    const sql =
      `INSERT INTO ${table} (${nameList([ROW, ORDINAL, ...heldColumns(part)])})` +
      ` SELECT s.${quoted(ROW)}, COALESCE(m.\`last\`, 0) + s.${quoted(ORDINAL)}, ${nameList(heldColumns(part), 's.')}` +
      ` FROM ${staging} s LEFT JOIN ${last('U')} m ON m.${quoted(ROW)} = s.${quoted(ROW)} WHERE ${chosen('U')}`;
    statements.push({ tag: 'change', sql, effect: 'upserted' });
  }
  return statements;
}

export type History = Extract<TargetTable['keeping'], { tag: 'history' }>;

/**
 * Type 2: every `U` line is a version from its time to the next line's of its key. The new versions go in first, while
 * the ones that they follow are still open: absent values are read from those. Then those are closed.
 */
function historyStatements(part: PartShape, history: History, dialect: Dialect): MergeStatement[] {
  const { target } = part;
  const [table, staging] = [targetText(target), stagingText(target)];
  const key = identityColumns(target);
  const [start, end, open] = [quoted(history.startColumn), quoted(history.endColumn), literal(history.openEnd)];
  const statements: MergeStatement[] = [];
  if (part.truncatedAt !== null) {
    const sql = `UPDATE ${table} SET ${end} = ${literal(part.truncatedAt)} WHERE ${end} = ${open}`;
    statements.push({ tag: 'change', sql, effect: 'ended' });
  }
  if (part.upserts + part.deletes === 0) return statements;
  if (part.upserts > 0) {
    const lines = versionLines(part, dialect);
    const originJoin = ` LEFT JOIN ${table} o ON ${matches('o', key, 's', origins(target))} AND o.${end} = ${open}`;
    if (part.hasAbsent) {
      const sql =
        `SELECT COUNT(*) AS missing FROM ${staging} s${originJoin} WHERE s.\`__load\` = ${part.load} AND s.\`__op\` = 'U'` +
        ` AND s.\`__absent\` <> '' AND o.${quoted(key[0] ?? '')} IS NULL`;
      statements.push({ tag: 'missing', sql });
    }
    const values = heldColumns(part)
      .map((name) => valueText(part, name))
      .join(', ');
    const sql =
      `INSERT INTO ${table} (${nameList(heldColumns(part))}, ${start}, ${end}, ${quoted(SEQUENCE)})` +
      ` SELECT ${values}, s.\`__at\`, COALESCE(n.\`__next\`, ${open}), s.\`__seq\` FROM ${lines}${part.hasAbsent ? originJoin : ''}` +
      ` WHERE s.\`__op\` = 'U' ON DUPLICATE KEY UPDATE ${end} = VALUES(${end})`;
    statements.push({ tag: 'change', sql, effect: 'upserted' });
  }
  const closed = { table, isOlder: `h.${quoted(SEQUENCE)} < s.${quoted(SEQUENCE)}`, alsoSet: '' };
  statements.push({ tag: 'change', sql: closeSql(part, history, closed, dialect), effect: 'closed' });
  return statements;
}

/** A part's lines as `s`, each with the time of the next one of its key as `n.__next`; `tellsNext`: and its sequence as `n.__until`. */
export function versionLines(part: PartShape, dialect: Dialect, tellsNext = false): string {
  const staging = stagingText(part.target);
  const key = identityColumns(part.target);
  const keyList = nameList(key, 's.');
  const ofKey = `OVER (PARTITION BY ${keyList} ORDER BY s.\`__seq\`)`;
  const until = tellsNext ? `, LEAD(s.\`__seq\`) ${ofKey} AS \`__until\`` : '';
  // Only keys and times are sorted: long texts would take the sort to the disk.
  const ends =
    `(SELECT ${keyList}, s.\`__seq\`, LEAD(s.\`__at\`) ${ofKey} AS \`__next\`${until}` +
    ` FROM ${staging} s WHERE s.\`__load\` = ${part.load})`;
  return (
    `${ends} n ${dialect.orderedJoin} ${staging} s ON s.\`__load\` = ${part.load} AND ${matches('s', key, 'n', key)}` +
    ' AND s.`__seq` = n.`__seq`'
  );
}

/** Which versions a part's lines end. */
interface Closed {
  readonly table: string;
  /** Whether the version `h` is one that the line `s` may end. */
  readonly isOlder: string;
  /** What else is set: empty, or begins with a comma. */
  readonly alsoSet: string;
}

/** Ends the versions that are open and that a part's lines follow. */
export function closeSql(
  part: PartShape,
  history: History,
  { table, isOlder, alsoSet }: Closed,
  dialect: Dialect,
): string {
  const key = identityColumns(part.target);
  const keyList = nameList(key, 's.');
  const [end, open] = [quoted(history.endColumn), literal(history.openEnd)];
  // The time of a key's first line, not its smallest time: clocks may go back between two commits.
  const first =
    `(SELECT f.* FROM (SELECT ${keyList}, s.\`__seq\`, s.\`__at\`, ROW_NUMBER() OVER (PARTITION BY ${keyList} ORDER BY s.\`__seq\`) AS \`__n\`` +
    ` FROM ${stagingText(part.target)} s WHERE s.\`__load\` = ${part.load}) f WHERE f.\`__n\` = 1)`;
  return (
    `UPDATE ${first} s ${dialect.orderedJoin} ${table} h ON ${matches('h', key, 's', key)} AND h.${end} = ${open} AND ${isOlder}` +
    ` SET h.${end} = s.\`__at\`${alsoSet}`
  );
}

/** @throws PenstockError PS9001 when a part holds a column that the target has not, or lacks a key column */
export function checkColumns(target: TargetTable, columns: readonly (string | null)[]): void {
  const known = new Set(target.columns.map((column) => column.name));
  const unknown = columns.find((name) => name !== null && !known.has(name)) ?? undefined;
  const lacking = primaryKey(target).find((name) => known.has(name) && !columns.includes(name));
  if (unknown === undefined && lacking === undefined) return;
  const what = unknown === undefined ? `lacks the key column ${lacking ?? ''}` : `holds the column ${unknown}`;
  throw new PenstockError('PS9001', `a part for ${target.database}.${target.name} ${what}, unlike the table`);
}
