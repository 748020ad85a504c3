/** Bytes that may wait for the consumer before the socket is paused, and where it is resumed. */
const HIGH_WATER = 4 * 1024 * 1024;
const LOW_WATER = 1024 * 1024;
/** A read of so many bytes is worth its call. */
const LARGE_READ = 32 * 1024;

type State = { readonly tag: 'open' } | { readonly tag: 'ended' } | { readonly tag: 'failed'; readonly error: Error };

/** What is needed of the socket that the bytes come from. */
export interface PausableSocket {
  pause(): unknown;
  resume(): unknown;
}

/**
 * A socket's bytes on their way to one consumer. The consumer's pace is the server's: the socket is paused while more than 4 MB wait.
 * What the socket reports is told behind all bytes that came before it.
 */
export class SocketBytes {
  readonly #socket: PausableSocket;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #lastRead = 0;
  #isPaused = false;
  #state: State = { tag: 'open' };
  #wake: (() => void) | null = null;
  /** All bytes so far: whether it grows tells whether the server is alive. */
  receivedBytes = 0;

  constructor(socket: PausableSocket) {
    this.#socket = socket;
  }

  /** Whether bytes are at hand, so that `more` will not wait. */
  get isReady(): boolean {
    return this.#queue.length > 0;
  }

  /** Whether the server is held back because the consumer is slow. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isOpen(): boolean {
    return this.#state.tag === 'open';
  }

  /** What it failed with; null: it did not. */
  get failure(): Error | null {
    return this.#state.tag === 'failed' ? this.#state.error : null;
  }

  /** The first of the bytes at hand, which stay there. */
  get first(): Buffer | null {
    return this.#queue[0] ?? null;
  }

  /** Bytes came from the socket. */
  take(bytes: Buffer): void {
    this.receivedBytes += bytes.length;
    if (this.#state.tag !== 'open') return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#isPaused && this.#queuedBytes > HIGH_WATER) {
      this.#isPaused = true;
      this.#socket.pause();
    }
    this.#notify();
  }

  /** Waits for bytes; null at the end. @throws what it failed with, after all bytes before */
  async more(): Promise<Buffer | null> {
    while (this.#queue.length === 0) {
      if (this.#state.tag === 'failed') throw this.#state.error;
      if (this.#state.tag === 'ended') return null;
      await this.news();
    }
    const bytes = this.#queue.shift() ?? null;
    if (bytes === null) return null;
    this.#queuedBytes -= bytes.length;
    this.#lastRead = bytes.length;
    if (this.#isPaused && this.#queuedBytes < LOW_WATER) this.resume();
    return bytes;
  }

  /** Lets bytes gather in the system while `pause` lasts: read one message at a time, the calls cost more than the messages. */
  async gather(pause: () => Promise<void>): Promise<void> {
    if (this.#isPaused || this.isReady || this.#state.tag !== 'open' || this.#lastRead >= LARGE_READ) return;
    this.#socket.pause();
    try {
      await pause();
    } finally {
      this.#socket.resume();
    }
  }

  /** Resolves when bytes come or the state changes. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** No more bytes come. */
  end(): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'ended' };
    this.#notify();
  }

  /** Ends the consumer's wait with an error, after the bytes at hand. */
  fail(error: Error): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'failed', error };
    this.#notify();
  }

  /** Hands over what waits to somebody else, and holds the socket back no more. */
  drain(): Buffer[] {
    const waiting = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    return waiting;
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
