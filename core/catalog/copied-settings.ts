import * as z from 'zod';

/** The settings that a table was copied with, as far as what was copied and what is loaded since depend on them. */
export const copiedSettings = z.strictObject({
  transfer: z.enum(['mirror', 'history']),
  /** Null for a mirror. */
  history: z.strictObject({ startColumn: z.string(), endColumn: z.string(), openEndDate: z.string() }).nullable(),
  mask: z.array(z.string()).readonly(),
  typeChange: z.record(z.string(), z.string()),
  /** Where it lands. */
  database: z.string(),
  name: z.string(),
});
export type CopiedSettings = Readonly<z.infer<typeof copiedSettings>>;
