import { describe, expect, it } from 'vitest';
import type { RowChange } from '../changes/change.ts';
import { tableSchema } from '../changes/table-schema.ts';
import { ExtractBuffer } from './extract-buffer.ts';
import { encodeLines } from './part-encoding.ts';

const text = { tag: 'text', maxCharacters: null } as const;
const column = (name: string) => ({ name, type: text, nullable: name !== 'id', sourceType: 'text', backfill: null });
const schemaOf = (...names: string[]) =>
  tableSchema({
    table: { schema: 'public', name: 't' },
    columns: names.map(column),
    identity: { tag: 'key', columns: ['id'] },
  });
const narrow = schemaOf('id', 'a');
const wide = schemaOf('id', 'a', 'b');
const AT = '2026-01-01T00:00:00.000001Z';
const insert = (schema: typeof narrow, ...after: (string | null)[]): RowChange => ({
  schema,
  op: 'insert',
  before: null,
  after,
  misfit: null,
});
const buffer = (transfer: 'mirror' | 'history' = 'mirror') => new ExtractBuffer(() => ({ transfer, maxUpdates: null }));

const linesOf = (parts: ReturnType<ExtractBuffer['seal']>) =>
  parts.map((part) => encodeLines(7, part.schema, part.compaction).bytes.toString().split('\n').slice(0, -1));

describe('extract buffer', () => {
  it('begins a new part where the structure changes, and keeps their order', () => {
    const it = buffer();
    it.add(insert(narrow, '1', 'x'), AT, 'p');
    it.add(insert(wide, '2', 'y', 'z'), AT, 'p');
    expect(linesOf(it.seal())).toEqual([
      ['U\t70000000000\t2026-01-01 00:00:00.000001\t\t\\N\t1\tx'],
      ['U\t70000000001\t2026-01-01 00:00:00.000001\t\t\\N\t2\ty\tz'],
    ]);
    expect(it.isEmpty).toBe(true);
  });

  it("forgets a mirror's rows before a truncate and marks the part", () => {
    const it = buffer();
    it.add(insert(narrow, '1', 'x'), AT, 'p');
    it.truncate(narrow.table, narrow, AT);
    it.add(insert(narrow, '2', 'y'), AT, 'p');
    const parts = it.seal();
    expect(parts.map((part) => part.truncatedAt)).toEqual([AT]);
    expect(linesOf(parts)[0]).toHaveLength(1);
  });

  it('marks a part that no load can apply, and keeps the first reason', () => {
    const it = buffer();
    it.obstruct(narrow, 'first');
    it.obstruct(narrow, 'second');
    expect(it.isEmpty).toBe(false);
    expect(it.seal().map((part) => part.obstacle)).toEqual(['first']);
  });

  it("keeps a history's versions before a truncate in a part of their own", () => {
    const it = buffer('history');
    it.add(insert(narrow, '1', 'x'), AT, 'p');
    it.truncate(narrow.table, narrow, AT);
    expect(it.seal().map((part) => part.truncatedAt)).toEqual([null, AT]);
  });

  it('sets a row aside whose value does not fit, and takes away the row that stood there', () => {
    const it = buffer();
    it.add(
      { ...insert(narrow, '1', 'infinity'), op: 'update', misfit: { column: 'a', reason: 'infinity' } },
      AT,
      'place',
    );
    const [part] = it.seal();
    expect(part?.misfits).toEqual([
      { column: 'a', reason: 'infinity', row: { id: '1', a: 'infinity' }, key: ['1'], position: 'place' },
    ]);
    expect(linesOf(part === undefined ? [] : [part])[0]?.[0]).toMatch(/^D\t/);
  });

  it('writes ordinals and the origin key where values were not sent', () => {
    const it = buffer();
    it.add(
      { schema: wide, op: 'update', before: ['1'], after: ['2', undefined, 'tab\there\\'], misfit: null },
      AT,
      'p',
    );
    expect(linesOf(it.seal())[0]?.[1]).toBe('U\t70000000000\t2026-01-01 00:00:00.000001\t2\t1\t2\t\\N\ttab\\there\\\\');
  });
});
