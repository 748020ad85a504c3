import { describe, expect, it } from 'vitest';
import type { ChunkRecord } from '../../catalog/records.ts';
import { claimable, isLoaded, loadable } from './chunk-rules.ts';

const NOW = 1000;
const worker = { owner: 'b', order: '9', now: NOW };

function keyChunk(index: number, state: ChunkRecord['state']) {
  const range = { tag: 'key', column: 'id', compareAs: 'number', after: null, upTo: null } as const;
  return { record: { index, range, state } satisfies ChunkRecord, version: 1 };
}

function pageChunk(index: number, state: ChunkRecord['state']) {
  return { record: { index, range: { tag: 'pages', from: '0', to: null }, state } satisfies ChunkRecord, version: 1 };
}

const waiting = { tag: 'waiting' } as const;
const failed = { tag: 'failed', code: 'PS4004', message: '', remedy: '' } as const;
const taken = (order: string, until: number) => ({ tag: 'taken', owner: 'a', until, order }) as const;
const extracted = (order: string, loaded = false) =>
  ({ tag: 'extracted', key: 'k', misfitsKey: null, rows: 1, bytes: 1, order, takenAt: '', loaded }) as const;

const indexes = (chunks: readonly { readonly record: ChunkRecord }[]) => chunks.map(({ record }) => record.index);

describe('chunks of key ranges', () => {
  it('are taken at any place, unless another worker has them', () => {
    const chunks = [
      keyChunk(0, extracted('5')),
      keyChunk(1, taken('5', NOW + 1)),
      keyChunk(2, taken('5', NOW)),
      keyChunk(3, waiting),
    ];
    expect(indexes(claimable(chunks, worker))).toEqual([2, 3]);
  });

  it('that this worker had taken before are free for it', () => {
    const chunks = [keyChunk(0, taken('5', NOW + 1)), keyChunk(1, waiting)];
    expect(indexes(claimable(chunks, { ...worker, owner: 'a' }))).toEqual([0, 1]);
  });

  it('are loaded as they come', () => {
    const chunks = [keyChunk(0, extracted('5', true)), keyChunk(1, extracted('6')), keyChunk(2, waiting)];
    expect(indexes(loadable(chunks))).toEqual([1]);
    expect(isLoaded(chunks)).toBe(false);
  });

  it('of a table with a failed one are left alone', () => {
    const chunks = [keyChunk(0, failed), keyChunk(1, waiting), keyChunk(2, extracted('5'))];
    expect(claimable(chunks, worker)).toEqual([]);
    expect(loadable(chunks)).toEqual([]);
  });
});

describe('chunks that must be read at one place', () => {
  it('are opened by the first of them', () => {
    const chunks = [pageChunk(0, waiting), pageChunk(1, waiting), pageChunk(2, waiting)];
    expect(indexes(claimable(chunks, worker))).toEqual([0]);
  });

  it.each([
    ['of the worker that took the first', taken('9', NOW + 1), [1, 2]],
    ['of the place at which the first was read', extracted('9'), [1, 2]],
    ['not of another worker', taken('8', NOW + 1), []],
    ['not after the first was read at another place', extracted('8'), []],
    ['of whoever takes over the first', taken('8', NOW), [0]],
  ])('go to the worker %s', (_, gate, expected) => {
    const chunks = [pageChunk(0, gate), pageChunk(1, waiting), pageChunk(2, waiting)];
    expect(indexes(claimable(chunks, worker))).toEqual(expected);
  });

  it('are read again where they are of an earlier place', () => {
    const chunks = [pageChunk(0, taken('9', NOW + 1)), pageChunk(1, extracted('8')), pageChunk(2, extracted('9'))];
    expect(indexes(claimable(chunks, worker))).toEqual([1]);
  });

  it('are loaded when all are there and of one place', () => {
    expect(loadable([pageChunk(0, extracted('9')), pageChunk(1, waiting)])).toEqual([]);
    expect(loadable([pageChunk(0, extracted('9')), pageChunk(1, extracted('8'))])).toEqual([]);
    expect(indexes(loadable([pageChunk(0, extracted('9', true)), pageChunk(1, extracted('9'))]))).toEqual([1]);
  });

  it('are one alone like any other', () => {
    expect(indexes(claimable([pageChunk(0, waiting)], worker))).toEqual([0]);
    expect(indexes(loadable([pageChunk(0, extracted('9'))]))).toEqual([0]);
  });
});
