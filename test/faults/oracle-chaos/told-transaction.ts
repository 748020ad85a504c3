import type { RowChange, RowValues, SourceEvent } from '../../../core/changes/change.ts';
import { identityOf, TableRows, type ModelChange, type NamedRow } from './model.ts';

/** A transaction as a stream told it. */
export interface ToldTransaction {
  readonly scn: bigint;
  readonly changes: readonly RowChange[];
  readonly truncated: readonly string[];
  readonly stopped: readonly { readonly name: string; readonly reason: string }[];
}

export function toldTransaction(events: readonly SourceEvent[]): ToldTransaction {
  const [begin] = events;
  if (begin?.tag !== 'begin') throw new Error('a transaction without its begin');
  return {
    scn: BigInt(begin.order.slice(0, 20)),
    changes: events.flatMap((event) => (event.tag === 'row' ? [event.change] : [])),
    truncated: events.flatMap((event) => (event.tag === 'truncate' ? [event.table.name] : [])),
    stopped: events.flatMap((event) =>
      event.tag === 'obstacle' ? [{ name: event.table.name, reason: event.reason }] : [],
    ),
  };
}

export function named(columns: readonly { readonly name: string }[], values: RowValues): NamedRow {
  return Object.fromEntries(
    columns.flatMap(({ name }, place) => {
      const value = values[place];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Each change by itself. */
export function sameSequence(where: string, told: readonly RowChange[], mine: readonly ModelChange[]): void {
  const text = (op: string, before: NamedRow | null, after: NamedRow | null) =>
    `${op} ${op === 'insert' ? '' : (before?.['ID'] ?? after?.['ID'])} ${JSON.stringify(after)}`;
  same(
    where,
    told.map(({ op, schema, before, after }) =>
      text(
        op,
        before === null ? null : named(schema.columns, before),
        after === null ? null : named(schema.columns, after),
      ),
    ),
    mine.map(({ op, before, after }) => text(op, before, after)),
  );
}

/** What becomes of the rows; the order of those that one statement changed is the server's own, and large values are those of the commit. */
export function sameNet(
  where: string,
  told: readonly RowChange[],
  mine: readonly ModelChange[],
  before: TableRows['rows'],
): void {
  const [theirs, right] = [new TableRows(before), new TableRows(before)];
  for (const change of mine) right.apply(change);
  for (const change of told) theirs.apply(wholeChange(change, theirs));
  same(where, theirs.lines(), right.lines());
}

/** With what the row held of the columns that are not told. */
function wholeChange({ op, schema, before, after, misfit }: RowChange, rows: TableRows): ModelChange {
  const table = schema.table.name;
  if (misfit !== null) throw new Error(`a value of ${table} does not fit: ${misfit.reason}`);
  const [old, now] = [before, after].map((values) => (values === null ? null : named(schema.columns, values)));
  const key = old ?? (op === 'insert' ? null : now);
  const stood = key === null || key === undefined ? null : (rows.rows.get(identityOf(table, key))?.row ?? null);
  if (op !== 'insert' && stood === null)
    throw new Error(`row ${identityOf(table, key ?? {})} is changed and not there`);
  return { table, op, before: stood, after: now === null || now === undefined ? null : { ...stood, ...now } };
}

export function same(what: string, told: string | readonly string[], right: string | readonly string[]): void {
  const [a, b] = [JSON.stringify(told), JSON.stringify(right)];
  if (a === b) return;
  const list = (texts: string | readonly string[]) => (typeof texts === 'string' ? [texts] : texts);
  const [more, less] = [
    list(told).filter((text) => !list(right).includes(text)),
    list(right).filter((text) => !list(told).includes(text)),
  ];
  const shown = (texts: readonly string[]) => texts.map((text) => text.slice(0, 300)).join('\n  ');
  throw new Error(
    `${what}: told\n  ${shown(more)}\nwhere right is\n  ${shown(less)}\n(${list(told).length} and ${list(right).length})`,
  );
}
