import { withLease } from '../../catalog/lease.ts';
import { askForPlace } from '../../catalog/lease-request.ts';
import { comparePositions, type SourcePosition } from '../../changes/position.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import { readUnderLease } from '../replication/follow-and-load.ts';
import type { OperationContext } from '../operation-context.ts';

/** How often it is looked whether the reader has come far enough, in milliseconds. */
const LOOK_MILLISECONDS = 500;
/** How often it is asked how far it has come: the wish lasts for longer. */
const ASK_MILLISECONDS = 3000;
/** An idle reader says at once how far it has come when it is asked, and once a minute anyway. */
const PATIENCE_MILLISECONDS = 90_000;

/** Whether everything of the log up to `position` is in visible extracts. */
export async function isExtracted(context: OperationContext, position: SourcePosition): Promise<boolean> {
  const reached = (await catalogOf(context).head()).position;
  return reached !== null && comparePositions(reached, position) >= 0;
}

/**
 * Waits until the reader at work has come to `position`; `meanwhile` is done at each look, since a reader may be waiting for loads.
 * @returns false where it did not get there
 */
export async function untilExtracted(
  context: OperationContext,
  position: SourcePosition,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<boolean> {
  const { clock } = context.host;
  const deadline = clock.now() + PATIENCE_MILLISECONDS;
  let nextAsk = clock.now();
  while (!(await isExtracted(context, position))) {
    if (clock.now() >= deadline) return false;
    if (clock.now() >= nextAsk) {
      await askForPlace(context.host, context.settings.pipeline);
      nextAsk = clock.now() + ASK_MILLISECONDS;
    }
    await clock.sleep(LOOK_MILLISECONDS, context.signal);
    await meanwhile();
  }
  return true;
}

/** As {@link untilExtracted}, but where nobody reads the log it is read here, up to `position`. */
export async function extractUpTo(
  context: OperationContext,
  position: SourcePosition,
  load: () => Promise<unknown>,
): Promise<boolean> {
  if (await isExtracted(context, position)) return true;
  const { host, settings, signal } = context;
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const reading = withLease(host, settings.pipeline, 'reader', either, (lease, leaseSignal) =>
    readUnderLease(context, lease, position, leaseSignal),
  ).then(
    () => 'read' as const,
    (error: unknown) => {
      if (hasCode(error, 'PS1007', 'PS1009')) return 'elsewhere' as const;
      throw error;
    },
  );
  try {
    for (;;) {
      // Reading may wait for loads, so that they go on beside it.
      const pause = host.clock.sleep(LOOK_MILLISECONDS, either).then(() => 'pause' as const);
      pause.catch(() => undefined);
      const first = await Promise.race([reading, pause]);
      await load();
      if (first === 'read') return await isExtracted(context, position);
      if (first === 'elsewhere') return await untilExtracted(context, position, load);
    }
  } finally {
    ended.abort(new Error('enough was read'));
    await reading.catch(() => undefined);
  }
}
