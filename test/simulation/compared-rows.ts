import { rangeHolds, type ChunkRange } from '../../core/changes/copy-mark.ts';
import { rowDigest } from '../../core/changes/row-digest.ts';
import { keyOrdinals, type TableSchema } from '../../core/changes/table-schema.ts';
import type { ChunkChecksum, RowDigest } from '../../core/sources/source-connector.ts';

/** A row's texts in the schema's order. */
export type ComparedRow = readonly (string | null)[];

/** What both simulated sides say of rows for a verification, each of its own rows. */

export function rowsIn(schema: TableSchema, rows: readonly ComparedRow[], range: ChunkRange): ComparedRow[] {
  if (range.tag !== 'key') return [...rows];
  const ordinal = schema.columns.findIndex(({ name }) => name === range.column);
  return rows.filter((row) => rangeHolds(range, row[ordinal] ?? ''));
}

export function checksumOf(schema: TableSchema, rows: readonly ComparedRow[]): ChunkChecksum {
  const digests = rows.map((row) => digestOf(schema, row));
  const part = (from: number): bigint =>
    digests.reduce((sum, digest) => sum + BigInt(`0x${digest.slice(from, from + 15)}`), 0n);
  return { rows: rows.length, sum: `${part(0)}:${part(15)}` };
}

export function digestsOf(schema: TableSchema, rows: readonly ComparedRow[]): RowDigest[] {
  const isKeyed = schema.identity.tag === 'key';
  const ordinals = isKeyed ? keyOrdinals(schema) : [];
  return rows
    .map((row) => {
      const digest = digestOf(schema, row);
      return { key: isKeyed ? ordinals.map((ordinal) => row[ordinal] ?? '') : [digest], digest, doubles: [] };
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a.key.join('\0')), Buffer.from(b.key.join('\0'))));
}

/** What tells a row from the others of its table: its key, or its digest; as verification names it. */
export function nameOfRow(schema: TableSchema, row: ComparedRow): string {
  if (schema.identity.tag === 'row') return JSON.stringify([digestOf(schema, row)]);
  return JSON.stringify(keyOrdinals(schema).map((ordinal) => row[ordinal] ?? ''));
}

function digestOf({ columns }: TableSchema, row: ComparedRow): string {
  return rowDigest(
    columns.map(({ type }) => type),
    row,
  );
}
