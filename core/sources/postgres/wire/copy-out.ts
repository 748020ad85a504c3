import type { Connection, Submittable } from 'pg';
import { FRAME, FrameReader } from './frame-reader.ts';

/** The driver's connection with the one method that its types leave out: sends a CopyData message. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
}

/** Bytes that may wait for the consumer before the socket is paused, and where it is resumed. */
const HIGH_WATER = 4 * 1024 * 1024;
const LOW_WATER = 1024 * 1024;
/** A read of so many bytes is worth its call. */
const LARGE_READ = 32 * 1024;

type State = { readonly tag: 'open' } | { readonly tag: 'ended' } | { readonly tag: 'failed'; readonly error: Error };

/**
 * A statement that answers with a stream of CopyData messages (COPY … TO STDOUT, START_REPLICATION). The socket's bytes are read
 * directly: the driver's parser, which makes an object of every message, is put aside until the stream ends or the server complains.
 * The consumer's pace is the server's: the socket is paused while more than 4 MB wait.
 *
 * `while (await copy.more()) while (copy.next()) use(copy.buffer, copy.start, copy.end)`
 */
export class CopyOut implements Submittable {
  readonly #text: string;
  readonly #frames = new FrameReader();
  #connection: CopyConnection | null = null;
  /** The driver's own listener for the socket's bytes, while it is put aside. */
  #driver: ((bytes: Buffer) => void) | null = null;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #lastRead = 0;
  #isPaused = false;
  #state: State = { tag: 'open' };
  #wake: (() => void) | null = null;
  /** Rows by the command's tag (`COPY 42`); set when it has ended. */
  rowCount = 0;
  /** All bytes so far: whether it grows tells whether the server is alive. */
  receivedBytes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The current message's body lies in `buffer` from `start` to `end`; the bytes belong to the consumer. */
  get buffer(): Buffer {
    return this.#frames.buffer;
  }
  get start(): number {
    return this.#frames.start;
  }
  get end(): number {
    return this.#frames.end;
  }

  /** Whether bytes are at hand, so that `more` will not wait. */
  get isReady(): boolean {
    return this.#queue.length > 0;
  }

  /** Whether the server is held back because the consumer is slow. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Lets bytes gather in the system while `pause` lasts. The log sender sends every change by itself: read as they come,
   * the calls cost more than the changes.
   */
  async gather(pause: () => Promise<void>): Promise<void> {
    const stream = this.#connection?.stream;
    if (stream === undefined || this.#isPaused || this.isReady || this.#state.tag !== 'open') return;
    if (this.#lastRead >= LARGE_READ) return;
    stream.pause();
    try {
      await pause();
    } finally {
      stream.resume();
    }
  }

  /** Waits until the server has begun to answer. @throws what it or the driver reported instead */
  async opened(): Promise<void> {
    while (this.#queue.length === 0 && this.#state.tag === 'open') await this.#news();
    if (this.#state.tag === 'failed') throw this.#state.error;
    if (this.#queue[0]?.[0] !== FRAME.error) return;
    await this.more();
    this.next();
    await this.more();
  }

  /** Waits for bytes; false at the end of the stream. @throws what the server or the driver reported, after all bytes before it */
  async more(): Promise<boolean> {
    while (this.#queue.length === 0) {
      if (this.#state.tag === 'failed') throw this.#state.error;
      if (this.#state.tag === 'ended') return false;
      await this.#news();
    }
    const bytes = this.#queue.shift();
    if (bytes === undefined) return false;
    this.#queuedBytes -= bytes.length;
    this.#lastRead = bytes.length;
    if (this.#isPaused && this.#queuedBytes < LOW_WATER) {
      this.#isPaused = false;
      this.#connection?.stream.resume();
    }
    this.#frames.feed(bytes);
    return true;
  }

  /** Moves to the next whole CopyData message among the bytes at hand. */
  next(): boolean {
    while (this.#frames.next()) {
      if (this.#frames.code === FRAME.copyData) return true;
      this.#meetOther();
    }
    return false;
  }

  /** Sends a CopyData message to the server. */
  send(message: Buffer): void {
    if (this.#state.tag === 'open') this.#connection?.sendCopyFromChunk(message);
  }

  /** Ends the consumer's wait with an error, after the bytes at hand. */
  fail(error: Error): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'failed', error };
    this.#notify();
  }

  /** Ends the stream for the consumer; what still comes is dropped, so that the server is not held up. */
  close(): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'ended' };
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#connection?.stream.resume();
    this.#notify();
  }

  /** Called by the driver when it is this statement's turn. */
  submit(connection: Connection): void {
    this.#connection = connection as CopyConnection;
    const { stream } = connection;
    this.#driver = stream.listeners('data')[0] as (bytes: Buffer) => void;
    stream.removeListener('data', this.#driver);
    stream.on('data', this.#take);
    connection.query(this.#text);
  }

  handleError(error: Error): void {
    this.fail(error);
  }

  handleCommandComplete(message: { readonly text?: string } | null): void {
    const match = /^COPY (\d+)/.exec(message?.text ?? '');
    if (match !== null) this.rowCount = Number(match[1]);
  }

  handleReadyForQuery(): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'ended' };
    this.#notify();
  }

  /** What is no data: the stream's end and errors go to the driver with all that follows; notices go to it alone. */
  #meetOther(): void {
    const { code } = this.#frames;
    if (code === FRAME.copyOut || code === FRAME.copyBoth) return;
    if (code === FRAME.notice || code === FRAME.parameter) {
      this.#driver?.(this.#frames.message());
      return;
    }
    const rest = [this.#frames.drain(), ...this.#queue];
    this.#queue = [];
    this.#queuedBytes = 0;
    const driver = this.#driver;
    const stream = this.#connection?.stream;
    if (driver === null || stream === undefined) return;
    stream.removeListener('data', this.#take);
    stream.on('data', driver);
    this.#driver = null;
    for (const bytes of rest) driver(bytes);
    stream.resume();
  }

  readonly #take = (bytes: Buffer): void => {
    this.receivedBytes += bytes.length;
    if (this.#state.tag !== 'open') return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#isPaused && this.#queuedBytes > HIGH_WATER) {
      this.#isPaused = true;
      this.#connection?.stream.pause();
    }
    this.#notify();
  };

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
