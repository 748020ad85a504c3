import { DAY, instantOf, localTime } from './local-time.ts';
import { WEEKDAYS, type Calendar, type Recurring, type Schedule } from './schedule.ts';

/** Instants are in milliseconds since 1970-01-01 UTC. */

const MINUTE = 60_000;

/** Whether the schedule has due times. */
export function isRecurring(schedule: Schedule): schedule is Recurring {
  return schedule.tag !== 'manual' && schedule.tag !== 'automatic';
}

/** The first due instant after `after`. */
export function nextDue(schedule: Recurring, after: number): number {
  if (schedule.tag === 'periodic') return lastPeriod(schedule, after) + schedule.every;
  // The day before: what it skips may be due today.
  for (let day = dayOf(after, schedule.zone) - 1; ; day++) {
    const due = dueOn(schedule, day);
    if (due !== null && due > after) return due;
  }
}

/**
 * The run that is to be made at `now` when all that was due up to `served` was served; null: none is.
 * Of several that were missed it is the last: it makes good for all of them.
 */
export function missedDue(schedule: Recurring, served: number, now: number): number | null {
  const due = schedule.tag === 'periodic' ? lastPeriod(schedule, now) : lastDay(schedule, now);
  return due > served ? due : null;
}

function lastPeriod({ every, offset }: { every: number; offset: number }, upTo: number): number {
  return offset + Math.floor((upTo - offset) / every) * every;
}

function lastDay(calendar: Calendar, upTo: number): number {
  // The day after: clocks that are set back over midnight have shown it already.
  for (let day = dayOf(upTo, calendar.zone) + 1; ; day--) {
    const due = dueOn(calendar, day);
    if (due !== null && due <= upTo) return due;
  }
}

/** Days since 1970-01-01 of the zone's calendar. */
function dayOf(instant: number, zone: string): number {
  return Math.floor(localTime(instant, zone) / DAY);
}

function dueOn(calendar: Calendar, day: number): number | null {
  return isDay(calendar, day) ? instantOf(day * DAY + calendar.at * MINUTE, calendar.zone) : null;
}

function isDay(calendar: Calendar, day: number): boolean {
  const date = new Date(day * DAY);
  switch (calendar.tag) {
    case 'daily':
      return true;
    case 'weekly':
      return calendar.days.some((name) => WEEKDAYS.indexOf(name) === date.getUTCDay());
    case 'monthly': {
      const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
      return date.getUTCDate() === Math.min(calendar.day, lastOfMonth);
    }
  }
}
