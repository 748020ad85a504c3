import * as z from 'zod';
import type { ItemTable, JsonObject } from '../catalog/item-table.ts';
import { parseRecord } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { OperationContext } from './operation-context.ts';

/** What an operation would do, found out by a process that nobody waits for; kept in the catalog for who asked. */
const dryRunRecord = z.strictObject({
  endedAt: z.string(),
  outcome: z.discriminatedUnion('tag', [
    /** As the operation itself returns it. `left`: entries that were left out of its lists, because there are too many. */
    z.strictObject({ tag: z.literal('found'), result: z.looseObject({}), left: z.int().nonnegative() }),
    z.strictObject({
      tag: z.literal('failed'),
      code: z.string(),
      message: z.string(),
      remedy: z.string(),
      table: z.string().nullable(),
    }),
  ]),
});
export type DryRunRecord = z.infer<typeof dryRunRecord>;

const KEPT_MILLISECONDS = 7 * 86_400_000;
/** Characters of a result: an item holds 400 kB, names are seldom longer than their characters. */
const MOST_CHARACTERS = 150_000;

/** Looks, and keeps what was found or why nothing was, under the name of the operation. @throws PenstockError PS3004, PS3005 */
export async function recordDryRun(
  { host, settings, signal }: Pick<OperationContext, 'host' | 'settings' | 'signal'>,
  operation: string,
  look: () => Promise<object>,
): Promise<void> {
  const outcome = await look().then(found, (error: unknown) => {
    // Its time was up: the next call has more, or as little.
    if (signal.aborted || !(error instanceof PenstockError)) throw error;
    const { code, message, remedy, table } = error;
    return { tag: 'failed' as const, code, message, remedy, table };
  });
  const key = dryRunKey(settings.pipeline, operation);
  const before = await host.items.get(key);
  const record: JsonObject = { endedAt: host.clock.timestamp(), outcome };
  await host.items.put(key, record, before?.version ?? null, host.clock.now() + KEPT_MILLISECONDS);
}

/** Null: it has not ended, or it was forgotten. @throws PenstockError PS3004, PS3006 */
export async function readDryRun(items: ItemTable, pipeline: string, operation: string): Promise<DryRunRecord | null> {
  const item = await items.get(dryRunKey(pipeline, operation));
  return item === null ? null : parseRecord(dryRunRecord, item);
}

function found(result: object): { tag: 'found'; result: JsonObject; left: number } {
  const whole = JSON.parse(JSON.stringify(result)) as JsonObject;
  let most = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const { shorter, left, longest } = shortened(whole, most);
    if (JSON.stringify(shorter).length <= MOST_CHARACTERS || longest === 0)
      return { tag: 'found', result: shorter, left };
    most = Math.floor(longest / 2);
  }
}

/** With at most `most` entries in each of its lists. */
function shortened(result: JsonObject, most: number): { shorter: JsonObject; left: number; longest: number } {
  let [left, longest] = [0, 0];
  const entries = Object.entries(result).map(([name, value]) => {
    if (!Array.isArray(value)) return [name, value];
    left += Math.max(0, value.length - most);
    longest = Math.max(longest, Math.min(value.length, most));
    return [name, value.slice(0, most)];
  });
  return { shorter: Object.fromEntries(entries) as JsonObject, left, longest };
}

function dryRunKey(pipeline: string, operation: string): { partition: string; sort: string } {
  return { partition: pipeline, sort: `dry-run#${operation}` };
}
