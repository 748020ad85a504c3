import { sequenceText } from '../../extracts/row-encoding.ts';
import { workingTables } from '../target-naming.ts';
import type { TargetTable } from '../target-table.ts';
import type { Dialect } from './dialect.ts';
import {
  closeSql,
  heldColumns,
  matches,
  origins,
  stagingText,
  targetText,
  upsertText,
  versionLines,
  type History,
  type PartShape,
} from './merge-sql.ts';
import { literal, nameList, qualified, quoted } from './sql-text.ts';
import { backfillText, identityColumns, isRepairedText, primaryKey, SEQUENCE, UNTIL } from './table-sql.ts';

/**
 * A replay makes the rows of a table anew from extracts that were applied before. Applying them again one by one would be wrong:
 * a value that the source did not send is to be taken from the row that stood there then, and today another one may stand there.
 * So what the extracts did is collected in a table of its own, and put into the target at once:
 *
 * - A mirror's row is what the last line of its key says. A value that no collected line has was there before the first of them and
 *   has not changed since: the row that stands under the key today has it. Of a row that was set aside last the extracts hold nothing:
 *   it stays away, or stands as a retry of the quarantine fetched it.
 * - A history's versions are the collected lines, each from its time to the next line's of its key. A value that no line has stands in
 *   the version itself, which was made when the extract was applied first. Versions older than the replay have ended where they
 *   should, or are ended. A version that a repair made is in no extract. It stays where the extracts leave a gap, and goes where
 *   they have the version that was missing then.
 */

/** One statement of a replay; `inserted`: an upsert of so many rows, `removed`: rows that should not have been there. */
export type ReplayStatement =
  | { readonly tag: 'collect'; readonly sql: string }
  | { readonly tag: 'removed'; readonly sql: string }
  | { readonly tag: 'upserted'; readonly sql: string };

export function replayText(target: TargetTable): string {
  return qualified(target.stagingDatabase, workingTables(target.name).replay);
}

/** A part that is collected. */
export interface CollectedShape extends PartShape {
  readonly extract: number;
  /** The first extract of the replay. */
  readonly from: number;
  /** Of a mirror: the staging tag of the keys whose rows the part set aside; null: none. */
  readonly setAside: bigint | null;
}

/** The statements that collect one staged part, in order. */
export function collectStatements(part: CollectedShape, dialect: Dialect): string[] {
  const { keeping } = part.target;
  return keeping.tag === 'history' ? historyCollection(part, keeping, dialect) : mirrorCollection(part);
}

function mirrorCollection(part: CollectedShape): string[] {
  const { target } = part;
  const [replay, staging] = [replayText(target), stagingText(target)];
  const key = identityColumns(target);
  const chosen = (op: string): string => `WHERE s.\`__load\` = ${part.load} AND s.\`__op\` = '${op}'`;
  const statements: string[] = [];
  if (part.truncatedAt !== null) statements.push(`DELETE FROM ${replay}`);
  if (part.upserts > 0) {
    const columns = heldColumns(part);
    const values = columns.map((name) => collectedValue(part, name)).join(', ');
    const origin = ` LEFT JOIN ${replay} o ON ${matches('o', key, 's', origins(target))} AND o.\`__op\` = 'U'`;
    const rows =
      `INTO ${replay} (\`__op\`, \`__absent\`, ${nameList(columns)}) SELECT 'U', ${unknownText(part)}, ${values}` +
      ` FROM ${staging} s${part.hasAbsent ? origin : ''} ${chosen('U')}`;
    statements.push(upsertText(rows, ['__op', '__absent', ...columns.filter((name) => !key.includes(name))]));
  }
  if (part.deletes > 0) {
    const rows = `INTO ${replay} (\`__op\`, \`__absent\`, ${nameList(key)}) SELECT 'D', '', ${nameList(key, 's.')} FROM ${staging} s ${chosen('D')}`;
    statements.push(upsertText(rows, ['__op', '__absent']));
  }
  if (part.setAside !== null) {
    // A part has one line of a key: an upsert is of a row that fits again, a delete is how the older image went.
    const fits = `LEFT JOIN ${staging} u ON u.\`__load\` = ${part.load} AND ${matches('u', key, 's', key)} AND u.\`__op\` = 'U'`;
    const rows =
      `INTO ${replay} (\`__op\`, \`__absent\`, ${nameList(key)}) SELECT 'Q', '', ${nameList(key, 's.')}` +
      ` FROM ${staging} s ${fits} WHERE s.\`__load\` = ${part.setAside} AND u.\`__op\` IS NULL`;
    statements.push(upsertText(rows, ['__op', '__absent']));
  }
  return statements;
}

