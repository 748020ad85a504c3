import { describe, expect, it } from 'vitest';
import { Random } from '../../test/fixtures/random.ts';
import { missedDue, nextDue } from './due.ts';
import { isZone } from './local-time.ts';
import { WEEKDAYS, type Calendar, type Recurring } from './schedule.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The next due times after an instant, as ISO texts. */
function dues(schedule: Recurring, after: string, count: number): string[] {
  const found: string[] = [];
  let instant = Date.parse(after);
  while (found.length < count) {
    instant = nextDue(schedule, instant);
    found.push(new Date(instant).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

function time(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

const daily = (at: string, zone: string): Recurring => ({ tag: 'daily', at: time(at), zone });

describe('the next due time', () => {
  it('of a period is counted from 1970, whenever one asks', () => {
    const quarter: Recurring = { tag: 'periodic', every: 15 * MINUTE, offset: 5 * MINUTE };
    expect(dues(quarter, '2026-11-21T10:00:00Z', 2)).toEqual(['2026-11-21T10:05Z', '2026-11-21T10:20Z']);
    expect(dues(quarter, '2026-11-21T10:05:00Z', 1)).toEqual(['2026-11-21T10:20Z']);
    expect(dues(quarter, '2026-11-21T10:04:59.999Z', 1)).toEqual(['2026-11-21T10:05Z']);
    const week: Recurring = { tag: 'periodic', every: 7 * DAY, offset: 3 * DAY + 6 * 60 * MINUTE };
    expect(dues(week, '2026-11-21T10:00:00Z', 2)).toEqual(['2026-11-22T06:00Z', '2026-11-29T06:00Z']);
  });

  it.each([
    // 02:30 does not exist on 29 March 2026, and exists twice on 25 October.
    ['Europe/Berlin', '02:30', '2026-03-28T00:00:00Z', ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['Europe/Berlin', '02:30', '2026-10-24T00:00:00Z', ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    // The two ends of the gap.
    ['Europe/Berlin', '02:00', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
    ['Europe/Berlin', '03:00', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T01:00Z']],
    ['America/New_York', '02:15', '2026-03-07T12:00:00Z', ['2026-03-08T07:00Z', '2026-03-09T06:15Z']],
    ['America/New_York', '01:15', '2026-10-31T12:00:00Z', ['2026-11-01T05:15Z', '2026-11-02T06:15Z']],
    ['Asia/Kolkata', '00:00', '2026-03-28T12:00:00Z', ['2026-03-28T18:30Z', '2026-03-29T18:30Z']],
    // Half an hour of daylight saving.
    ['Australia/Lord_Howe', '02:10', '2026-10-03T00:00:00Z', ['2026-10-03T15:30Z', '2026-10-04T15:10Z']],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T00:00:00Z', ['2026-04-04T14:45Z', '2026-04-05T15:15Z']],
    // A whole day that did not exist, 30 December 2011.
    ['Pacific/Apia', '12:00', '2011-12-29T12:00:00Z', ['2011-12-29T22:00Z', '2011-12-30T10:00Z', '2011-12-30T22:00Z']],
  ])('of a day in %s at %s', (zone, at, after, expected) => {
    expect(dues(daily(at, zone), after, expected.length)).toEqual(expected);
  });

  it('of a week is on the chosen days of the zone', () => {
    const schedule: Recurring = { tag: 'weekly', days: ['mon', 'fri'], at: time('00:30'), zone: 'Europe/Berlin' };
    expect(dues(schedule, '2026-11-21T00:00:00Z', 3)).toEqual([
      '2026-11-22T23:30Z',
      '2026-11-26T23:30Z',
      '2026-11-29T23:30Z',
    ]);
  });

  it('of a month is on its last day where it has no such day', () => {
    const schedule: Recurring = { tag: 'monthly', day: 31, at: time('06:00'), zone: 'UTC' };
    expect(dues(schedule, '2028-01-15T00:00:00Z', 4)).toEqual([
      '2028-01-31T06:00Z',
      '2028-02-29T06:00Z',
      '2028-03-31T06:00Z',
      '2028-04-30T06:00Z',
    ]);
    expect(dues({ ...schedule, day: 29 }, '2026-02-01T00:00:00Z', 1)).toEqual(['2026-02-28T06:00Z']);
  });
});

describe('a missed run', () => {
  const schedule = daily('02:30', 'Europe/Berlin');
  const at = (text: string): number => Date.parse(text);

  it('is none before the next due time, and is due at it', () => {
    const served = at('2026-11-20T01:30:00Z');
    expect(missedDue(schedule, served, at('2026-11-21T01:29:59.999Z'))).toBeNull();
    expect(missedDue(schedule, served, at('2026-11-21T01:30:00Z'))).toBe(at('2026-11-21T01:30:00Z'));
  });

  it('is the last of many', () => {
    expect(missedDue(schedule, at('2026-01-01T00:00:00Z'), at('2026-11-21T12:00:00Z'))).toBe(
      at('2026-11-21T01:30:00Z'),
    );
    const seconds: Recurring = { tag: 'periodic', every: 1000, offset: 0 };
    expect(missedDue(seconds, 0, 1_000_000_500)).toBe(1_000_000_000);
  });

  it('is not forgotten where clocks that are set back show the day before again', () => {
    // 00:00 of 7 November was shown at 02:30Z; one minute later it was 23:01 of the 6th.
    const midnight = daily('00:00', 'America/St_Johns');
    const now = at('2010-11-07T02:45:00Z');
    expect(missedDue(midnight, at('2010-11-06T12:00:00Z'), now)).toBe(at('2010-11-07T02:30:00Z'));
  });

  it('is none while the clock stands before what was served', () => {
    expect(missedDue(schedule, at('2026-11-21T01:30:00Z'), at('2026-11-20T12:00:00Z'))).toBeNull();
  });
});

/** The local times of each minute of a span, read from the runtime's text of them. */
function localMinutes(zone: string, from: number, minutes: number): number[] {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone });
  const at = (index: number): number => Date.parse(`${format.format(from + index * MINUTE).replace(' ', 'T')}Z`);
  return Array.from({ length: minutes }, (_, index) => at(index));
}

/** The minutes of a span at which the clocks first reach or pass a time at which the calendar is due. */
function bruteForce(calendar: Calendar, local: readonly number[]): number[] {
  const found: number[] = [];
  let latest = local[0]!;
  local.forEach((shown, index) => {
    let reached = false;
    for (let passed = latest + MINUTE; passed <= shown; passed += MINUTE)
      reached ||= isDueAt(calendar, new Date(passed));
    if (reached) found.push(index);
    latest = Math.max(latest, shown);
  });
  return found;
}

function isDueAt(calendar: Calendar, shown: Date): boolean {
  if (shown.getUTCHours() * 60 + shown.getUTCMinutes() !== calendar.at) return false;
  const tomorrow = new Date(shown.getTime() + DAY);
  switch (calendar.tag) {
    case 'daily':
      return true;
    case 'weekly':
      return calendar.days.includes(WEEKDAYS[shown.getUTCDay()]!);
    case 'monthly':
      return shown.getUTCDate() === calendar.day || (tomorrow.getUTCDate() === 1 && calendar.day > shown.getUTCDate());
  }
}

function someCalendar(random: Random, zone: string): Calendar {
  // Most changes of clocks are at night.
  const at = random.chance(0.7) ? random.below(200) : random.below(1440);
  const tag = random.pick(['daily', 'weekly', 'monthly'] as const);
  if (tag === 'daily') return { tag, at, zone };
  if (tag === 'monthly') return { tag, day: 1 + random.below(31), at, zone };
  const days = WEEKDAYS.filter(() => random.chance(0.4));
  return { tag, days: days.length === 0 ? ['sun'] : days, at, zone };
}

describe('minute by minute', () => {
  it.each([
    ['Europe/Berlin', '2026-03-10'],
    ['Europe/Berlin', '2026-10-10'],
    ['America/New_York', '2026-02-20'],
    ['America/New_York', '2026-10-15'],
    ['Asia/Kolkata', '2026-03-10'],
    ['Australia/Lord_Howe', '2026-03-20'],
    ['Australia/Lord_Howe', '2026-09-20'],
    // Set back at one minute past midnight.
    ['America/St_Johns', '2010-10-25'],
    ['Pacific/Apia', '2011-12-15'],
  ])('due times in %s from %s are those that a search finds', (zone, day) => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = new Random(seed);
    const from = Date.parse(`${day}T00:00:00Z`);
    const local = localMinutes(zone, from, 40 * 24 * 60);
    for (let round = 0; round < 40; round++) {
      const calendar = someCalendar(random, zone);
      const what = `seed ${seed}, round ${round}: ${JSON.stringify(calendar)}`;
      const expected = bruteForce(calendar, local).map((index) => from + index * MINUTE);
      const found: number[] = [];
      for (let due = nextDue(calendar, from); due < from + local.length * MINUTE; due = nextDue(calendar, due)) {
        found.push(due);
      }
      expect(found, what).toEqual(expected);
      for (let probe = 0; probe < 20; probe++) {
        const now = from + random.below(local.length * MINUTE);
        const last = expected.findLast((due) => due <= now) ?? null;
        if (last !== null) expect(missedDue(calendar, from, now), `${what} at ${now}`).toBe(last);
        else expect(missedDue(calendar, from, now), `${what} at ${now}`).toBeNull();
      }
    }
  });
});

describe('a time zone', () => {
  it('has an IANA name', () => {
    expect(['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia'].map(isZone)).toEqual([true, true, true]);
    expect(['', '+01:00', 'Europe/Berlim', 'Mars/Olympus'].map(isZone)).toEqual([false, false, false, false]);
  });
});
