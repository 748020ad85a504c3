import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { PenstockError } from '../errors/penstock-error.ts';

/**
 * Rows of whole numbers as a short text: the catalog bills by the kilobyte, and a run may have thousands of tables. Rows are ordered by their
 * first number, which is kept as the difference from the row before; numbers take seven bits a byte; the whole is deflated, in base64.
 */

const BITS = 128;

/** All rows of one width, with distinct first numbers. @throws PenstockError PS9001 for what is no whole number of at least 0 */
export function packNumbers(rows: readonly (readonly number[])[]): string {
  if (rows.length === 0) return '';
  const sorted = rows.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  const bytes: number[] = [];
  let before = 0;
  for (const row of sorted) {
    row.forEach((number, index) => append(bytes, index === 0 ? number - before : number));
    before = row[0] ?? 0;
  }
  return deflateRawSync(Buffer.from(bytes)).toString('base64');
}

/** `width`: numbers of a row. @throws PenstockError PS3006 for a text that was not packed with it */
export function unpackNumbers(text: string, width: number): number[][] {
  if (text === '') return [];
  const bytes = inflate(text);
  const rows: number[][] = [];
  let at = 0;
  const next = (): number => {
    let number = 0;
    for (let factor = 1; ; factor *= BITS) {
      const byte = bytes[at++];
      if (byte === undefined) throw damaged();
      number += (byte % BITS) * factor;
      if (byte < BITS) return number;
    }
  };
  while (at < bytes.length) {
    const row = Array.from({ length: width }, next);
    row[0] = (row[0] ?? 0) + (rows.at(-1)?.[0] ?? 0);
    rows.push(row);
  }
  return rows;
}

function append(bytes: number[], number: number): void {
  if (!Number.isSafeInteger(number) || number < 0) throw new PenstockError('PS9001', `${number} cannot be packed`);
  let rest = number;
  for (; rest >= BITS; rest = Math.floor(rest / BITS)) bytes.push((rest % BITS) + BITS);
  bytes.push(rest);
}

function inflate(text: string): Buffer {
  try {
    return inflateRawSync(Buffer.from(text, 'base64'));
  } catch {
    throw damaged();
  }
}

function damaged(): PenstockError {
  return new PenstockError('PS3006', 'packed numbers of the catalog cannot be read');
}
