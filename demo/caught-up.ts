import { setTimeout as sleep } from 'node:timers/promises';
import { Catalog } from '../core/catalog/catalog.ts';
import { comparePositions, type SourcePosition } from '../core/changes/position.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';

const LOOK_MILLISECONDS = 100;

/** Waits until an extract that ends behind `position` is loaded, and every extract with it. */
export async function untilLoaded(
  context: OperationContext,
  position: SourcePosition,
  signal: AbortSignal,
): Promise<void> {
  const catalog = new Catalog(context.settings.pipeline, context.host);
  for (;;) {
    const { lastExtract } = await catalog.head();
    const isLoaded = lastExtract > 0 && (await catalog.loaded()) >= lastExtract;
    const [last] = isLoaded ? await catalog.extractsAfter(lastExtract - 1, 1) : [];
    if (last !== undefined && comparePositions(last.to, position) > 0) return;
    await sleep(LOOK_MILLISECONDS, undefined, { signal });
  }
}
