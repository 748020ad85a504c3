import type { Socket } from 'node:net';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Session } from '../connection.ts';
import { SocketBytes } from '../../socket-bytes.ts';
import { PacketReader } from './packet-reader.ts';

const HEADER_BYTES = 4;

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
  readonly #bytes: SocketBytes;
  #isReleased = false;

  /** Takes the session's socket over; nothing may be running on the session. */
  constructor(session: Session) {
    this.#session = session;
    this.#socket = (session.connection as unknown as DriverConnection).stream;
    this.#bytes = new SocketBytes(this.#socket);
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

  /** Sends a command: its first byte and its body, as one packet of less than 16 MB. */
  send(command: Buffer): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUIntLE(command.length, 0, 3);
    this.#socket.write(Buffer.concat([header, command]));
  }

  /** Lets bytes gather in the system while `pause` lasts: read one event at a time, the calls cost more than the events. */
  gather(pause: () => Promise<void>): Promise<void> {
    return this.#bytes.gather(pause);
  }

  /** Waits for bytes; false after `close`. @throws what the socket reported, after all bytes before it */
  async more(): Promise<boolean> {
    const bytes = await this.#bytes.more();
    if (bytes === null) return false;
    this.#packets.feed(bytes);
    return true;
  }

  /** Moves to the next whole packet among the bytes at hand. */
  next(): boolean {
    return this.#packets.next();
  }

  /** Ends the consumer's wait with an error, after the bytes at hand. */
  fail(error: Error): void {
    this.#bytes.fail(error);
  }

  /** Ends the stream for the consumer; what still comes is dropped. The session cannot be used again. */
  close(): void {
    this.#bytes.end();
    this.#bytes.drain();
  }

  /** Gives the socket back to the driver, after an answer that was read to its end. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#socket.off('data', this.#take);
    this.#socket.off('close', this.#lost);
    this.#session.connection.off('error', this.#failed);
    for (const listener of this.#driver) this.#socket.on('data', listener);
    if (this.#bytes.isPaused) this.#bytes.resume();
  }

  readonly #take = (bytes: Buffer): void => {
    this.#bytes.take(bytes);
  };

  readonly #lost = (): void => {
    this.fail(new PenstockError('PS2010', 'the server closed the connection'));
  };

  readonly #failed = (error: Error): void => {
    this.fail(error);
  };
}
