import type { SourceEvent } from '../changes/change.ts';
import type { SourcePosition } from '../changes/position.ts';
import { millisecondsFromTimestamp } from '../changes/timestamp.ts';
import type { HeadWriter } from '../catalog/head-writer.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { ChangeStream, TableSelection } from '../sources/source-connector.ts';
import { ExtractCommitter, UNKNOWN_BEGINNING, type ExtractBeginning } from './extract-committer.ts';
import type { FollowContext } from './follow-context.ts';
import { stopVanished } from './stop-vanished.ts';
import { TransactionAssembler } from './transaction-assembler.ts';

/** A transaction is spilled when its changes take this many times an extract's bytes in memory. */
export const MEMORY_FACTOR = 2;
/** How far an idle source's position may be ahead of the catalog's, in milliseconds: one write a minute keeps the log short. */
const IDLE_ADVANCE_MILLISECONDS = 60_000;
/** The same while somebody waits to hear of it. */
const WANTED_ADVANCE_MILLISECONDS = 500;
/** How often the reader looks again while loads are too far behind. */
const BEHIND_POLL_MILLISECONDS = 500;

/**
 * Reads the log from the head's position and makes it extracts, until `until` is reached or the signal aborts;
 * what was not committed by then is read again next time. The caller holds the reader's lease.
 * @throws PenstockError PS1004 when there is no position yet; the source's, the store's and the catalog's errors
 */
export async function followLog(context: FollowContext): Promise<void> {
  const { catalog, lease, source, signal } = context;
  const head = await catalog.openHead(lease);
  const position = head.head.position;
  if (position === null) throw new PenstockError('PS1004', `pipeline ${context.pipeline} was never copied`);
  const selections: TableSelection[] = context.tables.map((table) => table.selection);
  await stopVanished(context, head);
  let cutAt: string | null = null;
  do {
    await using stream = await source.openStream(head.head.position ?? position, selections, signal);
    cutAt = await new LogFollower(context, head, stream, cutAt).run();
  } while (cutAt !== null);
}

/** What the loop was woken by. */
type Woken =
  | { readonly tag: 'events'; readonly result: IteratorResult<readonly SourceEvent[]> }
  | { readonly tag: 'time' }
  | { readonly tag: 'committed' };

/** Whether an event may leave something in memory. */
export function isChange({ tag }: SourceEvent): boolean {
  return tag === 'row' || tag === 'truncate' || tag === 'obstacle';
}

class LogFollower {
  readonly #context: FollowContext;
  readonly #stream: ChangeStream;
  readonly #head: HeadWriter;
  readonly #committer: ExtractCommitter;
  readonly #assembler: TransactionAssembler;
  /** When the oldest change in memory came, in milliseconds; null: there is none. */
  #since: number | null = null;
  #beginning: ExtractBeginning = UNKNOWN_BEGINNING;
  #lastAdvance: number;
  #reached: SourcePosition;
  /** An extract ends at the commit at this place. */
  #cutAt: string | null;
  /** An extract should have ended at the commit at this place: the log is read again, and it does. */
  #again: string | null = null;

  constructor(context: FollowContext, head: HeadWriter, stream: ChangeStream, cutAt: string | null) {
    this.#context = context;
    this.#cutAt = cutAt;
    this.#stream = stream;
    this.#head = head;
    this.#committer = new ExtractCommitter(context, head, stream);
    this.#assembler = new TransactionAssembler(context.tables);
    this.#lastAdvance = context.host.clock.now();
    this.#reached = head.head.position ?? { lineage: '', order: '', resume: '' };
  }

  /** @returns null: it is done; else the log is to be read again from the head on, with an extract that ends at the commit at that place */
  async run(): Promise<string | null> {
    const iterator = this.#stream[Symbol.asyncIterator]();
    try {
      let next = iterator.next();
      // The loop may end or fail before it awaits this one: it must not be an unhandled rejection then.
      next.catch(() => undefined);
      while (!this.#isDone()) {
        const woken = await this.#wait(next);
        if (woken.tag === 'events') {
          if (woken.result.done === true) throw new PenstockError('PS2010', 'the log ended without an error');
          await this.#take(woken.result.value);
          if (this.#again !== null) {
            await this.#committer.settled();
            return this.#again;
          }
          next = iterator.next();
          next.catch(() => undefined);
        } else if (woken.tag === 'time') await this.#cutIfDue();
      }
      await this.#cut();
      await this.#committer.settled();
      await this.#advance(this.#reached);
      return null;
    } finally {
      await this.#committer.abandon();
    }
  }