function historyCollection(part: CollectedShape, history: History, dialect: Dialect): string[] {
  const { target } = part;
  const first = sequenceText(part.from, 0);
  /** Versions in the target that are not the replay's: older ones, and those that a repair made, up to a sequence. */
  const isOther = (version: string, before: string): string =>
    `(${version} < ${first} OR (${isRepairedText(version)} AND ${version} < ${before}))`;
  const [table, replay] = [targetText(target), replayText(target)];
  const [start, end, open] = [quoted(history.startColumn), quoted(history.endColumn), literal(history.openEnd)];
  const statements: string[] = [];
  if (part.truncatedAt !== null) {
    const [ended, at] = [`SET ${end} = ${literal(part.truncatedAt)}`, sequenceText(part.extract, 0)];
    statements.push(
      `UPDATE ${replay} ${ended}, ${quoted(UNTIL)} = ${at} WHERE ${end} = ${open}`,
      `UPDATE ${table} ${ended} WHERE ${end} = ${open} AND ${isOther(quoted(SEQUENCE), at)}`,
    );
  }
  if (part.upserts > 0) {
    const columns = heldColumns(part);
    const values = columns.map((name) => collectedValue(part, name)).join(', ');
    const key = identityColumns(target);
    const origin = ` LEFT JOIN ${replay} o ON ${matches('o', key, 's', origins(target))} AND o.${end} = ${open}`;
    statements.push(
      `INSERT INTO ${replay} (\`__op\`, \`__absent\`, ${nameList(columns)}, ${start}, ${end}, ${quoted(SEQUENCE)}, ${quoted(UNTIL)})` +
        ` SELECT 'U', ${unknownText(part)}, ${values}, s.\`__at\`, COALESCE(n.\`__next\`, ${open}), s.\`__seq\`, n.\`__until\`` +
        ` FROM ${versionLines(part, dialect, true)}${part.hasAbsent ? origin : ''} WHERE s.\`__op\` = 'U'`,
    );
  }
  if (part.upserts + part.deletes > 0) {
    const [version, line] = [`h.${quoted(SEQUENCE)}`, `s.${quoted(SEQUENCE)}`];
    const collected = {
      table: replay,
      isOlder: `${version} < ${line}`,
      alsoSet: `, h.${quoted(UNTIL)} = ${line}`,
    };
    const standing = { table, isOlder: isOther(version, line), alsoSet: '' };
    statements.push(closeSql(part, history, collected, dialect), closeSql(part, history, standing, dialect));
  }
  return statements;
}

function isAbsent(ordinal: number): string {
  return `LOCATE(',${ordinal},', CONCAT(',', s.\`__absent\`, ',')) > 0`;
}

function collectedValue(part: PartShape, name: string): string {
  if (!part.hasAbsent || identityColumns(part.target).includes(name)) return `s.${quoted(name)}`;
  return `IF(${isAbsent(part.columns.indexOf(name) + 1)}, o.${quoted(name)}, s.${quoted(name)})`;
}

/**
 * The list of columns without a value: those that the part's structure lacks, and those that the source did not send and that the
 * row collected under the origin key has not either.
 */
function unknownText(part: PartShape): string {
  const key = identityColumns(part.target);
  const tokens = part.target.columns.flatMap(({ name }, index) => {
    if (key.includes(name)) return [];
    const place = index + 1;
    const ordinal = part.columns.indexOf(name) + 1;
    if (ordinal === 0) return [`',-${place},'`];
    if (!part.hasAbsent) return [];
    const unsent = `',${place},'`;
    const lacking = `',-${place},'`;
    const missing = `o.\`__op\` IS NULL OR LOCATE(${unsent}, o.\`__absent\`) > 0`;
    const chained = `IF(LOCATE(${lacking}, o.\`__absent\`) > 0, ${lacking}, '')`;
    return [`IF(${isAbsent(ordinal)}, IF(${missing}, ${unsent}, ${chained}), '')`];
  });
  return tokens.length === 0 ? "''" : `CONCAT(${tokens.join(', ')})`;
}

