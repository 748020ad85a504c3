import { describe, expect, it } from 'vitest';
import { tableSchema } from '../../changes/table-schema.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { newTableRecord, type ChunkRecord, type TableRecord } from '../../catalog/records.ts';
import { copyMarks, planResume } from './copy-plan.ts';

const schema = tableSchema({ table: { schema: 's', name: 't' }, columns: [], identity: { tag: 'row' } });
const record = (chunks: number | null): TableRecord => ({
  ...newTableRecord('s.t'),
  state: { tag: 'copying' },
  generation: 1,
  schema,
  run: 'r',
  chunks,
  epoch: 1,
});
const key = (after: string | null, upTo: string | null): ChunkRange => ({
  tag: 'key',
  column: 'id',
  compareAs: 'number',
  after,
  upTo,
});
const chunk = (range: ChunkRange, order: string | null, index = 0) => ({
  version: 1,
  record: {
    index,
    range,
    state:
      order === null
        ? { tag: 'waiting' }
        : { tag: 'extracted', key: 'k', misfitsKey: null, rows: 1, bytes: 1, order, takenAt: '', loaded: false },
  } satisfies ChunkRecord,
});

/** The snapshot that is open now is a later one, unless its place is given. */
const at = (headOrder: string, snapshotOrder = '99') => ({ headOrder, snapshotOrder });

describe('resume of a copy', () => {
  it('goes on with key ranges whose snapshot the log has not been read past', () => {
    const chunks = [chunk(key(null, '5'), '20'), chunk(key('5', null), null)];
    expect(planResume(record(2), schema, chunks, at('10')).tag).toBe('resume');
    expect(planResume(record(2), schema, chunks, at('21'))).toMatchObject({ tag: 'restart' });
  });

  it('starts anew where pages of two snapshots would be mixed, but only loads on where all were read', () => {
    const pages = (from: string): ChunkRange => ({ tag: 'pages', from, to: null });
    expect(planResume(record(2), schema, [chunk(pages('0'), '20'), chunk(pages('9'), null)], at('10')).tag).toBe(
      'restart',
    );
    expect(planResume(record(2), schema, [chunk(pages('0'), '20'), chunk(pages('9'), '21')], at('10')).tag).toBe(
      'restart',
    );
    expect(planResume(record(2), schema, [chunk(pages('0'), '20'), chunk(pages('9'), '20')], at('10')).tag).toBe(
      'resume',
    );
  });

  it('goes on with pages where the same snapshot was opened once more', () => {
    const pages = (from: string): ChunkRange => ({ tag: 'pages', from, to: null });
    const chunks = [chunk(pages('0'), '20'), chunk(pages('9'), null)];
    expect(planResume(record(2), schema, chunks, at('10', '20')).tag).toBe('resume');
    expect(planResume(record(2), schema, chunks, at('21', '20')).tag).toBe('restart');
    expect(planResume(record(2), schema, [chunk(pages('0'), '19'), ...chunks.slice(1)], at('10', '20')).tag).toBe(
      'restart',
    );
  });

  it('begins where it was not cut yet, and starts anew when chunks are missing or the structure changed', () => {
    expect(planResume(record(null), schema, [], at('')).tag).toBe('begin');
    expect(planResume(record(2), schema, [chunk(key(null, null), '20')], at('')).tag).toBe('restart');
    expect(
      planResume(
        { ...record(1), schema: { ...schema, fingerprint: 'x' } },
        schema,
        [chunk(key(null, null), '20')],
        at(''),
      ).tag,
    ).toBe('restart');
  });

  it('needs one mark for one snapshot and one a chunk for more', () => {
    const [first, second] = [chunk(key(null, '5'), '20').record, chunk(key('5', null), '30').record];
    expect(copyMarks([first, { ...second, state: { ...second.state, order: '20' } } as ChunkRecord])).toEqual([
      { range: { tag: 'whole' }, order: '20' },
    ]);
    expect(copyMarks([first, second])).toHaveLength(2);
  });
});
