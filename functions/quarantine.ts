import * as z from 'zod';
import { dropQuarantine, listQuarantine, quarantineMark, retryQuarantine } from '../core/operations/quarantine.ts';
import { requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

const mark = z.string().transform((text, context) => {
  const found = quarantineMark(text);
  if (found !== null) return found;
  context.addIssue({ code: 'custom', message: 'what a page before ended with' });
  return z.NEVER;
});

/** What the console asks of the quarantine. `raw`: with keys and values, which are the user's own data. */
export const handler = pipelineFunction({
  name: 'quarantine',
  input: z.discriminatedUnion('action', [
    z.object({
      action: z.literal('list'),
      tables: requestedTables,
      before: mark.nullable().default(null),
      limit: z.int().min(1).max(1000).default(100),
      raw: z.boolean().default(false),
    }),
    z.object({ action: z.literal('retry'), tables: requestedTables }),
    z.object({ action: z.literal('drop'), tables: requestedTables }),
  ]),
  async work(asked, context) {
    if (asked.action === 'retry') return { tables: await retryQuarantine(context, asked.tables) };
    if (asked.action === 'drop') return { dropped: await dropQuarantine(context, asked.tables) };
    const { entries, next, tables } = await listQuarantine(context, asked);
    return {
      entries: entries.map(({ key, raw, ...entry }) => (asked.raw ? { ...entry, key, raw } : entry)),
      next,
      tables,
    };
  },
});
