import * as z from 'zod';
import { isZone } from '../schedule/local-time.ts';
import { WEEKDAYS, type Schedule } from '../schedule/schedule.ts';
import { nearestName } from './nearest-name.ts';

/** The section `schedule` of the configuration file. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Ten years: a longer period is a mistake. */
const LONGEST = 3650;

const amount = (most: number) => z.int().min(0).max(most).default(0);
const durationShape = {
  days: amount(LONGEST),
  hours: amount(LONGEST * 24),
  minutes: amount(LONGEST * 24 * 60),
};
const every = z.strictObject({ ...durationShape, seconds: amount(LONGEST * 24 * 3600) });
const offset = z.strictObject(durationShape);

const zone = z
  .string()
  .refine(isZone, {
    error: ({ input }) => {
      const nearest = nearestName(String(input), Intl.supportedValuesOf('timeZone'));
      return `an IANA time zone${nearest === null ? ', such as Europe/Berlin' : ` (did you mean \`${nearest}\`?)`}`;
    },
  })
  .default('UTC')
  .describe('The time zone of `at`: an IANA name.');

const at = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day as "HH:MM", 00:00 to 23:59')
  .describe('The time of day, `HH:MM`.');

const days = z
  .array(z.enum(WEEKDAYS))
  .min(1)
  .refine((names) => new Set(names).size === names.length, 'every day once')
  .describe('The days of the week.');

const restoreOnStartup = z
  .boolean()
  .default(true)
  .describe(
    'Whether `penstock run` starts with the scheduler as it was. `false`: switched off, until `penstock schedule on`.',
  );

export const scheduleSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('automatic').describe('Changes are followed without a pause.'), restoreOnStartup }),
  z.strictObject({
    type: z.literal('manual').describe('Nothing runs by itself; `penstock delta` does it.'),
    restoreOnStartup,
  }),
  z
    .strictObject({
      type: z.literal('periodic').describe('A run at every whole number of periods since 1970-01-01 00:00 UTC.'),
      every: every
        .refine((duration) => millisecondsOf(duration) > 0, { error: 'at least one second', when: isWellFormed })
        .describe('The period, a length of time: the sum of what is given.'),
      offset: offset.prefault({}).describe('Every run is later by this; less than the period.'),
      restoreOnStartup,
    })
    .refine((periodic) => millisecondsOf(periodic.offset) < millisecondsOf(periodic.every), {
      path: ['offset'],
      error: 'less than the period `every`',
      when: isWellFormed,
    }),
  z.strictObject({ type: z.literal('daily').describe('A run every day.'), at, zone, restoreOnStartup }),
  z.strictObject({
    type: z.literal('weekly').describe('A run on these days of every week.'),
    ...{ days, at, zone, restoreOnStartup },
  }),
  z.strictObject({
    type: z.literal('monthly').describe('A run on this day of every month.'),
    day: z.int().min(1).max(31).describe('The day of the month; the last one where the month has no such day.'),
    ...{ at, zone, restoreOnStartup },
  }),
]);

/** The section as the core's own type. */
export function scheduleOf(section: z.infer<typeof scheduleSchema>): Schedule {
  switch (section.type) {
    case 'automatic':
    case 'manual':
      return { tag: section.type };
    case 'periodic':
      return { tag: 'periodic', every: millisecondsOf(section.every), offset: millisecondsOf(section.offset) };
    case 'daily':
      return { tag: 'daily', ...timeOfDay(section) };
    case 'weekly':
      return { tag: 'weekly', days: section.days, ...timeOfDay(section) };
    case 'monthly':
      return { tag: 'monthly', day: section.day, ...timeOfDay(section) };
  }
}

function isWellFormed({ issues }: { readonly issues: readonly unknown[] }): boolean {
  return issues.length === 0;
}

function millisecondsOf(duration: z.infer<typeof offset> & { readonly seconds?: number }): number {
  const { days: wholeDays, hours, minutes, seconds = 0 } = duration;
  return wholeDays * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND;
}

function timeOfDay(section: { readonly at: string; readonly zone: string }): { at: number; zone: string } {
  return { at: Number(section.at.slice(0, 2)) * 60 + Number(section.at.slice(3)), zone: section.zone };
}
