import * as z from 'zod';

/** What a process of the benchmarks writes: a line for each load, and one at its end. */
export const operationReport = z.discriminatedUnion('tag', [
  z.strictObject({
    tag: z.literal('load'),
    rows: z.number(),
    lagMilliseconds: z.number(),
    /** Resident memory of the process then. */
    residentBytes: z.number(),
  }),
  z.strictObject({
    tag: z.literal('end'),
    /** From the call of the operation to its end; the start of the process is not in it. */
    milliseconds: z.number(),
    /** Rows copied, or changes extracted. */
    rows: z.number(),
    /** The most memory that the process ever had resident (VmHWM). */
    peakBytes: z.number(),
    /** The same before the operation began: what Node and the modules take. */
    startBytes: z.number(),
    cpuMilliseconds: z.number(),
  }),
]);

export type LoadReport = Extract<z.infer<typeof operationReport>, { tag: 'load' }>;
export type OperationReport = Extract<z.infer<typeof operationReport>, { tag: 'end' }>;
export const OPERATIONS = ['full-extract', 'delta', 'run'] as const;
export type OperationName = (typeof OPERATIONS)[number];
