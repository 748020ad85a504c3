import type { Connection, Submittable } from 'pg';
import { SocketBytes } from '../../socket-bytes.ts';
import { FRAME, FrameReader } from './frame-reader.ts';

/** The driver's connection with the one method that its types leave out: sends a CopyData message. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
}

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
  /** Rows by the command's tag (`COPY 42`); set when it has ended. */
  rowCount = 0;
  readonly #bytes = new SocketBytes({
    pause: () => this.#connection?.stream.pause(),
    resume: () => this.#connection?.stream.resume(),
  });

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
    return this.#bytes.isReady;
  }

  /** Whether the server is held back because the consumer is slow. */
  get isPaused(): boolean {
    return this.#bytes.isPaused;
  }

  /** All bytes so far: whether it grows tells whether the server is alive. */
  get receivedBytes(): number {
    return this.#bytes.receivedBytes;
  }

  /** Lets bytes gather in the system while `pause` lasts: the log sender sends every change by itself. */
  gather(pause: () => Promise<void>): Promise<void> {
    return this.#bytes.gather(pause);
  }

  /** Waits until the server has begun to answer. @throws what it or the driver reported instead */
  async opened(): Promise<void> {
    while (!this.#bytes.isReady && this.#bytes.isOpen) await this.#bytes.news();
    if (this.#bytes.failure !== null) throw this.#bytes.failure;
    if (this.#bytes.first?.[0] !== FRAME.error) return;
    await this.more();
    this.next();
    await this.more();
  }

  /** Waits for bytes; false at the end of the stream. @throws what the server or the driver reported, after all bytes before it */
  async more(): Promise<boolean> {
    const bytes = await this.#bytes.more();
    if (bytes === null) return false;
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
    if (this.#bytes.isOpen) this.#connection?.sendCopyFromChunk(message);
  }

  /** Ends the consumer's wait with an error, after the bytes at hand. */
  fail(error: Error): void {
    this.#bytes.fail(error);
  }

  /** Ends the stream for the consumer; what still comes is dropped, so that the server is not held up. */
  close(): void {
    this.#bytes.end();
    this.#bytes.drain();
    this.#bytes.resume();
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
    this.#bytes.end();
  }

  /** What is no data: the stream's end and errors go to the driver with all that follows; notices go to it alone. */
  #meetOther(): void {
    const { code } = this.#frames;
    if (code === FRAME.copyOut || code === FRAME.copyBoth) return;
    if (code === FRAME.notice || code === FRAME.parameter) {
      this.#driver?.(this.#frames.message());
      return;
    }
    const rest = [this.#frames.drain(), ...this.#bytes.drain()];
    const driver = this.#driver;
    const stream = this.#connection?.stream;
    if (driver === null || stream === undefined) return;
    stream.removeListener('data', this.#take);
    stream.on('data', driver);
    this.#driver = null;
    for (const bytes of rest) driver(bytes);
    this.#bytes.resume();
  }

  readonly #take = (bytes: Buffer): void => {
    this.#bytes.take(bytes);
  };
}
