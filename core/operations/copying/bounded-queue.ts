/** Hands items from producers to consumers; a producer waits while `capacity` items are queued. */
export class BoundedQueue<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  #closed = false;
  #wakers: (() => void)[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many items wait now. */
  get size(): number {
    return this.#items.length;
  }

  /** Resolves when the item is queued. @throws the signal's reason */
  async push(item: Item, signal: AbortSignal): Promise<void> {
    while (this.#items.length >= this.#capacity) await this.#changed(signal);
    this.#items.push(item);
    this.#wake();
  }

  /** The next item, or null when the queue is closed and empty. @throws the signal's reason */
  async pop(signal: AbortSignal): Promise<Item | null> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#wake();
        return item;
      }
      if (this.#closed) return null;
      await this.#changed(signal);
    }
  }

  /** No more items will be pushed. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async #changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#wakers.push(() => {
      resolve(undefined);
    });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
