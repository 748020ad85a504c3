import { expect, test } from 'vitest';
import { dayIn } from '../../words/times.ts';
import { dayBars, hourBars } from './transfer-bars.ts';

const counts = { initial: 1, inserts: 2, updates: 3, deletes: 4 };

test('hours are named by the clock of their zone', () => {
  const hours = [{ from: '2026-11-21T09:15:00.000Z', ...counts }];
  expect(hourBars({ zone: 'Asia/Kolkata', records: 0, hours, days: [] })).toEqual([{ label: '14:45', ...counts }]);
});

test('every day of the month up to today has a bar', () => {
  const days = [{ date: '2026-11-03', ...counts }];
  const bars = dayBars({ zone: 'UTC', records: 0, hours: [], days }, '2026-11-04');
  expect(bars.map((bar) => [bar.label, bar.updates])).toEqual([
    ['1', 0],
    ['2', 0],
    ['3', 3],
    ['4', 0],
  ]);
});

test('today is that of the zone', () => {
  const late = Date.UTC(2026, 10, 21, 23, 30);
  expect(dayIn('UTC', late)).toBe('2026-11-21');
  expect(dayIn('Asia/Tokyo', late)).toBe('2026-11-22');
});
