import type { Misfit, RowChange, RowValues } from '../../changes/change.ts';
import { canonicalRow, type ColumnDecoder } from '../row-decoder.ts';
import type { LoggedTable } from './logged-table.ts';
import type { RedoImage, RedoStatement } from './redo/redo-statement.ts';
import type { RedoValue } from './redo/redo-statement.ts';
import type { SourceColumn } from './source-table.ts';
import { redoText, type ToldText } from './values/redo-text.ts';

/** A statement of the redo log as a change. */
export type ReadRow =
  | {
      readonly tag: 'change';
      readonly change: RowChange;
      /** Columns whose values are to be asked for, as of the commit; they are absent from the change. */
      readonly ask: readonly number[];
    }
  /** What the row is or was is not told; the reason holds no value. */
  | { readonly tag: 'untold'; readonly reason: string };

interface Image {
  readonly values: (string | null | undefined)[];
  readonly misfit: Misfit | null;
  readonly ask: readonly number[];
}

/** What a value of a statement is to its column. */
export type TellValue = (column: SourceColumn, value: RedoValue) => ToldText;

const tellPrinted: TellValue = ({ type }, value) => redoText(type, value);

/** A value that cannot be one of its column. */
class Untold extends Error {}

/** Reads a statement with the structure that its table had. Columns that are not replicated are passed over; those that are not named are absent. */
export function readRow(logged: LoggedTable, statement: RedoStatement, tell: TellValue = tellPrinted): ReadRow {
  try {
    return changeOf(logged, statement, tell);
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    return { tag: 'untold', reason: error.message };
  }
}

function changeOf(logged: LoggedTable, statement: RedoStatement, tell: TellValue): ReadRow {
  const { schema } = logged.table;
  switch (statement.op) {
    case 'insert': {
      const { values: after, misfit } = imageOf(logged, statement.set, tell);
      const ask = [...after.keys()].filter((place) => after[place] === undefined);
      return { tag: 'change', change: { schema, op: 'insert', before: null, after, misfit }, ask };
    }
    case 'delete': {
      const before = identityOf(logged, imageOf(logged, statement.where, tell));
      return { tag: 'change', change: { schema, op: 'delete', before, after: null, misfit: null }, ask: [] };
    }
    case 'update': {
      const set = imageOf(logged, statement.set, tell);
      const old = imageOf(logged, statement.where, tell, set);
      const after = set.values.map((value, place) => (isTold(set, place, value) ? value : old.values[place]));
      const before = identityOf(logged, old);
      const misfit = set.misfit ?? old.misfit;
      const ask = [...new Set([...set.ask, ...old.ask.filter((place) => after[place] === undefined)])];
      const moved = !logged.hasKey || logged.identity.some((place) => before[place] !== after[place]);
      const change: RowChange = { schema, op: 'update', before: moved ? before : null, after, misfit };
      return { tag: 'change', change, ask };
    }
  }
}

/** Whether SET says what becomes of a column, if only that it is to be asked for. */
function isTold({ ask }: Image, place: number, value: string | null | undefined): boolean {
  return value !== undefined || ask.includes(place);
}

/** `over`: what is set over the image; what did not fit there before is of no interest. */
function imageOf(
  logged: LoggedTable,
  { names, values: printed }: RedoImage,
  tell: TellValue,
  over: Image | null = null,
): Image {
  const { columns } = logged.table;
  const values: (string | null | undefined)[] = columns.map(({ isMasked }) => (isMasked ? null : undefined));
  const ask: number[] = [];
  let misfit: Misfit | null = null;
  for (const [index, name] of names.entries()) {
    const place = logged.places.get(name);
    const value = printed[index];
    const column = place === undefined ? undefined : columns[place];
    if (place === undefined || value === undefined || column === undefined || column.isMasked) continue;
    const told = tell(column.source, value);
    if (told.tag === 'wrong') throw new Untold(`a value of column ${name} is none of type ${column.source.declared}`);
    if (told.tag === 'unread') throw new Untold(`column ${name}: ${told.reason}`);
    // Nothing in a column that is never without a value: one that was added with a default, of which older rows hold nothing.
    const isUntold = told.tag === 'null' && !column.source.nullable;
    if (told.tag === 'ask' || isUntold) ask.push(place);
    else {
      const read = canonicalValue(logged.decoders[place], told.tag === 'null' ? null : told.text);
      if (over === null || !isTold(over, place, over.values[place])) misfit ??= read.misfit;
      values[place] = read.value;
    }
  }
  return { values, misfit, ask };
}

/** One that does not fit stays as it was. */
function canonicalValue(
  decoder: ColumnDecoder | undefined,
  output: string | null,
): { readonly value: string | null; readonly misfit: Misfit | null } {
  if (decoder === undefined) return { value: output, misfit: null };
  const { values, misfit } = canonicalRow([decoder], [output]);
  return { value: values[0] ?? null, misfit };
}

/** What identifies the row as it was; supplemental logging sees to it that it is told. */
function identityOf(logged: LoggedTable, { values }: Image): RowValues {
  const { columns } = logged.table.schema;
  for (const place of logged.identity) {
    if (values[place] !== undefined) continue;
    const name = columns[place]?.name ?? '';
    throw new Untold(
      `the old value of column ${name} is not in the redo log: supplemental logging of all columns is off`,
    );
  }
  if (!logged.hasKey) return values;
  return values.map((value, place) => (logged.identity.includes(place) ? value : undefined));
}
