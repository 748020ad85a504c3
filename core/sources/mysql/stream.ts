import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Clock } from '../../host/host.ts';
import type { ChangeStream, TableSelection } from '../source-connector.ts';
import { ChosenTables } from './following/chosen-tables.ts';
import { describeServer, guarded, openSession, withSession, type Access, type Session } from './connection.ts';
import type { DecoderRequest, DescribeRequest, PayloadRequest } from './following/decoder-request.ts';
import { openDump } from './wire/dump.ts';
import { serverErrorNumber, sourceError } from './errors.ts';
import { InnerEvents, plainBytes } from './binlog/inner-events.ts';
import { LogDecoder } from './log-decoder.ts';
import { resolveTable } from './logged-table-resolver.ts';
import { readLogServer, type LogServer } from './server/open-log.ts';
import type { PacketStream } from './wire/packet-stream.ts';
import { placeOf, type LogPlace } from './place.ts';
import { logReading } from './prepare.ts';
import { serverError } from './wire/result-rows.ts';

export interface StreamContext {
  readonly access: Access;
  readonly serverId: number;
  readonly clock: Clock;
  /** When the last place that was given out was written at the source. */
  readonly progress: { readAt: Timestamp | null };
}

/** A batch is given out when it has so many events, or when no more bytes are at hand. */
const BATCH_EVENTS = 2000;
/** Bytes gather for so long before the next batch. */
const GATHER_MILLISECONDS = 2;
const LOOK_MILLISECONDS = 1000;
/** A server that sends nothing for so long, though it says every second where it stands, is gone. */
const SILENCE_MILLISECONDS = 120_000;

/** What a packet of a dump begins with. */
const PACKET = { event: 0x00, error: 0xff, end: 0xfe } as const;
/** COM_BINLOG_DUMP takes a position of 32 bits. */
const FURTHEST_POSITION = 0xff_ff_ff_ff;
const FIRST_POSITION = 4;

/**
 * Opens the log behind `after`. The connection is the driver's; what it carries is read by PacketStream and LogDecoder, because the known
 * readers make an object of each row, hold nothing back and read several types wrongly.
 * @throws PenstockError PS2001, PS2006, PS2007, PS2008
 */