  #isDone(): boolean {
    const { until } = this.#context;
    return until !== null && this.#assembler.isBetweenTransactions && this.#reached.order >= until.order;
  }

  async #wait(next: Promise<IteratorResult<readonly SourceEvent[]>>): Promise<Woken> {
    const sources: Promise<Woken>[] = [next.then((result) => ({ tag: 'events', result }) as const)];
    const committing = this.#committer.inFlight;
    if (committing !== null) sources.push(committing.then(() => ({ tag: 'committed' }) as const));
    const { clock } = this.#context.host;
    const timer = new AbortController();
    if (this.#since !== null && this.#assembler.isBetweenTransactions) {
      const rest = Math.max(1, this.#since + this.#context.settings.milliseconds - clock.now());
      sources.push(clock.sleep(rest, timer.signal).then(() => ({ tag: 'time' }) as const));
    }
    try {
      return await Promise.race(sources);
    } finally {
      timer.abort();
      for (const source of sources) source.catch(() => undefined);
    }
  }

  async #take(events: readonly SourceEvent[]): Promise<void> {
    for (const event of events) {
      this.#assembler.add(event);
      if (isChange(event)) {
        // A change that the copy holds already leaves nothing that would have to be cut.
        if (!this.#assembler.buffer.isEmpty && this.#since === null) this.#begin();
        // Nobody knew at the end of the transaction before that the next one would bring another key.
        if (this.#assembler.buffer.mixesKeys && this.#assembler.transaction !== null) {
          this.#again = this.#assembler.transaction.position.order;
          return;
        }
        if (this.#assembler.buffer.memory >= MEMORY_FACTOR * this.#context.settings.bytes) await this.#spill();
      } else if (event.tag === 'commit') {
        this.#reached = event.position;
        if (this.#isFull() || this.#isPlaceToCut()) await this.#cut();
        else await this.#advanceIfIdle(event.position);
      } else if (event.tag === 'heartbeat') await this.#heartbeat(event.position);
    }
    await this.#cutIfDue();
  }

  #begin(): void {
    const { clock } = this.#context.host;
    const now = clock.now();
    this.#since = now;
    const committedAt = this.#assembler.openCommittedAt;
    const dbDelay = committedAt === null ? 0 : Math.max(0, now - millisecondsFromTimestamp(committedAt));
    this.#beginning = { startedAt: clock.timestamp(), dbDelay };
  }

  #isFull(): boolean {
    const { settings } = this.#context;
    const { buffer } = this.#assembler;
    return this.#committer.hasPieces || buffer.rows >= settings.rows || buffer.bytes >= settings.bytes;
  }

  #isPlaceToCut(): boolean {
    if (this.#cutAt === null || this.#reached.order < this.#cutAt) return false;
    this.#cutAt = null;
    return true;
  }

  async #cutIfDue(): Promise<void> {
    if (this.#since === null || !this.#assembler.isBetweenTransactions) return;
    if (this.#context.host.clock.now() - this.#since >= this.#context.settings.milliseconds) await this.#cut();
  }

  /** Memory is full in the middle of a transaction: what is there goes to the store and is listed only with the commit. */
  async #spill(): Promise<void> {
    await this.#committer.writePiece(this.#assembler.seal());
  }

  async #cut(): Promise<void> {
    const { transaction } = this.#assembler;
    if (transaction === null || (this.#assembler.buffer.isEmpty && !this.#committer.hasPieces)) return;
    const parts = this.#assembler.seal();
    this.#assembler.restart();
    this.#since = null;
    const beginning = this.#beginning;
    this.#beginning = UNKNOWN_BEGINNING;
    this.#lastAdvance = this.#context.host.clock.now();
    await this.#committer.commit(parts, transaction, beginning);
    await this.#waitWhileBehind();
  }

  /** The reader waits when loads fall too far behind; the source keeps its log meanwhile. */
  async #waitWhileBehind(): Promise<void> {
    const { catalog, host, settings, signal } = this.#context;
    while (this.#committer.lastExtract - this.#committer.loaded > settings.maxBehind) {
      this.#committer.loaded = await catalog.loaded();
      if (this.#committer.lastExtract - this.#committer.loaded <= settings.maxBehind) return;
      await this.#committer.settled();
      await host.clock.sleep(BEHIND_POLL_MILLISECONDS, signal);
    }
  }

  async #heartbeat(position: SourcePosition): Promise<void> {
    if (position.order > this.#reached.order) this.#reached = position;
    await this.#advanceIfIdle(position);
  }

  async #advanceIfIdle(position: SourcePosition): Promise<void> {
    const { host, lease } = this.#context;
    const pause = lease.isPlaceWanted() ? WANTED_ADVANCE_MILLISECONDS : IDLE_ADVANCE_MILLISECONDS;
    if (host.clock.now() - this.#lastAdvance >= pause) await this.#advance(position);
  }

  /** Nothing is in memory, so everything up to `position` is durable: the source may drop its log up to there. */
  async #advance(position: SourcePosition): Promise<void> {
    if (!this.#assembler.buffer.isEmpty || this.#committer.hasPieces) return;
    await this.#committer.settled();
    this.#lastAdvance = this.#context.host.clock.now();
    if (position.order <= (this.#head.head.position?.order ?? '')) return;
    await this.#head.setPosition(position);
    this.#stream.acknowledge(position);
  }
}
