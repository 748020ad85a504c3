import type { Socket } from 'node:net';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Session } from '../connection.ts';
import { PacketReader } from './packet-reader.ts';

/** Bytes that may wait for the consumer before the socket is paused, and where it is resumed. */
const HIGH_WATER = 4 * 1024 * 1024;
const LOW_WATER = 1024 * 1024;
/** A read of so many bytes is worth its call. */
const LARGE_READ = 32 * 1024;
const HEADER_BYTES = 4;

type State = { readonly tag: 'open' } | { readonly tag: 'ended' } | { readonly tag: 'failed'; readonly error: Error };
type Listener = (bytes: Buffer) => void;

/** The driver's connection with its socket, which its types leave out; behind TLS it is the encrypted one. */
interface DriverConnection {
  readonly stream: Socket;
}

/**
 * A session's socket without the driver: one command is sent, and its answer's packets are read as bytes. The driver's parser, which
 * makes an object of every packet and can hold nothing back, is put aside until `release`. The consumer's pace is the server's: the
 * socket is paused while more than 4 MB wait.
 *
 * `while (await packets.more()) while (packets.next()) use(packets.buffer, packets.start, packets.end)`
 */
export class PacketStream {
  readonly #session: Session;
  readonly #socket: Socket;
  readonly #driver: readonly Listener[];
  readonly #packets = new PacketReader();
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #lastRead = 0;
  #isPaused = false;
  #isReleased = false;
  #state: State = { tag: 'open' };
  #wake: (() => void) | null = null;
  /** All bytes so far: whether it grows tells whether the server is alive. */
  receivedBytes = 0;

  /** Takes the session's socket over; nothing may be running on the session. */
  constructor(session: Session) {
    this.#session = session;
    this.#socket = (session.connection as unknown as DriverConnection).stream;
    this.#driver = this.#socket.listeners('data') as Listener[];
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', this.#take);
    this.#socket.on('close', this.#lost);
    session.connection.on('error', this.#failed);
    // A socket that was closed before says so no more.
    if (session.isBroken || this.#socket.destroyed) this.#lost();
  }

  /** The current packet's payload lies in `buffer` from `start` to `end`; the bytes belong to the consumer. */
  get buffer(): Buffer {
    return this.#packets.buffer;
  }
  get start(): number {
    return this.#packets.start;
  }
  get end(): number {
    return this.#packets.end;
  }

  /** Whether bytes are at hand, so that `more` will not wait. */
  get isReady(): boolean {
    return this.#queue.length > 0;
  }

  /** Whether the server is held back because the consumer is slow. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Sends a command: its first byte and its body, as one packet of less than 16 MB. */
  send(command: Buffer): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUIntLE(command.length, 0, 3);
    this.#socket.write(Buffer.concat([header, command]));
  }

  /** Lets bytes gather in the system while `pause` lasts: read one event at a time, the calls cost more than the events. */
  async gather(pause: () => Promise<void>): Promise<void> {
    if (this.#isPaused || this.isReady || this.#state.tag !== 'open') return;
    if (this.#lastRead >= LARGE_READ) return;
    this.#socket.pause();
    try {
      await pause();
    } finally {
      this.#socket.resume();
    }
  }

  /** Waits for bytes; false after `close`. @throws what the socket reported, after all bytes before it */
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
      this.#socket.resume();
    }
    this.#packets.feed(bytes);
    return true;
  }

  /** Moves to the next whole packet among the bytes at hand. */
  next(): boolean {
    return this.#packets.next();
  }

  /** Ends the consumer's wait with an error, after the bytes at hand. */
  fail(error: Error): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'failed', error };
    this.#notify();
  }

  /** Ends the stream for the consumer; what still comes is dropped. The session cannot be used again. */
  close(): void {
    if (this.#state.tag === 'open') this.#state = { tag: 'ended' };
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#notify();
  }

  /** Gives the socket back to the driver, after an answer that was read to its end. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#socket.off('data', this.#take);
    this.#socket.off('close', this.#lost);
    this.#session.connection.off('error', this.#failed);
    for (const listener of this.#driver) this.#socket.on('data', listener);
    if (this.#isPaused) this.#socket.resume();
    this.#isPaused = false;
  }

  readonly #take = (bytes: Buffer): void => {
    this.receivedBytes += bytes.length;
    if (this.#state.tag !== 'open') return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#isPaused && this.#queuedBytes > HIGH_WATER) {
      this.#isPaused = true;
      this.#socket.pause();
    }
    this.#notify();
  };

  readonly #lost = (): void => {
    this.fail(new PenstockError('PS2010', 'the server closed the connection'));
  };

  readonly #failed = (error: Error): void => {
    this.fail(error);
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
