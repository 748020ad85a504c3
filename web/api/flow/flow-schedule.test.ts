import { expect, it } from 'vitest';
import { scheduleSchema } from '../../../core/pipeline/schedule-settings.ts';
import { flowValues } from './flow-names.ts';
import { flowSchedule, scheduleSection } from './flow-schedule.ts';
import { tableOf } from './flow-table.ts';

it.each([
  [{ type: 'manual' }, { type: 'manual' }],
  [{ type: 'auto' }, { type: 'automatic' }],
  [
    { type: 'periodic', duration: 3600, offset: 600 },
    { type: 'periodic', every: { seconds: 3600 }, offset: { minutes: 10 } },
  ],
  [
    { type: 'daily', offset: '03:30' },
    { type: 'daily', at: '03:30' },
  ],
  [
    { type: 'weekly', offset: 0, weekFlags: 'YNNNNNY' },
    { type: 'weekly', days: ['sun', 'sat'], at: '00:00' },
  ],
  [
    { type: 'monthly', offset: 3600, day: 31 },
    { type: 'monthly', day: 31, at: '01:00' },
  ],
])('%j is a schedule of ours, and comes back', (sent, section) => {
  const made = scheduleSection(null, flowValues(sent));
  expect(made).toEqual(section);
  expect(scheduleSchema.safeParse(made).error).toBeUndefined();
  const again = { ...flowSchedule(made, true), ...('day' in sent ? { day: sent.day } : {}) };
  expect(scheduleSection(null, flowValues(again))).toEqual(section);
});

it('keeps what is not sent', () => {
  const saved = { type: 'weekly', days: ['mon'], at: '05:00', zone: 'Europe/Berlin', restoreOnStartup: false };
  expect(scheduleSection(saved, flowValues([{ name: 'weekFlags', value: 'NNYNNNN' }]))).toEqual({
    ...saved,
    days: ['tue'],
  });
});

it.each([
  [{ type: 'hourly' }, 'expected manual'],
  [{ type: 'weekly', weekFlags: 'NNNNNNN' }, 'at least one Y'],
  [{ type: 'daily', offset: 'noon' }, 'expected seconds'],
  [{ type: 'daily', offset: 90_000 }, 'a day has'],
])('refuses %j', (sent, message) => {
  expect(() => scheduleSection(null, flowValues(sent))).toThrow(message);
});

it('takes the options of a table under many names, and tells which it does not know', () => {
  const sent = {
    select: true,
    transferType: 'Delta Extract: With History',
    PKey: 'a, b',
    mask: ['iban'],
    partitioning: 'x',
    tchange: 'd=@D(yyyyMMdd)',
  };
  const { select, options, unknown } = tableOf(flowValues(sent));
  expect(select).toBe(true);
  expect(options).toEqual({ transfer: 'history', key: ['a', 'b'], mask: ['iban'], typeChange: { d: '@D(yyyyMMdd)' } });
  expect([...unknown]).toEqual([['partitioning', 'x']]);
  expect(() => tableOf(flowValues({ select: 'perhaps' }))).toThrow('true or false');
});
