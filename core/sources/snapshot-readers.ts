import { PenstockError } from '../errors/penstock-error.ts';
import type { Destroyable } from './abort.ts';

/** A connection of a snapshot. */
interface SnapshotSession extends Destroyable, AsyncDisposable {
  /** Set once the connection was lost or destroyed. */
  readonly isBroken: boolean;
}

/**
 * The sessions that hold a snapshot of a source which has no name for a state that others could enter: all were begun at one moment,
 * each reads one chunk at a time, and a lost one is not replaced.
 */
export class SnapshotReaders<Session extends SnapshotSession> implements AsyncDisposable {
  readonly #idle: Session[];
  readonly #all: Set<Session>;
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(readers: readonly Session[]) {
    this.#idle = [...readers];
    this.#all = new Set(readers);
  }

  /** Waits for a reader that is free. @throws PenstockError PS2010 when none is left; an abort's reason */
  async take(signal: AbortSignal): Promise<Session> {
    const wake = () => {
      this.#wakeAll();
    };
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        requireOpen(this.#isClosed);
        const session = this.#idle.pop();
        if (session?.isBroken === false) return session;
        if (session !== undefined) this.#all.delete(session);
        else if (this.#all.size === 0)
          throw new PenstockError('PS2010', 'the connections that hold the snapshot were lost');
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** A reader that was taken is free again, and sees what it saw; one that is lost is dropped. */
  give(session: Session): void {
    if (session.isBroken || this.#isClosed) {
      this.drop(session);
      return;
    }
    this.#idle.push(session);
    this.#wakeAll();
  }

  /** A reader that was taken does not see the snapshot any more, or may still be at work: it is ended at once. */
  drop(session: Session): void {
    session.destroy();
    this.#all.delete(session);
    this.#wakeAll();
  }

  /** Ends all readers, also those that were taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#wakeAll();
    await Promise.all([...this.#all].map((session) => session[Symbol.asyncDispose]()));
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The sessions of a snapshot that each of them can enter: opened as they are needed, used again, and a lost one is replaced. */
export class ReplaceableReaders<Session extends SnapshotSession> implements AsyncDisposable {
  readonly #open: (signal: AbortSignal) => Promise<Session>;
  readonly #idle: Session[] = [];
  readonly #all = new Set<Session>();
  #isClosed = false;

  constructor(open: (signal: AbortSignal) => Promise<Session>) {
    this.#open = open;
  }

  /** @throws PenstockError PS9001 once it is closed */
  requireOpen(): void {
    requireOpen(this.#isClosed);
  }

  /** A session that is free, or another one. @throws PenstockError PS9001 once it is closed */
  async take(signal: AbortSignal): Promise<Session> {
    this.requireOpen();
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (!session.isBroken) return session;
      this.drop(session);
    }
    const session = await this.#open(signal);
    if (this.#isClosed) session.destroy();
    this.requireOpen();
    this.#all.add(session);
    return session;
  }

  /** A session that was taken is free again; one that is lost is dropped. */
  give(session: Session): void {
    if (session.isBroken || this.#isClosed) this.drop(session);
    else this.#idle.push(session);
  }

  /** A session that was taken may still be at work: it is ended at once. */
  drop(session: Session): void {
    session.destroy();
    this.#all.delete(session);
  }

  /** Ends all sessions, also those that were taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((session) => session[Symbol.asyncDispose]()));
  }
}

/** A session beside a snapshot's readers, for looks at structures and plans: opened when it is first asked for, and again when it was lost. */
export class SideSession<Session extends SnapshotSession> implements AsyncDisposable {
  readonly #open: (signal: AbortSignal) => Promise<Session>;
  #session: Session | null = null;
  /** Ends when nobody is at work any more. Never rejects. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(open: (signal: AbortSignal) => Promise<Session>) {
    this.#open = open;
  }

  /** One piece of work at a time, in the order of the calls, because a session runs one statement at a time. */
  run<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    const before = this.#queue;
    const done = endedOrAborted(before, signal).then(async () => work(await this.#opened(signal)));
    this.#queue = Promise.allSettled([before, done]);
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    // Whoever is at work loses the session; whoever opens one finds that it is too late.
    await this.#session?.[Symbol.asyncDispose]();
    await this.#queue;
    this.#session = null;
  }

  async #opened(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    requireOpen(this.#isClosed);
    if (this.#session?.isBroken === false) return this.#session;
    const session = await this.#open(signal);
    if (this.#isClosed) await session[Symbol.asyncDispose]();
    requireOpen(this.#isClosed);
    this.#session = session;
    return session;
  }
}

/** Whoever waits for its turn ends when its signal comes. */
async function endedOrAborted(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<null>();
  const abort = () => {
    aborted.resolve(null);
  };
  signal.addEventListener('abort', abort, { once: true });
  if (!signal.aborted) await Promise.race([before, aborted.promise]);
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
}

function requireOpen(isClosed: boolean): void {
  if (isClosed) throw new PenstockError('PS9001', 'the snapshot is closed');
}
