import { createHash } from 'node:crypto';
import { comparableText } from '../../changes/row-digest.ts';
import { rowKeyOf } from '../../changes/row-key.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import { decodeLine } from '../../extracts/row-encoding.ts';
import type { FetchedBatch } from './fetch-batch.ts';

/** What is kept of a row to compare it: a text for each column, short however long the value is. */
export type RowPrint = readonly string[];

/** Texts up to here stand for themselves. */
const SHORT = 24;

export function printOf(schema: TableSchema, values: readonly (string | null)[]): RowPrint {
  return schema.columns.map(({ type }, index) => {
    const value = values[index] ?? null;
    if (value === null) return '-';
    const text = comparableText(type, value);
    return text.length <= SHORT ? `=${text}` : `#${createHash('sha256').update(text).digest('base64')}`;
  });
}

/** By the key's name. A row with a value that does not fit is not at the destination, so that it counts as absent. */
export function fetchedPrints(schema: TableSchema, batch: FetchedBatch): Map<string, RowPrint> {
  const prints = new Map<string, RowPrint>();
  for (const [name, line] of batch.lines) {
    prints.set(name, printOf(schema, decodeLine(line.toString('utf8').slice(0, -1))));
  }
  return prints;
}

export async function destinationPrints(
  schema: TableSchema,
  rows: AsyncIterable<readonly (string | null)[]>,
): Promise<Map<string, RowPrint>> {
  const prints = new Map<string, RowPrint>();
  for await (const values of rows) prints.set(rowKeyOf(schema, values), printOf(schema, values));
  return prints;
}

export type DifferenceKind = 'missing at destination' | 'extra at destination' | 'different';

/** How a row differs; null: it does not. `columns`: the names of those that do, for `different`. */
export function differenceOf(
  schema: TableSchema,
  source: RowPrint | undefined,
  destination: RowPrint | undefined,
): { readonly kind: DifferenceKind; readonly columns: readonly string[] } | null {
  if (source === undefined) return destination === undefined ? null : { kind: 'extra at destination', columns: [] };
  if (destination === undefined) return { kind: 'missing at destination', columns: [] };
  const columns = schema.columns.filter((_, index) => source[index] !== destination[index]).map(({ name }) => name);
  return columns.length === 0 ? null : { kind: 'different', columns };
}
