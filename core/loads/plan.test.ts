import { describe, expect, it } from 'vitest';
import type { LedgerMarks } from '../destinations/destination.ts';
import { marksAfter, planCatchUps, planExtract, type TableStanding } from './plan.ts';

const marks = (applied: number | null, tables: Record<string, number> = {}): LedgerMarks => ({
  copies: new Map(),
  replays: new Map(),
  rebuilds: new Set(),
  applied,
  epoch: 1,
  tables: new Map(Object.entries(tables)),
});
const standing = (table: string, state: TableStanding['state'] = 'following'): TableStanding => ({ table, state });

describe('plan of an extract', () => {
  it('begins with extract 1 and includes tables that follow', () => {
    expect(planExtract(marks(null), [standing('a'), standing('b', 'waiting')])).toEqual({
      extract: 1,
      include: new Set(['a']),
      tableMarks: [],
    });
  });

  it('leaves a table out that its copy has brought further, and joins it when the pipeline gets there', () => {
    expect(planExtract(marks(4, { a: 6 }), [standing('a')])).toEqual({
      extract: 5,
      include: new Set(),
      tableMarks: [],
    });
    expect(planExtract(marks(5, { a: 6 }), [standing('a')]).tableMarks).toEqual([{ table: 'a', applied: null }]);
    expect(planExtract(marks(6, { a: 6 }), [standing('a')])).toEqual({
      extract: 7,
      include: new Set(['a']),
      tableMarks: [{ table: 'a', applied: null }],
    });
  });

  it('pins a stopped table where it is, once', () => {
    expect(planExtract(marks(4), [standing('a', 'stopped')]).tableMarks).toEqual([{ table: 'a', applied: 4 }]);
    expect(planExtract(marks(4, { a: 2 }), [standing('a', 'stopped')]).tableMarks).toEqual([]);
  });

  it('lets a table that follows again catch up first, and does not include it before', () => {
    const tables = [standing('a'), standing('b', 'stopped')];
    const behind = marks(9, { a: 5, b: 5 });
    expect(planCatchUps(behind, tables)).toEqual([{ table: 'a', from: 5, to: 9 }]);
    expect(planExtract(behind, tables).include).toEqual(new Set());
  });

  it('knows the marks after a step', () => {
    expect(
      marksAfter(marks(4, { a: 4, b: 2 }), 5, [
        { table: 'a', applied: null },
        { table: 'c', applied: 4 },
      ]),
    ).toEqual(marks(5, { b: 2, c: 4 }));
  });
});
