import type { Session } from '../connection.ts';
import { PacketStream } from './packet-stream.ts';

const COM_QUERY = 0x03;
const ERROR = 0xff;
const END = 0xfe;
const NULL = 0xfb;
const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;
/** An EOF packet is shorter than any row that begins with a length of eight bytes. */
const LONGEST_END = 9;

/**
 * The rows of one SELECT as bytes, as the text protocol sends them: each value its length and its text in utf8mb4, or a byte for NULL
 * (Client/Server protocol, "Text Resultset Row"). The server waits while the consumer does.
 *
 * `while (await rows.more()) while (rows.next()) …` with `rows.values()`, or field by field from `rows.buffer`, `rows.start`, `rows.end`.
 */
export class ResultRows {
  readonly #packets: PacketStream;
  #state: 'head' | 'columns' | 'rows' | 'ended' = 'head';
  #columnsLeft = 0;

  /** Sends the statement at once; nothing else may be sent on the session until the last row was read. */
  constructor(session: Session, statement: string) {
    this.#packets = new PacketStream(session);
    this.#packets.send(Buffer.concat([Buffer.of(COM_QUERY), Buffer.from(statement, 'utf8')]));
  }

  get buffer(): Buffer {
    return this.#packets.buffer;
  }
  get start(): number {
    return this.#packets.start;
  }
  get end(): number {
    return this.#packets.end;
  }

  /** Waits for bytes; false after the last row, when the session is free again. @throws what the server or the socket reported */
  async more(): Promise<boolean> {
    return this.#state === 'ended' ? false : this.#packets.more();
  }

  /** Moves to the next row among the bytes at hand. @throws the server's error */
  next(): boolean {
    while (this.#state !== 'ended' && this.#packets.next()) {
      if (this.#state === 'rows') {
        if (!this.#isEnd()) return true;
        this.#finish();
      } else this.#meetHead();
    }
    return false;
  }

  /** The current row's values. */
  values(): (string | null)[] {
    const { buffer, end } = this;
    const values: (string | null)[] = [];
    for (let offset = this.start; offset < end;) {
      const first = buffer[offset] ?? 0;
      if (first === NULL) {
        values.push(null);
        offset++;
        continue;
      }
      const from = offset + lengthBytes(first);
      offset = from + textLength(buffer, offset);
      values.push(buffer.toString('utf8', from, offset));
    }
    return values;
  }

  /** Column count, the columns, their end. */
  #meetHead(): void {
    const { buffer, start } = this;
    if (buffer[start] === ERROR) throw this.#failure();
    if (this.#state === 'head') {
      this.#columnsLeft = textLength(buffer, start);
      this.#state = 'columns';
      // OK instead of a number of columns: the statement has no rows.
      if (this.#columnsLeft === 0) this.#finish();
    } else if (this.#columnsLeft > 0) this.#columnsLeft--;
    else this.#state = 'rows';
  }

  #isEnd(): boolean {
    const first = this.buffer[this.start];
    if (first === ERROR) throw this.#failure();
    return first === END && this.end - this.start < LONGEST_END;
  }

  #finish(): void {
    this.#state = 'ended';
    this.#packets.release();
  }

  #failure(): Error {
    const error = serverError(this.buffer, this.start, this.end);
    this.#finish();
    return error;
  }
}

const SQLSTATE_MARK = 0x23;

/** An ERR packet as the driver's own errors look: number and message. */
export function serverError(buffer: Buffer, start: number, end: number): Error {
  const text = start + (buffer[start + 3] === SQLSTATE_MARK ? 9 : 3);
  return Object.assign(new Error(buffer.toString('utf8', text, end)), { errno: buffer.readUInt16LE(start + 1) });
}

/** How many bytes a length takes that begins with this byte. */
export function lengthBytes(first: number): number {
  return first < NULL ? 1 : first === TWO_BYTES ? 3 : first === THREE_BYTES ? 4 : 9;
}

/** The length of the text at `offset` ("length-encoded integer"). */
export function textLength(buffer: Buffer, offset: number): number {
  const first = buffer[offset] ?? 0;
  if (first < NULL) return first;
  if (first === TWO_BYTES) return buffer.readUInt16LE(offset + 1);
  if (first === THREE_BYTES) return buffer.readUIntLE(offset + 1, 3);
  return Number(buffer.readBigUInt64LE(offset + 1));
}
