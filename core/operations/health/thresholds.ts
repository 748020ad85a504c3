import * as z from 'zod';

/** When a pipeline's health raises an alarm. Units are in the names. */
export const healthThresholds = z.strictObject({
  diskFreeGigabytes: z.number().positive().default(5).describe('Less free disk for temporary files than this.'),
  memoryFreeMegabytes: z.number().positive().default(200).describe('Less memory left to the reader than this.'),
  lagSeconds: z.number().positive().default(900).describe('The oldest change that is not loaded is older than this.'),
  logHeadroomGigabytes: z.number().positive().default(2).describe('Less room for the log at the source than this.'),
  logHoursLeft: z
    .number()
    .positive()
    .default(12)
    .describe('The source drops the log that is needed next sooner than this.'),
  switchedOffHours: z.number().positive().default(12).describe('The scheduler has been switched off for this long.'),
  silentSeconds: z.number().positive().default(300).describe('The reader has not been heard of for this long.'),
});
export type HealthThresholds = z.output<typeof healthThresholds>;