/** A query for how many collected rows have values only at the target (`unknown`), and how many of those do not stand there. */
export function unknownSql(target: TargetTable): string {
  const key = primaryKey(target);
  return (
    `SELECT COUNT(*) AS unknown_rows, COALESCE(SUM(z.\`__absent\` RLIKE ',[0-9]' AND t.${quoted(key[0] ?? '')} IS NULL), 0) AS missing` +
    ` FROM ${replayText(target)} z LEFT JOIN ${targetText(target)} t ON ${matches('t', key, 'z', key)}` +
    " WHERE z.`__op` = 'U' AND z.`__absent` <> ''"
  );
}

export interface FinishOptions {
  /** Some collected rows have values only at the target. */
  readonly hasUnknown: boolean;
  /** The source emptied the table within the replay: rows that were not collected go. */
  readonly emptied: boolean;
  /** The first extract of the replay. */
  readonly from: number;
}

/** The statements that put what was collected into the target, in one transaction. */
export function finishStatements(target: TargetTable, options: FinishOptions, dialect: Dialect): ReplayStatement[] {
  const [table, replay] = [targetText(target), replayText(target)];
  const { keeping } = target;
  const key = primaryKey(target);
  const isKey = new Set(key);
  const dates = keeping.tag === 'history' ? [keeping.startColumn, keeping.endColumn] : [];
  const names = [...target.columns.map(({ name }) => name), ...dates, ...(keeping.tag === 'history' ? [SEQUENCE] : [])];
  const values = [
    ...target.columns.map((column, index) => finalValue(target, column, index + 1, options.hasUnknown, dialect)),
    ...names.slice(target.columns.length).map((name) => `z.${quoted(name)}`),
  ];
  const own = options.hasUnknown ? ` LEFT JOIN ${table} t ON ${matches('t', key, 'z', key)}` : '';
  const rows = `INTO ${table} (${nameList(names)}) SELECT ${values.join(', ')} FROM ${replay} z${own} WHERE z.\`__op\` = 'U'`;
  return [
    ...surplus(target, options, dialect),
    {
      tag: 'upserted',
      sql: upsertText(
        rows,
        names.filter((name) => !isKey.has(name)),
      ),
    },
    ...(keeping.tag === 'history' ? [] : [deleted(target, dialect)]),
  ];
}

function finalValue(
  target: TargetTable,
  column: TargetTable['columns'][number],
  place: number,
  hasUnknown: boolean,
  dialect: Dialect,
): string {
  const collected = `z.${quoted(column.name)}`;
  const key = primaryKey(target);
  if (!hasUnknown || key.includes(column.name)) return collected;
  const standing = `IF(t.${quoted(key[0] ?? '')} IS NULL, ${backfillText(column, dialect)}, t.${quoted(column.name)})`;
  return `IF(LOCATE(',${place},', z.\`__absent\`) > 0 OR LOCATE(',-${place},', z.\`__absent\`) > 0, ${standing}, ${collected})`;
}

/** Rows that the replay would have made or left and did not. */
function surplus(target: TargetTable, { emptied, from }: FinishOptions, dialect: Dialect): ReplayStatement[] {
  const [table, replay] = [targetText(target), replayText(target)];
  const key = primaryKey(target);
  const sql = `DELETE t FROM ${table} t LEFT JOIN ${replay} z ON ${matches('z', key, 't', key)} AND z.\`__op\` <> 'D' WHERE z.\`__op\` IS NULL`;
  if (target.keeping.tag !== 'history') return emptied ? [{ tag: 'removed', sql }] : [];
  const identity = identityColumns(target);
  const version = `t.${quoted(SEQUENCE)}`;
  const [since, isRepaired] = [`${version} >= ${sequenceText(from, 0)}`, isRepairedText(version)];
  // The collected version that was open when a repair came: it was missing then.
  const missing = `c.${quoted(SEQUENCE)} < ${version} AND (c.${quoted(UNTIL)} IS NULL OR c.${quoted(UNTIL)} > ${version})`;
  const repaired =
    `DELETE t FROM ${table} t ${dialect.orderedJoin} ${replay} c ON ${matches('c', identity, 't', identity)} AND ${missing}` +
    ` WHERE ${since} AND ${isRepaired}`;
  return [
    { tag: 'removed', sql: `${sql} AND ${since} AND NOT (${isRepaired})` },
    { tag: 'removed', sql: repaired },
  ];
}

function deleted(target: TargetTable, dialect: Dialect): ReplayStatement {
  const key = identityColumns(target);
  const sql =
    `DELETE t FROM ${replayText(target)} z ${dialect.orderedJoin} ${targetText(target)} t ON ${matches('t', key, 'z', key)}` +
    " WHERE z.`__op` = 'D'";
  return { tag: 'removed', sql };
}
