import * as z from 'zod';

/** What a process that mines one transaction writes. */
export const miningReport = z.strictObject({
  /** Changes that came out. */
  told: z.number(),
  /** Bytes that the transaction took on disk. */
  disk: z.number(),
  /** Resident memory before, and the most of it. */
  startBytes: z.number(),
  peakBytes: z.number(),
  /** Until its commit was read, and from there until its last change was parsed. */
  readMilliseconds: z.number(),
  tellMilliseconds: z.number(),
});

export type MiningReport = z.infer<typeof miningReport>;
