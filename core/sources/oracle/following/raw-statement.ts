import type { SourceColumn } from '../source-table.ts';
import type { RedoImage, RedoStatement } from '../redo/redo-statement.ts';
import { NULL_VALUE } from '../redo/read-value.ts';
import { isToldByRedo } from '../values/source-type.ts';

const NUMBERED = /^COL (\d+)$/;

/**
 * A statement whose columns LogMiner tells by their places (`COL 3`), with the names that they had. Columns that nobody made by a
 * statement have places too, and are passed over. Null: a column is named otherwise.
 */
export function namedStatement(columns: readonly SourceColumn[], statement: RedoStatement): RedoStatement | null {
  const names = new Map(columns.flatMap(({ name, place }) => (place === null ? [] : [[place, name]])));
  const named = (image: RedoImage): RedoImage | null => {
    const places = image.names.map(placeOf);
    if (places.includes(0)) return null;
    const known = places.flatMap((place, index) => {
      const [name, value] = [names.get(place), image.values[index]];
      return name === undefined || value === undefined ? [] : [{ name, value }];
    });
    return { names: known.map(({ name }) => name), values: known.map(({ value }) => value) };
  };
  if (statement.op === 'insert') {
    const set = named(statement.set);
    if (set === null) return null;
    const behind = nullsBehind(columns, Math.max(0, ...statement.set.names.map(placeOf)));
    return {
      ...statement,
      set: { names: [...set.names, ...behind], values: [...set.values, ...behind.map(() => NULL_VALUE)] },
    };
  }
  const where = named(statement.where);
  if (where === null) return null;
  if (statement.op === 'delete') return { ...statement, where };
  const set = named(statement.set);
  return set === null ? null : { ...statement, set, where };
}

/** Zero: the name is no number. */
function placeOf(name: string): number {
  return Number(NUMBERED.exec(name)?.[1] ?? 0);
}

/** A row is stored as far as to its last value: what would be behind that is NULL (Database Concepts, "Row Format"). */
function nullsBehind(columns: readonly SourceColumn[], last: number): string[] {
  if (last === 0) return [];
  return columns
    .filter(({ place, type }) => place !== null && place > last && isToldByRedo(type))
    .map(({ name }) => name);
}
