import * as z from 'zod';

/**
 * How far extracts were removed. It is moved before anything goes and after it is gone, each time on the condition that nobody moved it
 * meanwhile: who wants to use old extracts moves it, too, and so knows that no removal that was planned before can begin.
 * `listed` ≤ `cleared` ≤ `kept`.
 */
export const retentionRecord = z.strictObject({
  /** The first extract that is listed: items before it are gone, or are going. */
  listed: z.int().positive(),
  /** Files of extracts before it are gone for certain, but for those that were made again and then not used. */
  cleared: z.int().positive(),
  /** The first extract whose files are kept: those before it are gone, or are going, but for those that were made again. */
  kept: z.int().positive(),
  token: z.string(),
});
export type RetentionRecord = Omit<z.infer<typeof retentionRecord>, 'token'>;
