/** When a pipeline extracts and loads. pipeline/schedule-settings makes it of the section `schedule`. */
export type Schedule =
  /** Only when somebody asks for a delta. */
  | { readonly tag: 'manual' }
  /** Without a pause. */
  | { readonly tag: 'automatic' }
  | Periodic
  | Calendar;

/** Due times that recur; the other schedules have none. */
export type Recurring = Periodic | Calendar;

/** Due at every whole number of periods after 1970-01-01 00:00 UTC and the offset. Both in milliseconds, the offset less than the period. */
export interface Periodic {
  readonly tag: 'periodic';
  readonly every: number;
  readonly offset: number;
}

/**
 * Due when the clocks of a time zone show a time of day. A time that they skip is due at the first instant after the gap;
 * of a time that they show twice, the first is due.
 */
export type Calendar =
  | ({ readonly tag: 'daily' } & TimeOfDay)
  | ({ readonly tag: 'weekly'; readonly days: readonly Weekday[] } & TimeOfDay)
  /** `day`: 1 to 31; a month without it is due on its last day. */
  | ({ readonly tag: 'monthly'; readonly day: number } & TimeOfDay);

interface TimeOfDay {
  /** Minutes since midnight. */
  readonly at: number;
  /** An IANA name. */
  readonly zone: string;
}

/** In the order of the numbers that JavaScript gives them: Sunday is 0. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** The zone that its due times are shown in. Periods are lengths of time and know no zone. */
export function zoneOf(schedule: Recurring): string {
  return schedule.tag === 'periodic' ? 'UTC' : schedule.zone;
}
