import * as z from 'zod';

/** What more than one resource is made of. */

/** `2026-11-21T10:00:00.123456Z`: always UTC, at most microseconds. */
export const timestamp = z.string().describe('A moment in UTC, ISO 8601.');

/** An error as it is told to people: never a cell value, never a credential. */
export const failure = z.strictObject({
  code: z.string().describe('`PSnnnn`; see the list of error codes.'),
  message: z.string(),
  remedy: z.string().describe('What to do about it; where a statement mends it, the statement.'),
  table: z.string().nullable().describe('The table that it is about; null: it is not about one.'),
});
export type Failure = z.infer<typeof failure>;

/** An error and when it happened. */
export const datedFailure = failure.extend({ at: timestamp });
export type DatedFailure = z.infer<typeof datedFailure>;

export const finding = z.strictObject({
  code: z.string(),
  severity: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  remedy: z.string().nullable().describe('The SQL or the setting that mends it; null where nothing has to be mended.'),
});
export type Finding = z.infer<typeof finding>;

/** What was found by looking; nothing was changed. */
export const testAnswer = z.strictObject({
  success: z.boolean().describe('No finding is an error.'),
  findings: z.array(finding),
});
export type TestAnswer = z.infer<typeof testAnswer>;

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** What came as JSON is JSON: nothing is left to check, and the reference needs no schema that contains itself. */
export const jsonValue = z.unknown().describe('Any JSON value.') as unknown as z.ZodType<JsonValue, JsonValue>;

/** A page of rows; `next` is the `after` of the next page, null on the last one. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> }> {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** How many rows a page has. */
export function limit(fallback: number, most: number): z.ZodDefault<z.ZodCoercedNumber<number>> {
  return z.coerce.number<number>().int().min(1).max(most).default(fallback);
}

export const progressRow = z.strictObject({
  table: z.string(),
  state: z.enum(['waiting', 'copying', 'finishing', 'done', 'failed']),
  rows: z.number().describe('Rows loaded so far.'),
  estimatedRows: z.number().nullable(),
  bytes: z.number().describe('Bytes loaded so far, before compression.'),
});
export type ProgressRow = z.infer<typeof progressRow>;

/** What is wrong at a place of what was sent, or of the configuration. */
export const placedProblem = z.strictObject({
  path: z.array(z.union([z.string(), z.number()])).describe('Names and places in lists, from the outside in.'),
  message: z.string(),
});
export type PlacedProblem = z.infer<typeof placedProblem>;

/** RFC 9457, as `application/problem+json`. */
export const problemDocument = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().nullable().describe('`PSnnnn`; null where it is about the request itself.'),
  remedy: z.string().nullable(),
  problems: z.array(placedProblem),
});
export type ProblemDocument = z.infer<typeof problemDocument>;
