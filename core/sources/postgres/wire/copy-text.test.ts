import { describe, expect, it } from 'vitest';
import { decodeLine } from '../../../extracts/row-encoding.ts';
import { CopyTextFilter } from './copy-text.ts';
import { parseLine } from './output-line.ts';

/** A field as PostgreSQL's COPY prints it (src/backend/commands/copyto.c, CopyAttributeOutText). */
function copyField(value: string | null): string {
  if (value === null) return '\\N';
  const escapes: Readonly<Record<string, string>> = {
    '\b': 'b',
    '\f': 'f',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\v': 'v',
    '\\': '\\',
  };
  return value.replace(/[\b\f\n\r\t\v\\]/g, (character) => `\\${escapes[character] ?? ''}`);
}

/** Numbers from a seed, in [0, 1): mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const LETTERS = ['\\', '\\', 'f', 'v', 'n', 'N', 'b', '\f', '\v', '\b', '\n', '\r', '\t', 'é', '🎉', 'x', ' '];

describe('COPY text for LOAD DATA', () => {
  const seed = Number(process.env['SEED'] ?? 20_261_121);

  it(`keeps every value whatever the buffers' borders (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let round = 0; round < 2000; round++) {
      const values = Array.from({ length: 1 + below(4) }, () =>
        below(8) === 0 ? null : Array.from({ length: below(12) }, () => LETTERS[below(LETTERS.length)]).join(''),
      );
      const line = values.map(copyField).join('\t');
      const bytes = Buffer.from(`${line}\n`, 'utf8');
      const filter = new CopyTextFilter();
      const out: Buffer[] = [];
      for (let offset = 0; offset < bytes.length;) {
        const end = offset + 1 + below(6);
        out.push(Buffer.from(filter.push(Buffer.from(bytes.subarray(offset, end)))));
        offset = end;
      }
      const text = Buffer.concat(out).toString('utf8');
      expect(text.endsWith('\n')).toBe(true);
      expect(decodeLine(text.slice(0, -1)), `round ${round}`).toEqual(values);
      expect(parseLine(line), `round ${round}`).toEqual(values);
    }
  });

  it('passes on what needs no change as it is', () => {
    const bytes = Buffer.from('1\ta\\\\foo\\nbar\t\\N\n');
    const passed = new CopyTextFilter().push(bytes);
    expect(passed).toEqual(bytes);
    expect(passed.buffer === bytes.buffer && passed.byteOffset === bytes.byteOffset).toBe(true);
  });
});
