import { rowHash } from '../../core/changes/row-digest.ts';
import type { StoredTable } from './destination/destination-server.ts';
import type { TargetRow, TargetVersion } from './destination/target-rows.ts';
import type { Random } from './random.ts';
import { OPEN_END } from './source/table-truth.ts';

/** What somebody does to the rows of a table at the destination, or a fault that nobody knew of. */
export const SPOILS = ['value', 'missing', 'extra', 'overlap'] as const;
export type Spoil = (typeof SPOILS)[number];

/** A key that the source never uses. */
const STRANGER = '77';

/** Changes the table's rows. @returns false where there is no row of that kind */
export function spoilRows(stored: StoredTable, spoil: Spoil, random: Random): boolean {
  const { rows } = stored;
  switch (rows.tag) {
    case 'mirror': {
      const after = new Map(rows.rows);
      if (!spoilMirror(after, stored.columns, spoil, random)) return false;
      stored.rows = { tag: 'mirror', rows: after };
      return true;
    }
    case 'row': {
      const flat = [...rows.rows.values()].flatMap(({ row, copies }) => Array.from({ length: copies }, () => row));
      const after = spoilFlat(flat, stored.columns, spoil, random);
      if (after === null) return false;
      const grouped = Map.groupBy(after, (row) => rowHash(stored.columns.map((name) => row[name])));
      const counted = [...grouped].map(([hash, same]) => [hash, { row: same[0]!, copies: same.length }] as const);
      stored.rows = { tag: 'row', rows: new Map(counted) };
      return true;
    }
    case 'history': {
      const versions = [...rows.versions];
      if (!spoilHistory(versions, stored.columns, spoil, random)) return false;
      stored.rows = { tag: 'history', versions };
      return true;
    }
  }
}

function spoilMirror(rows: Map<string, TargetRow>, columns: readonly string[], spoil: Spoil, random: Random): boolean {
  if (spoil === 'extra') {
    rows.set(JSON.stringify([STRANGER]), stranger(columns));
    return true;
  }
  const chosen = random.pick([...rows]);
  if (chosen === undefined || spoil === 'overlap') return false;
  if (spoil === 'missing') rows.delete(chosen[0]);
  else rows.set(chosen[0], changed(chosen[1], columns, random));
  return true;
}

function spoilFlat(
  rows: readonly TargetRow[],
  columns: readonly string[],
  spoil: Spoil,
  random: Random,
): TargetRow[] | null {
  if (spoil === 'extra') return [...rows, stranger(columns)];
  if (rows.length === 0 || spoil === 'overlap') return null;
  const place = random.between(0, rows.length - 1);
  if (spoil === 'missing') return rows.filter((_, index) => index !== place);
  return rows.map((row, index) => (index === place ? changed(row, columns, random) : row));
}

function spoilHistory(versions: TargetVersion[], columns: readonly string[], spoil: Spoil, random: Random): boolean {
  if (spoil === 'overlap') {
    const older = random.pick(versions.filter(({ end }) => end !== OPEN_END));
    const isFollowed = versions.some(({ key, sequence }) => key === older?.key && sequence > older.sequence);
    if (older === undefined || !isFollowed) return false;
    versions[versions.indexOf(older)] = { ...older, end: '2099-01-01 00:00:00.000000' };
    return true;
  }
  if (spoil === 'extra') {
    const sequence = versions.reduce((last, one) => (one.sequence > last ? one.sequence : last), 0n);
    const start = '2026-01-01 00:00:00.000000';
    versions.push({ key: JSON.stringify([STRANGER]), sequence, row: stranger(columns), start, end: OPEN_END });
    return true;
  }
  const chosen = random.pick(versions.filter(({ end }) => end === OPEN_END));
  if (chosen === undefined) return false;
  const place = versions.indexOf(chosen);
  if (spoil === 'missing') versions.splice(place, 1);
  else versions[place] = { ...chosen, row: changed(chosen.row, columns, random) };
  return true;
}

function stranger(columns: readonly string[]): TargetRow {
  return Object.fromEntries(columns.map((name) => [name, isNumber(name) ? STRANGER : 'a stranger']));
}

function changed(row: TargetRow, columns: readonly string[], random: Random): TargetRow {
  const name = random.pick(columns.filter((column) => column !== 'id')) ?? '';
  return { ...row, [name]: isNumber(name) ? '-1' : 'spoiled' };
}

function isNumber(name: string): boolean {
  return ['id', 'visits', 'seconds'].includes(name);
}
