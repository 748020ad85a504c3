/**
 * Passes buffers on until `signal` aborts, also while the source is stuck: then it rejects with the signal's reason
 * and tells the source to end, without waiting for that.
 */
export async function* untilAborted(from: AsyncIterable<Buffer>, signal: AbortSignal): AsyncIterable<Buffer> {
  const iterator = from[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await nextOrAbort(iterator, signal);
      if (next.done === true) {
        isOver = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // A generator that is stuck answers `return` only when it is not stuck any more.
    if (!isOver) iterator.return?.().catch(() => undefined);
  }
}

/** A listener for each step: racing one long-lived promise would keep every buffer in memory. */
async function nextOrAbort(iterator: AsyncIterator<Buffer>, signal: AbortSignal): Promise<IteratorResult<Buffer>> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => {
    aborted.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([iterator.next(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
