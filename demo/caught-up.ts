import { setTimeout as sleep } from 'node:timers/promises';
import { Catalog } from '../core/catalog/catalog.ts';
import { millisecondsFromTimestamp } from '../core/changes/timestamp.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';

const LOOK_MILLISECONDS = 100;

/**
 * Waits until a commit that the source made at or after `time` (milliseconds since 1970, its own clock) is loaded,
 * and every extract with it.
 */
export async function untilLoaded(context: OperationContext, time: number, signal: AbortSignal): Promise<void> {
  const catalog = new Catalog(context.settings.pipeline, context.host);
  for (;;) {
    const { lastExtract } = await catalog.head();
    const isLoaded = lastExtract > 0 && (await catalog.loaded()) >= lastExtract;
    const [last] = isLoaded ? await catalog.extractsAfter(lastExtract - 1, 1) : [];
    if (last !== undefined && millisecondsFromTimestamp(last.sourceDate) >= time) return;
    await sleep(LOOK_MILLISECONDS, undefined, { signal });
  }
}