export async function openLog(
  context: StreamContext,
  after: SourcePosition,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<ChangeStream> {
  const { access, serverId } = context;
  const doing = `read the binlog of ${describeServer(access.settings)}`;
  const server = await withSession(access, signal, doing, (session) => readLogServer(session, after));
  const session = await openSession(access, signal);
  try {
    return await guarded(session, signal, doing, async () => {
      const from = beginningOf(placeOf(after));
      const packets = await openDump(session, { serverId, ...from, isFollowing: true });
      return new MysqlStream(context, session, packets, { after, from, server, tables }, signal);
    });
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** Behind 4 GB, to which only a huge transaction brings a file, it is read from its beginning; what was delivered is passed over. */
function beginningOf({ file, position }: LogPlace): { readonly file: string; readonly position: number } {
  return { file, position: position > FURTHEST_POSITION ? FIRST_POSITION : position };
}

interface EventBounds {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

interface StreamStart {
  readonly after: SourcePosition;
  readonly from: { readonly file: string; readonly position: number };
  readonly server: LogServer;
  readonly tables: readonly TableSelection[];
}

class MysqlStream implements ChangeStream {
  readonly #context: StreamContext;
  readonly #session: Session;
  readonly #packets: PacketStream;
  readonly #decoder: LogDecoder;
  readonly #server: LogServer;
  readonly #selections: ReadonlyMap<string, TableSelection>;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #watch: Promise<void>;
  /** For structures; opened when the first is asked for. */
  #side: Session | null = null;

  constructor(
    context: StreamContext,
    session: Session,
    packets: PacketStream,
    { after, from, server, tables }: StreamStart,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.#session = session;
    this.#packets = packets;
    this.#server = server;
    this.#signal = signal;
    this.#selections = new Map(tables.map((selection) => [tableId(selection.table), selection]));
    this.#decoder = new LogDecoder({
      after,
      from,
      checksum: server.checksum,
      charsets: server.charsets,
      chosen: new ChosenTables(tables, server.foldsNames),
      now: () => context.clock.timestamp(),
    });
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#watch = this.#watchSilence();
  }

  /** The server drops its log by time, for nobody in particular. */
  acknowledge(): void {
    // Nothing is kept for us that could be released.
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    const packets = this.#packets;
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        if (!(await packets.more())) throw new PenstockError('PS2010', 'the stream was closed');
        while (packets.next()) {
          const { buffer, start, end } = packets;
          const request = this.#decode(packets);
          if (request !== null) yield* this.#meet(request, { buffer, start: start + 1, end });
        }
        if (packets.isReady && this.#decoder.eventCount < BATCH_EVENTS) continue;
        const events = this.#take();
        if (events.length === 0) continue;
        yield events;
        await packets.gather(() => this.#context.clock.sleep(GATHER_MILLISECONDS, this.#ended.signal));
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      throw sourceError(error, 'read the binlog');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#signal.removeEventListener('abort', this.#abort);
    this.#packets.close();
    // A dump has no end that could be asked for: the server sees that nobody listens when it next says where it stands.
    this.#session.destroy();
    await this.#watch;
    await this.#side?.[Symbol.asyncDispose]();
  }

  #take(): SourceEvent[] {
    const events = this.#decoder.take();
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index];
      if (event?.tag !== 'commit' && event?.tag !== 'heartbeat') continue;
      this.#context.progress.readAt = event.tag === 'commit' ? event.committedAt : event.at;
      break;
    }
    return events;
  }

  /** One packet. @returns what is to be done before the next, or null */
  #decode({ buffer, start, end }: PacketStream): DecoderRequest | null {
    if (buffer[start] !== PACKET.event) throw ended(buffer, start, end);
    return this.#decoder.decode(buffer, start + 1, end);
  }

  /** Does what the decoder asks for an event, which is then decoded again. */
  async *#meet(asked: DecoderRequest, event: EventBounds): AsyncGenerator<readonly SourceEvent[]> {
    let request: DecoderRequest | null = asked;
    while (request !== null) {
      if (request.tag === 'payload') {
        yield* this.#payload(request);
        return;
      }
      await this.#describe(request);
      request = this.#decoder.decode(event.buffer, event.start, event.end);
    }
  }

  async *#payload(payload: PayloadRequest): AsyncGenerator<readonly SourceEvent[]> {
    const inner = new InnerEvents();
    for await (const bytes of plainBytes(payload)) {
      inner.feed(bytes);
      while (inner.next()) {
        const { buffer, start, end } = inner;
        const request = this.#decoder.decode(buffer, start, end);
        if (request !== null) yield* this.#meet(request, { buffer, start, end });
      }
      if (this.#decoder.eventCount >= BATCH_EVENTS) yield this.#take();
    }
    inner.finish();
    this.#decoder.endPayload();
  }

  async #describe(request: DescribeRequest): Promise<void> {
    const id = tableId(request.table);
    const selection = this.#selections.get(id);
    if (selection === undefined) throw new PenstockError('PS9001', `${id} is described, but was not chosen`);
    if (this.#side === null || this.#side.isBroken) this.#side = await openSession(this.#context.access, this.#signal);
    const side = this.#side;
    const reading = logReading(side, this.#context.access);
    const answer = await guarded(
      side,
      this.#signal,
      `describe ${id}`,
      () => resolveTable(side, request, selection, reading, this.#server.charsets),
      id,
    );
    this.#decoder.answer(request, answer);
  }

  async #watchSilence(): Promise<void> {
    const { clock } = this.#context;
    let received = -1;
    let heardAt = clock.now();
    while (!this.#ended.signal.aborted) {
      try {
        await clock.sleep(LOOK_MILLISECONDS, this.#ended.signal);
      } catch {
        return;
      }
      if (this.#packets.receivedBytes !== received || this.#packets.isPaused) heardAt = clock.now();
      received = this.#packets.receivedBytes;
      if (clock.now() - heardAt <= SILENCE_MILLISECONDS) continue;
      this.#packets.fail(
        new PenstockError('PS2010', `the server has not sent anything for ${SILENCE_MILLISECONDS / 1000} s`),
      );
      return;
    }
  }

  readonly #abort = (): void => {
    this.#session.destroy();
    const reason: unknown = this.#signal.reason;
    this.#packets.fail(reason instanceof Error ? reason : new Error('aborted'));
  };
}

const CANNOT_BE_READ = 1236;
/** MariaDB's own for it. */
const SAME_SERVER_ID = 4052;

/** Why the server ended a dump. One number stands for nearly all reasons; its message tells them apart. */
function ended(buffer: Buffer, start: number, end: number): Error {
  if (buffer[start] !== PACKET.error) return new PenstockError('PS2010', 'the server ended the dump of its binlog');
  const error = serverError(buffer, start, end);
  const number = serverErrorNumber(error);
  if (number !== CANNOT_BE_READ && number !== SAME_SERVER_ID) return error;
  if (number === SAME_SERVER_ID || /same server_(uuid|id)/i.test(error.message)) {
    return new PenstockError('PS2007', `another reader has this one's server id: ${error.message}`, { cause: error });
  }
  if (/impossible position|> file size|position .* greater/i.test(error.message)) {
    return new PenstockError('PS2001', `the position lies behind the end of the binlog: ${error.message}`, {
      cause: error,
    });
  }
  return error;
}
