import { expect, it } from 'vitest';
import type { SchedulerStanding } from '../../core/operations/scheduling/scheduler.ts';
import { scheduleOutcome } from './schedule.ts';

const since = '2026-11-21T10:00:00.000000Z';
const ON: SchedulerStanding = { on: true, since: null, by: 'operator', reason: '', remedy: '' };

it('says on where nobody ever turned it, or since when', () => {
  expect(scheduleOutcome(ON, false)).toMatchObject({ exitCode: 0, lines: ['the scheduler is on'] });
  expect(scheduleOutcome({ ...ON, since }, true, 'UTC').lines).toEqual([
    'the scheduler is on since 2026-11-21 10:00:00 UTC, by an operator',
  ]);
});

it('says off since when, by whom and why, and how to switch it on', () => {
  const off: SchedulerStanding = { ...ON, on: false, since, reason: 'the key is changed' };
  expect(scheduleOutcome(off, true, 'UTC')).toEqual({
    exitCode: 0,
    json: { switched: true, ...off },
    lines: [
      'the scheduler is off since 2026-11-21 10:00:00 UTC, by an operator: the key is changed',
      'nothing is read or loaded by itself until `penstock schedule on`',
    ],
  });
});

it('says what mends the error that switched it off', () => {
  const halted: SchedulerStanding = { on: false, since, by: 'error', reason: 'PS2003 refused', remedy: 'Correct it.' };
  expect(scheduleOutcome(halted, false, 'UTC').lines).toEqual([
    'the scheduler is off since 2026-11-21 10:00:00 UTC, by an error: PS2003 refused',
    'remedy: Correct it.',
    'nothing is read or loaded by itself until `penstock schedule on`',
  ]);
});
