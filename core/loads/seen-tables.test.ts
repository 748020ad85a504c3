import { describe, expect, it } from 'vitest';
import { newTableRecord } from '../catalog/records.ts';
import { SeenTables } from './seen-tables.ts';

const tables = new Map([['public.t', newTableRecord('public.t')]]);

describe('tables that a loader has seen', () => {
  it.each([7, 8])('are known to the holder of the same lease or the very next one: epoch %i after 7', (epoch) => {
    const seen = new SeenTables();
    seen.leave(7, 1000, tables);
    expect(seen.take(epoch, 2000)).toEqual({ readAt: 1000, tables });
  });

  it.each([6, 9])('are read again where somebody may have held the lease in between: epoch %i after 7', (epoch) => {
    const seen = new SeenTables();
    seen.leave(7, 1000, tables);
    expect(seen.take(epoch, 2000)).toBeNull();
  });

  it('are given out once: a loader that fails leaves nothing', () => {
    const seen = new SeenTables();
    seen.leave(7, 1000, tables);
    seen.take(8, 2000);
    expect(seen.take(8, 2000)).toBeNull();
  });

  it('are read again once a minute, however often they were handed on', () => {
    const seen = new SeenTables();
    seen.leave(7, 1000, tables);
    const taken = seen.take(8, 60_999);
    expect(taken).not.toBeNull();
    seen.leave(8, taken!.readAt, taken!.tables);
    expect(seen.take(9, 61_000)).toBeNull();
  });

  it('are a copy: what the next loader changes is not seen by who left them', () => {
    const seen = new SeenTables();
    seen.leave(7, 1000, tables);
    seen.take(8, 1000)!.tables.clear();
    expect(tables.size).toBe(1);
  });
});
