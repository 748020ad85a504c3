import { expect, test } from 'vitest';
import type { PenstockEvent } from './event.ts';
import { alertOf } from './alert.ts';

const of = { pipeline: 'shop', generated: '2026-11-21T09:00:00.000000Z' };
const HALT: PenstockEvent = {
  ...{ type: 'HaltError', generated: of.generated, source: 'shop', sourceType: 'CDC', errorId: 'PS2006' },
  message: 'gone What to do: copy again',
};
const ALERTING: readonly PenstockEvent[] = [
  HALT,
  { ...of, type: 'TableStopped', table: 'public.été', errorCode: 'PS4004', message: 'does not fit', remedy: 'widen' },
  { ...of, type: 'RowsQuarantined', table: 't'.repeat(200), rows: 3, reason: 'amount: out of range' },
  { ...of, type: 'LogGrowing', retainedBytes: 1, headroomBytes: 2, remedy: 'look' },
  { ...of, type: 'LogExpiring', expiresAt: '2026-11-22', remedy: 'look' },
  { ...of, type: 'StillFailing', errorCode: 'PS4001', message: 'away', attempt: 10 },
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

test('what was told of a halt is told apart: what happened, and what to do', () => {
  const alert = alertOf(HALT);
  expect(alert?.body).toMatch(/^gone\n\nWhat to do: copy again\n/);
  expect(JSON.parse(alert?.event ?? '')).toEqual(HALT);
});

test('each retry is not told; what succeeded is not told', () => {
  const { generated } = of;
  const retry = {
    type: 'RetryError',
    generated,
    source: 'shop',
    sourceType: 'CDC',
    errorId: 'PS4001',
    message: 'away',
  };
  expect(alertOf(retry as PenstockEvent)).toBeNull();
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
