/** Something that an abort ends at once: a connection. */
export interface Destroyable {
  destroy(): void;
}

/** Runs work on a session; an abort ends the session at once, and the work with the signal's reason. `toError`: a failure as ours. */
export async function destroyedOnAbort<T>(
  session: Destroyable,
  signal: AbortSignal,
  work: () => Promise<T>,
  toError: (error: unknown) => Error,
): Promise<T> {
  const abort = () => {
    session.destroy();
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw toError(error);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Reads piece by piece on a session of its own, which is opened when the first piece is asked for and closed when the reading ends,
 * however it does.
 */
export async function* readOnOwnSession<Session extends Destroyable & AsyncDisposable, T>(
  open: () => Promise<Session>,
  signal: AbortSignal,
  read: (session: Session) => AsyncGenerator<T>,
  toError: (error: unknown) => Error,
): AsyncGenerator<T> {
  const session = await open();
  const abort = () => {
    session.destroy();
  };
  signal.addEventListener('abort', abort, { once: true });
  let isWhole = false;
  try {
    yield* read(session);
    isWhole = true;
  } catch (error) {
    signal.throwIfAborted();
    throw toError(error);
  } finally {
    signal.removeEventListener('abort', abort);
    if (!isWhole) session.destroy();
    await session[Symbol.asyncDispose]();
  }
}

/**
 * The same as {@link destroyedOnAbort} for something that is read piece by piece: an abort ends the session, and so does a consumer that leaves early, by `release`.
 * `release` is told whether all was read, so that the session can be used again.
 */
export async function* readUntilAbort<T>(
  session: Destroyable,
  signal: AbortSignal,
  read: () => AsyncGenerator<T>,
  toError: (error: unknown) => Error,
  release: (isWhole: boolean) => void,
): AsyncGenerator<T> {
  const abort = () => {
    session.destroy();
  };
  let isWhole = false;
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    for await (const piece of read()) {
      yield piece;
      // What is at hand already would still come.
      signal.throwIfAborted();
    }
    isWhole = true;
  } catch (error) {
    signal.throwIfAborted();
    throw toError(error);
  } finally {
    signal.removeEventListener('abort', abort);
    release(isWhole);
  }
}
