import { describe, expect, it } from 'vitest';
import { SECTIONS } from './checked-settings.ts';
import { problemText } from './configuration-problem.ts';
import { parseSettings } from './parse-settings.ts';

const FILE = `pipeline: billing
source: { type: postgres, host: a, database: shop, user: repl, password: { env: A } }
destination: { type: singlestore, host: a, database: shop, user: root, password: { env: B } }
tables: [{ name: public.orders }]
`;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function parsed(section: string): unknown {
  const result = parseSettings(`${FILE}schedule: ${section}\n`, '/etc/penstock.yaml', SECTIONS);
  if (result.tag === 'settings') return result.settings.schedule;
  return result.problems.map((problem) => problemText(problem).replace(/^5:\d+ {2}/, '')).join('; ');
}

const night = { at: 150, zone: 'UTC' };

describe('a schedule', () => {
  it.each<[string, unknown]>([
    ['{ type: automatic }', { tag: 'automatic' }],
    ['{ type: manual }', { tag: 'manual' }],
    ['{ type: periodic, every: { hours: 1, seconds: 30 } }', { tag: 'periodic', every: HOUR + MINUTE / 2, offset: 0 }],
    [
      '{ type: periodic, every: { days: 7 }, offset: { days: 3, hours: 2, minutes: 5 } }',
      { tag: 'periodic', every: 168 * HOUR, offset: 74 * HOUR + 5 * MINUTE },
    ],
    ['{ type: daily, at: 02:30 }', { tag: 'daily', ...night }],
    ['{ type: daily, at: "23:59", zone: Europe/Berlin }', { tag: 'daily', at: 1439, zone: 'Europe/Berlin' }],
    ['{ type: weekly, days: [fri, mon], at: 02:30 }', { tag: 'weekly', days: ['fri', 'mon'], ...night }],
    ['{ type: monthly, day: 31, at: 02:30 }', { tag: 'monthly', day: 31, ...night }],
  ])('%s', (section, expected) => {
    expect(parsed(section)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['manual', 'schedule: expected a mapping, found "manual"'],
    [
      '{ type: dayly, at: 02:30 }',
      'schedule.type: expected one of automatic, manual, periodic, daily, weekly, monthly, found "dayly"; did you mean `daily`?',
    ],
    ['{ type: daily }', 'schedule.at: expected text, found nothing'],
    ['{ type: daily, at: 24:00 }', 'schedule.at: expected a time of day as "HH:MM", 00:00 to 23:59, found "24:00"'],
    [
      '{ type: daily, at: 02:30, zone: Europe/Berlim }',
      'schedule.zone: expected an IANA time zone (did you mean `Europe/Berlin`?), found "Europe/Berlim"',
    ],
    [
      '{ type: daily, at: 02:30, zone: "+01:00" }',
      'schedule.zone: expected an IANA time zone, such as Europe/Berlin, found "+01:00"',
    ],
    [
      '{ type: daily, at: 02:30, every: { days: 1 } }',
      'schedule.every: expected nothing: it does not go with what stands beside it',
    ],
    ['{ type: weekly, days: [mon, mon], at: 02:30 }', 'schedule.days: expected every day once, found a list'],
    ['{ type: weekly, days: [], at: 02:30 }', 'schedule.days: expected a list of at least 1, found a list'],
    ['{ type: monthly, day: 32, at: 02:30 }', 'schedule.day: expected at most 31, found 32 (a number)'],
    ['{ type: periodic, every: {} }', 'schedule.every: expected at least one second, found a mapping'],
    ['{ type: periodic, every: { minute: 5 } }', 'schedule.every.minute: unknown name; did you mean `minutes`?'],
    [
      '{ type: periodic, every: { minutes: 5 }, offset: { hours: 1 } }',
      'schedule.offset: expected less than the period `every`, found a mapping',
    ],
  ])('%s is refused', (section, expected) => {
    expect(parsed(section)).toBe(expected);
  });
});
