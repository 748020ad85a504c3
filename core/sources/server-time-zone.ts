import * as z from 'zod';
import { isTimeZone } from './time-zone.ts';

/** Of a server whose log tells the times of commits by its clock, without an offset. */
export const serverTimeZone = z
  .string()
  .refine(isTimeZone, 'a region such as Europe/Berlin, UTC, or an offset such as -05:00');

export const SERVER_TIME_ZONE_DESCRIPTION =
  "The time zone of the server's clock, by which its log tells when transactions were committed: a region (`Europe/Berlin`), `UTC`, or an offset (`-05:00`) of a clock that is never changed. Without it the server's present offset counts: a reader that was away while the clock was changed stops then (PS2013).";
