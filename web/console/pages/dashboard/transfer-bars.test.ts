import { expect, test } from 'vitest';
import { barsOf } from './transfer-bars.ts';

const counts = { initial: 1, inserts: 2, updates: 3, deletes: 4 };

test('hours are named by the clock of their zone', () => {
  const buckets = [{ start: '2026-11-21T09:15:00.000Z', ...counts }];
  const bars = barsOf({ by: 'hour', zone: 'Asia/Kolkata', last24Hours: 0, buckets }, 0);
  expect(bars).toEqual([{ label: '14:45', ...counts }]);
});

test('every day of the month up to today has a bar, and today is that of the zone', () => {
  const buckets = [{ start: '2026-11-03', ...counts }];
  const late = Date.UTC(2026, 10, 4, 23, 30);
  const bars = barsOf({ by: 'day', zone: 'UTC', last24Hours: 0, buckets }, late);
  expect(bars.map((bar) => [bar.label, bar.updates])).toEqual([
    ['1', 0],
    ['2', 0],
    ['3', 3],
    ['4', 0],
  ]);
  expect(barsOf({ by: 'day', zone: 'Asia/Tokyo', last24Hours: 0, buckets }, late)).toHaveLength(5);
});
