import { digestText, rowDigest } from '../changes/row-digest.ts';
import { keyOrdinals, type TableSchema } from '../changes/table-schema.ts';
import type { RowDigest } from './source-connector.ts';
import type { ReadTable } from './reading.ts';
import { canonicalRow, columnDecoders, type ColumnDecoder } from './row-decoder.ts';

/** Row digests of a table with a changed type, from output texts; the rule is that of ChunkChecksum. */
export class ConvertedDigests {
  readonly all: RowDigest[] = [];
  readonly #table: ReadTable;
  readonly #decoders: readonly ColumnDecoder[];

  constructor(table: ReadTable) {
    this.#table = table;
    this.#decoders = columnDecoders(table);
  }

  /** One row; one that does not fit is left out. */
  add(outputs: readonly (string | null)[]): void {
    const { values, misfit } = canonicalRow(this.#decoders, outputs);
    if (misfit !== null) return;
    const { schema } = this.#table;
    const doubles = schema.columns.flatMap(({ type }, index) => (type.tag === 'double' ? [values[index] ?? null] : []));
    const digest = rowDigest(
      schema.columns.map(({ type }) => type),
      values,
    );
    const key =
      schema.identity.tag === 'row' ? [digest] : keyOrdinals(schema).map((ordinal) => keyText(schema, ordinal, values));
    this.all.push({ key, digest, doubles });
  }
}

function keyText(schema: TableSchema, ordinal: number, values: readonly (string | null)[]): string {
  const type = schema.columns[ordinal]?.type;
  const value = values[ordinal] ?? null;
  return type === undefined || value === null ? '' : digestText(type, value);
}

/** Digests that are summed as plain numbers before they are added up exactly. */
const SUMMED_AT_ONCE = 2 ** 20;
const PART = 15;

/** The sum of ChunkChecksum over digests, in constant memory. */
export class DigestSum {
  rows = 0;
  #exact: [bigint, bigint] = [0n, 0n];
  /** Of each part the sums of its first 7 and its last 8 digits: both stay whole numbers of a double. */
  readonly #summed = [0, 0, 0, 0] as [number, number, number, number];

  /** @param digest 32 hexadecimal digits */
  add(digest: string): void {
    const summed = this.#summed;
    summed[0] += parseInt(digest.slice(0, 7), 16);
    summed[1] += parseInt(digest.slice(7, PART), 16);
    summed[2] += parseInt(digest.slice(PART, PART + 7), 16);
    summed[3] += parseInt(digest.slice(PART + 7, PART + PART), 16);
    if (++this.rows % SUMMED_AT_ONCE === 0) this.#carry();
  }

  /** `first:second`. */
  get sum(): string {
    this.#carry();
    return this.#exact.join(':');
  }

  #carry(): void {
    const [a, b, c, d] = this.#summed;
    const [first, second] = this.#exact;
    this.#exact = [first + (BigInt(a) << 32n) + BigInt(b), second + (BigInt(c) << 32n) + BigInt(d)];
    this.#summed.fill(0);
  }
}

/** The sum of ChunkChecksum over digests. */
export function digestSum(digests: readonly string[]): string {
  const sum = new DigestSum();
  for (const digest of digests) sum.add(digest);
  return sum.sum;
}

/** By the keys' texts, byte by byte, the first column first. */
export function compareKeys(a: RowDigest, b: RowDigest): number {
  for (const [index, text] of a.key.entries()) {
    const order = Buffer.compare(Buffer.from(text, 'utf8'), Buffer.from(b.key[index] ?? '', 'utf8'));
    if (order !== 0) return order;
  }
  return 0;
}
