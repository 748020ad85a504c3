import { createHash } from 'node:crypto';
import type { ColumnType } from '../changes/column-type.ts';
import { keyOrdinals } from '../changes/table-schema.ts';
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
    let text = '';
    const doubles: (string | null)[] = [];
    const texts = schema.columns.map(({ type }, index) => {
      const value = values[index] ?? null;
      return value === null ? null : digestText(type, value);
    });
    for (const [index, { type }] of schema.columns.entries()) {
      const value = texts[index] ?? null;
      if (type.tag === 'double') doubles.push(values[index] ?? null);
      else text += value === null ? '-' : `${Buffer.byteLength(value)}:${value}`;
    }
    const digest = createHash('md5').update(text).digest('hex');
    const ordinals = keyOrdinals(schema);
    const key = schema.identity.tag === 'row' ? [digest] : ordinals.map((ordinal) => texts[ordinal] ?? '');
    this.all.push({ key, digest, doubles });
  }
}

const SECONDS_LENGTH = { datetime: 'YYYY-MM-DD HH:MM:SS'.length, time: 'HH:MM:SS'.length } as const;

/** Canonical text with all digits of its type's fraction or scale. */
export function digestText(type: ColumnType, text: string): string {
  switch (type.tag) {
    case 'time':
    case 'datetime': {
      const length = SECONDS_LENGTH[type.tag];
      if (type.fraction === 0) return text.slice(0, length);
      return `${text.slice(0, length)}.${text.slice(length + 1).padEnd(type.fraction, '0')}`;
    }
    case 'decimal': {
      if (type.scale === 0) return text;
      const [whole, fraction] = text.split('.');
      return `${whole ?? ''}.${(fraction ?? '').padEnd(type.scale, '0')}`;
    }
    case 'binary':
      return text.toLowerCase();
    case 'boolean':
    case 'integer':
    case 'double':
    case 'date':
    case 'text':
      return text;
  }
}

/** The sum of ChunkChecksum over digests. */
export function digestSum(digests: readonly string[]): string {
  let first = 0n;
  let second = 0n;
  for (const digest of digests) {
    first += BigInt(`0x${digest.slice(0, 15)}`);
    second += BigInt(`0x${digest.slice(15, 30)}`);
  }
  return `${first}:${second}`;
}

/** By the keys' texts, byte by byte, the first column first. */
export function compareKeys(a: RowDigest, b: RowDigest): number {
  for (const [index, text] of a.key.entries()) {
    const order = Buffer.compare(Buffer.from(text, 'utf8'), Buffer.from(b.key[index] ?? '', 'utf8'));
    if (order !== 0) return order;
  }
  return 0;
}
