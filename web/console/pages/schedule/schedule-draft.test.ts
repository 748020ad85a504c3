import { describe, expect, test } from 'vitest';
import { scheduleDraft, scheduleProblems, scheduleValue, type ScheduleDraft } from './schedule-draft.ts';

const draft = (change: Partial<ScheduleDraft>): ScheduleDraft => ({
  ...scheduleDraft(null, 'Europe/Berlin'),
  ...change,
});

describe('a section and its form', () => {
  test.each([
    { type: 'automatic' },
    { type: 'manual', restoreOnStartup: false },
    { type: 'periodic', every: { hours: 6 }, offset: { minutes: 15 } },
    { type: 'daily', at: '05:30', zone: 'Europe/Berlin' },
    { type: 'weekly', days: ['mon', 'fri'], at: '23:59', zone: 'UTC', restoreOnStartup: true },
    { type: 'monthly', day: 31, at: '00:00', zone: 'Asia/Tokyo' },
  ])('$type is written as it was read', (section) => {
    const shown = scheduleDraft(section, 'Europe/Berlin');
    expect(scheduleProblems(shown)).toEqual(new Map());
    expect(scheduleValue(shown, section)).toEqual(section);
  });

  test('a time without a zone is shown in UTC, a new one in the zone of the browser', () => {
    expect(scheduleDraft({ type: 'daily', at: '05:30' }, 'Europe/Berlin').zone).toBe('UTC');
    expect(scheduleDraft(null, 'Europe/Berlin').zone).toBe('Europe/Berlin');
  });

  test('what belongs to another kind is not written', () => {
    expect(scheduleValue(draft({ kind: 'daily', at: '05:30', day: '3', days: ['mon'] }), null)).toEqual({
      type: 'daily',
      at: '05:30',
      zone: 'Europe/Berlin',
    });
  });
});

test.each([
  [{ kind: 'periodic' }, 'every'],
  [{ kind: 'periodic', every: { hours: '0' } }, 'every'],
  [{ kind: 'periodic', every: { hours: '1.5' } }, 'every'],
  [{ kind: 'periodic', every: { hours: '1' }, offset: { minutes: '-1' } }, 'offset'],
  [{ kind: 'daily', at: '24:00' }, 'at'],
  [{ kind: 'weekly', at: '05:00' }, 'days'],
  [{ kind: 'monthly', at: '05:00', day: '32' }, 'day'],
] as const)('%j is wrong at %s', (change, path) => {
  expect([...scheduleProblems(draft(change)).keys()]).toEqual([path]);
});
