import { comparePositions, type SourcePosition } from '../../changes/position.ts';
import { leaseKey } from '../../catalog/lease-request.ts';
import { leaseRecord, parseRecord } from '../../catalog/records.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import type { ComparedTable } from './compared-table.ts';
import { isExtracted, untilExtracted } from './log-standing.ts';
import { tableStanding } from './table-standing.ts';
import { touchedKeys } from './touched-keys.ts';

/**
 * A stretch of time in which rows of both sides were read. A row that differs although no extract behind its beginning touches it, up to
 * its end, really differs: both sides read it as it was before, and after.
 */
export interface ReadWindow {
  /** At or before where either side was read; null: the source has no log. */
  readonly since: SourcePosition | null;
  /** At or behind where the source was read. */
  readonly end: SourcePosition;
}

/** Does `read`, and says in which window. */
export async function inWindow<Result>(
  context: OperationContext,
  { table }: ComparedTable,
  read: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly window: ReadWindow }> {
  const { source, signal } = context;
  const begin = await source.currentPosition(signal);
  const { place } = await tableStanding(context, table);
  const result = await read();
  const since = source.mode === 'full' || place === null ? null : earlier(begin, place);
  return { result, window: { since, end: await source.currentPosition(signal) } };
}

/** The one that is not behind the other. @throws PenstockError PS2001 */
export function earlier(a: SourcePosition, b: SourcePosition): SourcePosition {
  return comparePositions(a, b) <= 0 ? a : b;
}

/** A commit may become visible a little after its place in the log. */
const PAUSE_MILLISECONDS = 1000;
/** How long a load is waited for. */
const LANDING_MILLISECONDS = 60_000;

/** Which rows extracts touch in windows; remembers where waiting was in vain. */
export class Flights {
  readonly #context: OperationContext;
  #isWaitingVain = false;
  #isLoadingVain = false;

  constructor(context: OperationContext) {
    this.#context = context;
  }

  /**
   * Those of `names` that changed in the window, or behind it up to now.
   * `isKnown` is false where the log up to the window's end is not extracted: then others may have changed, too.
   */
  async of(
    { table, schema }: ComparedTable,
    { since, end }: ReadWindow,
    names: ReadonlySet<string>,
  ): Promise<{ readonly names: ReadonlySet<string>; readonly isKnown: boolean }> {
    if (since === null || names.size === 0) return { names: new Set(), isKnown: true };
    const isKnown = await this.#isExtracted(end);
    const { lastExtract } = await catalogOf(this.#context).head();
    const touched = await touchedKeys(this.#context, { table, schema, since, upTo: lastExtract }, names);
    return { names: touched.names, isKnown };
  }

  /** Lets what was in flight arrive: pauses, and waits for the loader to come to the end of what is extracted now. */
  async land({ table }: ComparedTable): Promise<void> {
    const { clock } = this.#context.host;
    const { lastExtract } = await catalogOf(this.#context).head();
    const deadline = clock.now() + (this.#isLoadingVain ? 0 : LANDING_MILLISECONDS);
    for (;;) {
      await clock.sleep(PAUSE_MILLISECONDS, this.#context.signal);
      if ((await tableStanding(this.#context, table)).applied >= lastExtract) return;
      if (clock.now() < deadline) continue;
      this.#isLoadingVain = true;
      return;
    }
  }

  /** Where a reader is at work, it gets there. */
  async #isExtracted(end: SourcePosition): Promise<boolean> {
    if (await isExtracted(this.#context, end)) return true;
    if (this.#isWaitingVain || !(await isReaderAtWork(this.#context))) return false;
    const isThere = await untilExtracted(this.#context, end);
    this.#isWaitingVain = !isThere;
    return isThere;
  }
}

async function isReaderAtWork({ host, settings }: OperationContext): Promise<boolean> {
  const item = await host.items.get(leaseKey(settings.pipeline, 'reader'));
  if (item === null) return false;
  const { owner, until } = parseRecord(leaseRecord, item);
  return until > host.clock.now() && !host.ownerIsGone(owner);
}
