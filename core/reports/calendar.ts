import { instantOf, localTime, DAY } from '../schedule/local-time.ts';

/** Days and months of a time zone. Pure. */

/** Instants in milliseconds since 1970; `to` is the first one that is not in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** `2026-11-21`, if there is such a day. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && dayText(Date.parse(`${text}T00:00:00Z`)) === text;
}

/** `2026-11`, if there is such a month. */
export function isMonth(text: string): boolean {
  return /^\d{4}-\d\d$/.test(text) && isDay(`${text}-01`);
}

/** From midnight to midnight by the clocks of the zone: 23 or 25 hours where they change. */
export function spanOfDay(day: string, zone: string): Span {
  const local = Date.parse(`${day}T00:00:00Z`);
  return { from: instantOf(local, zone), to: instantOf(local + DAY, zone) };
}

/** The days of a month, in order. */
export function daysOf(month: string): string[] {
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const days: string[] = [];
  for (let local = first; dayText(local).startsWith(month); local += DAY) days.push(dayText(local));
  return days;
}

/** The day that the clocks of the zone show at the instant. */
export function dayAt(instant: number, zone: string): string {
  return dayText(localTime(instant, zone));
}

function dayText(local: number): string {
  return Number.isNaN(local) ? '' : new Date(local).toISOString().slice(0, 10);
}
