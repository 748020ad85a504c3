import type { TargetTable } from '../target-table.ts';
import type { Dialect } from './dialect.ts';
import { matches, stagingText, targetText, upsertText, type History } from './merge-sql.ts';
import { literal, nameList, quoted } from './sql-text.ts';
import { identityColumns, SEQUENCE } from './table-sql.ts';

/** The tags of the staged rows of a repair: those that were fetched, and one for each key that was asked for. */
export interface RepairShape {
  readonly target: TargetTable;
  readonly fetched: bigint;
  readonly asked: bigint;
}

export interface RepairStatement {
  readonly effect: 'upserted' | 'corrected' | 'inserted' | 'removed';
  readonly sql: string;
}

/** The statements of a repair, in order, to be run in one transaction. Texts depend on the table only, but for the tags. */
export function repairStatements(shape: RepairShape, dialect: Dialect): RepairStatement[] {
  const { keeping } = shape.target;
  return keeping.tag === 'history' ? historyStatements(shape, keeping, dialect) : mirrorStatements(shape, dialect);
}

function mirrorStatements({ target, fetched, asked }: RepairShape, dialect: Dialect): RepairStatement[] {
  const table = targetText(target);
  const names = target.columns.map(({ name }) => name);
  const rows = `INTO ${table} (${nameList(names)}) SELECT ${nameList(names, 's.')} FROM ${stagingText(target)} s WHERE s.\`__load\` = ${fetched}`;
  const upsert = upsertText(rows, valueNames(target));
  const gone =
    `DELETE t FROM ${notFetched(target, fetched)} ${dialect.orderedJoin} ${table} t ON ${keysMatch(target, 't', 's')}` +
    ` WHERE ${isNotFetched(asked)}`;
  return [
    { effect: 'upserted', sql: upsert },
    { effect: 'removed', sql: gone },
  ];
}

/** An open version is corrected where it stands: what it says of its time was not in doubt. */
function historyStatements(
  { target, fetched, asked }: RepairShape,
  history: History,
  dialect: Dialect,
): RepairStatement[] {
  const [table, staging] = [targetText(target), stagingText(target)];
  const [start, end, open] = [quoted(history.startColumn), quoted(history.endColumn), literal(history.openEnd)];
  const values = valueNames(target);
  const corrected =
    `UPDATE ${staging} s ${dialect.orderedJoin} ${table} h ON ${keysMatch(target, 'h', 's')} AND h.${end} = ${open}` +
    ` SET ${values.map((name) => `h.${quoted(name)} = s.${quoted(name)}`).join(', ')} WHERE s.\`__load\` = ${fetched}`;
  const names = target.columns.map(({ name }) => name);
  const key = identityColumns(target);
  // No version begins before the one before it has ended, whatever the clocks say.
  const last = `(SELECT ${nameList(key, 'p.')}, MAX(p.${end}) AS \`__last\` FROM ${staging} x ${dialect.orderedJoin} ${table} p ON ${keysMatch(target, 'p', 'x')} WHERE x.\`__load\` = ${fetched} GROUP BY ${nameList(key, 'p.')})`;
  const inserted =
    `INSERT INTO ${table} (${nameList(names)}, ${start}, ${end}, ${quoted(SEQUENCE)})` +
    ` SELECT ${nameList(names, 's.')}, GREATEST(s.\`__at\`, COALESCE(l.\`__last\`, s.\`__at\`)), ${open}, s.\`__seq\` FROM ${staging} s` +
    ` LEFT JOIN ${table} o ON ${keysMatch(target, 'o', 's')} AND o.${end} = ${open}` +
    ` LEFT JOIN ${last} l ON ${keysMatch(target, 'l', 's')}` +
    ` WHERE s.\`__load\` = ${fetched} AND o.${end} IS NULL` +
    ` ON DUPLICATE KEY UPDATE ${[...values, history.endColumn].map((name) => `${quoted(name)} = VALUES(${quoted(name)})`).join(', ')}`;
  const ended =
    `UPDATE ${notFetched(target, fetched)} ${dialect.orderedJoin} ${table} h ON ${keysMatch(target, 'h', 's')} AND h.${end} = ${open}` +
    ` SET h.${end} = GREATEST(s.\`__at\`, h.${start}) WHERE ${isNotFetched(asked)}`;
  return [
    ...(values.length === 0 ? [] : [{ effect: 'corrected', sql: corrected } as const]),
    { effect: 'inserted', sql: inserted },
    { effect: 'removed', sql: ended },
  ];
}

/** The keys that were asked for as `s`, with the fetched row as `r`. */
function notFetched(target: TargetTable, fetched: bigint): string {
  const staging = stagingText(target);
  return `${staging} s LEFT JOIN ${staging} r ON r.\`__load\` = ${fetched} AND ${keysMatch(target, 'r', 's')}`;
}

function isNotFetched(asked: bigint): string {
  return `s.\`__load\` = ${asked} AND r.\`__load\` IS NULL`;
}

function keysMatch(target: TargetTable, left: string, right: string): string {
  const key = identityColumns(target);
  return matches(left, key, right, key);
}

function valueNames(target: TargetTable): string[] {
  const key = identityColumns(target);
  return target.columns.map(({ name }) => name).filter((name) => !key.includes(name));
}
