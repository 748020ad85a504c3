import * as z from 'zod';
import type { SourcePosition } from '../changes/position.ts';

/**
 * A position as the catalog keeps it beside one before it: as what differs. The catalog bills by the kilobyte, and much of what a source needs
 * to go on is the same from one extract to the next.
 */

/** What stands between the characters that a text begins and ends with as the other one does: how many, what, how many. */
const difference = z.tuple([z.int().nonnegative(), z.string(), z.int().nonnegative()]);
type Difference = z.infer<typeof difference>;

/** Without a lineage: that of the one before. */
export const closePosition = z.strictObject({
  lineage: z.string().exactOptional(),
  order: z.string(),
  resume: difference,
});
export type ClosePosition = z.infer<typeof closePosition>;

export function printClose(before: SourcePosition, { lineage, order, resume }: SourcePosition): ClosePosition {
  return {
    ...(lineage === before.lineage ? {} : { lineage }),
    ...{ order, resume: differenceOf(before.resume, resume) },
  };
}

export function readClose(before: SourcePosition, { lineage, order, resume }: ClosePosition): SourcePosition {
  const [start, text, end] = resume;
  const same = before.resume;
  return {
    ...{ lineage: lineage ?? before.lineage, order },
    resume: same.slice(0, start) + text + same.slice(same.length - end),
  };
}

function differenceOf(before: string, after: string): Difference {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return [start, after.slice(start, after.length - end), end];
}
