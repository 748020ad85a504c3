import type { ExtractRecord } from '../../catalog/records.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { filesMadeAt } from './retention-plan.ts';
import { longAgo } from './retention.ts';

/** Records that are looked at together. */
const PAGE = 500;

/**
 * Brings the extracts `from` … `upTo` into use again, after the ledger says that they are needed: whoever would remove them either did
 * so before, which is seen here, or finds the retention record moved and looks at the ledger again.
 * @returns false where their files are gone, or going
 */
export async function holdFiles(context: OperationContext, from: number, upTo: number): Promise<boolean> {
  const catalog = catalogOf(context);
  for (;;) {
    const { record, version } = await catalog.retention();
    if (from < record.listed) return false;
    if (from < record.kept && !(await wereMadeAgain(context, from, Math.min(upTo, record.kept - 1)))) return false;
    const held = { ...record, cleared: Math.min(record.cleared, from), kept: Math.min(record.kept, from) };
    try {
      await catalog.putRetention(held, version);
      return true;
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}

/** Whether files were made again lately, so that nobody removes them: longer ago they are as good as gone, though they may still be there. */
export function wasMadeAgain(context: OperationContext, record: ExtractRecord): boolean {
  const before = longAgo(context, context.settings.extracts.retentionMilliseconds);
  return record.madeAgainAt !== undefined && filesMadeAt(record) >= before;
}

async function wereMadeAgain(context: OperationContext, from: number, to: number): Promise<boolean> {
  for (let next = from; next <= to; next += PAGE) {
    const records = await catalogOf(context).extractsAfter(next - 1, Math.min(PAGE, to - next + 1));
    if (!records.every((record) => wasMadeAgain(context, record))) return false;
  }
  return true;
}
