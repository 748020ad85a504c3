import { expect, test } from 'vitest';
import type { PenstockEvent } from '../../core/events/event.ts';
import { alertOf } from './alert.ts';

const of = { pipeline: 'shop', generated: '2026-11-21T09:00:00.000000Z' };
const ALERTING: readonly PenstockEvent[] = [
  { ...of, type: 'HaltError', errorCode: 'PS2006', message: 'gone', remedy: 'copy again' },
  { ...of, type: 'TableStopped', table: 'public.été', errorCode: 'PS4004', message: 'does not fit', remedy: 'widen' },
  { ...of, type: 'RowsQuarantined', table: 't'.repeat(200), rows: 3, reason: 'amount: out of range' },
  { ...of, type: 'LogGrowing', retainedBytes: 1, headroomBytes: 2, remedy: 'look' },
  { ...of, type: 'LogExpiring', expiresAt: '2026-11-22', remedy: 'look' },
  { ...of, type: 'RetryError', errorCode: 'PS4001', message: 'away', attempt: 10 },
  { ...of, type: 'OperationEnded', operation: 'o', kind: 'rollback', outcome: 'failed', message: 'why' },
];

test('subjects are what SNS takes, bodies name the pipeline and what to do', () => {
  for (const event of ALERTING) {
    const alert = alertOf(event);
    expect(alert?.subject).toMatch(/^Penstock shop: [\x20-\x7e]{1,85}$/);
    expect(alert?.attributes).toEqual({ pipeline: 'shop', type: event.type });
    expect(alert?.body).toContain('Pipeline: shop');
    if ('remedy' in event) expect(alert?.body).toContain(`What to do: ${event.remedy}`);
  }
});

test('retries are told after some minutes, then about once an hour; what succeeded is not told', () => {
  const told = Array.from({ length: 300 }, (_, index) => index + 1).filter(
    (attempt) => alertOf({ ...of, type: 'RetryError', errorCode: 'PS4001', message: 'away', attempt }) !== null,
  );
  expect(told).toEqual([10, 120, 240]);
  const ended = { ...of, type: 'OperationEnded', operation: 'o', kind: 'rollback', message: '' } as const;
  expect(alertOf({ ...ended, outcome: 'succeeded' })).toBeNull();
});

test('the same thing with other numbers is the same; another table, reason or stop is another', () => {
  const same = (a: PenstockEvent, b: PenstockEvent) => alertOf(a)?.sameAs === alertOf(b)?.sameAs;
  const growing = { ...of, type: 'LogGrowing', retainedBytes: 1, headroomBytes: null, remedy: 'look' } as const;
  expect(same(growing, { ...growing, retainedBytes: 2, generated: 'later' })).toBe(true);
  const rows = { ...of, type: 'RowsQuarantined', table: 'a', rows: 1, reason: 'x' } as const;
  expect(same(rows, { ...rows, rows: 2 })).toBe(true);
  expect(same(rows, { ...rows, table: 'b' })).toBe(false);
  const stopped = { ...of, type: 'TableStopped', table: 'a', errorCode: 'PS4004', message: 'm', remedy: 'r' } as const;
  expect(same(stopped, { ...stopped, generated: 'later' })).toBe(false);
});
