import type { LogAddress } from './log-address.ts';
import type { OpenTransaction } from './open-transaction.ts';
import { compareScns, earlierScn, laterScn } from './scn.ts';

/** A commit that was read and not told yet. */
export interface ReadCommit {
  readonly transaction: OpenTransaction;
  readonly thread: number;
  /** Where its row stands, or the row before it where it has no address; null: nowhere. */
  readonly address: LogAddress | null;
  /** As its row says. */
  readonly scn: string;
  /** Where it stands among all: its SCN, or that of an earlier commit of its thread where that is greater. */
  readonly orderScn: string;
  readonly timestamp: string;
}

interface ThreadCommits {
  readonly waiting: ReadCommit[];
  /** How many of them were given out. */
  given: number;
  /** Greatest SCN of a row. */
  seen: string;
  /** Everything up to here was read. */
  through: string;
  orderScn: string;
}

/**
 * Commits of all threads in one order. Those of a thread come as its log has them: a transaction that saw another's rows commits behind it.
 * Threads are merged by SCN, so that a commit waits until every open thread was read beyond it.
 */
export class CommitMerge {
  readonly #threads = new Map<number, ThreadCommits>();
  #open: readonly number[] = [];

  /** `orderScn`: of the last commit of each thread that was told before. */
  constructor(orderScn: ReadonlyMap<number, string>) {
    for (const [thread, scn] of orderScn) this.#thread(thread).orderScn = scn;
  }

  /** The threads that may still bring commits. */
  setOpen(threads: readonly number[]): void {
    this.#open = threads;
  }

  get open(): readonly number[] {
    return this.#open;
  }

  add(commit: Omit<ReadCommit, 'orderScn'>): void {
    const thread = this.#thread(commit.thread);
    thread.orderScn = laterScn(thread.orderScn, commit.scn);
    thread.waiting.push({ ...commit, orderScn: thread.orderScn });
  }

  /** A row of the thread was read. */
  saw(thread: number, scn: string): void {
    const known = this.#thread(thread);
    known.seen = laterScn(known.seen, scn);
  }

  /** All of the thread was read up to this SCN. */
  readThrough(thread: number, scn: string): void {
    const known = this.#thread(thread);
    known.through = laterScn(known.through, scn);
  }

  /** The SCN up to which all commits were read; `0`: not known. */
  get reached(): string {
    const read = this.#open.map((number) => this.#thread(number).through);
    return read.length === 0 ? '0' : read.reduce(earlierScn);
  }

  /** The next commit, or null where another thread may bring one before it, or none waits. */
  next(): ReadCommit | null {
    let first: ReadCommit | null = null;
    for (const { waiting, given } of this.#threads.values()) {
      const commit = waiting[given];
      if (commit !== undefined && (first === null || isBefore(commit, first))) first = commit;
    }
    if (first === null) return null;
    for (const number of this.#open) {
      if (number === first.thread) continue;
      const thread = this.#thread(number);
      if (thread.given < thread.waiting.length) continue;
      if (compareScns(thread.seen, first.orderScn) > 0 || compareScns(thread.through, first.orderScn) >= 0) continue;
      return null;
    }
    this.#take(this.#thread(first.thread));
    return first;
  }

  #take(thread: ThreadCommits): void {
    thread.given++;
    if (thread.given < thread.waiting.length / 2) return;
    thread.waiting.splice(0, thread.given);
    thread.given = 0;
  }

  #thread(number: number): ThreadCommits {
    let thread = this.#threads.get(number);
    if (thread === undefined) {
      thread = { waiting: [], given: 0, seen: '0', through: '0', orderScn: '0' };
      this.#threads.set(number, thread);
    }
    return thread;
  }
}

/** Commits of one thread never compare with each other here. */
function isBefore(a: ReadCommit, b: ReadCommit): boolean {
  const order = compareScns(a.orderScn, b.orderScn);
  return order === 0 ? a.thread < b.thread : order < 0;
}
