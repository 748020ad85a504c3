import type { RowChange, SourceEvent } from '../../../core/changes/change.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { timestampFromMicroseconds } from '../../../core/changes/timestamp.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import type { ChangeStream, SourceConnector } from '../../../core/sources/source-connector.ts';
import { reasonOf, type SimulatedProcess } from '../simulated-process.ts';
import { comparedSource } from './compared-source.ts';
import { simulatedSnapshot } from './simulated-snapshot.ts';
import type { LogReader, SourceServer } from './source-server.ts';
import type { LoggedTransaction } from './source-tables.ts';

/** A process's connection to the simulated source, which is read by its log. */
export function simulatedSource(
  server: SourceServer,
  process: SimulatedProcess,
  onAcknowledge: (position: SourcePosition) => void,
): SourceConnector {
  const fails = 'PS2010';
  return {
    mode: 'log',
    check: () => Promise.resolve([]),
    listTables: (signal) =>
      process.call(
        'list tables',
        () => server.tables.map(({ schema }) => ({ table: schema.table, key: null, estimatedRows: null })),
        { fails, signal },
      ),
    describeTables: (tables, signal) =>
      process.call(
        'describe tables',
        () =>
          tables.map(({ table }) => {
            const found = server.tables.find((candidate) => candidate.table.name === table.name);
            if (found === undefined) throw new PenstockError('PS1005', table.name);
            return found.schema;
          }),
        { fails, signal },
      ),
    prepare: (_tables, known, signal) => process.call('prepare', () => server.prepare(known), { fails, signal }),
    async openSnapshot(_request, signal) {
      const take = () => server.openSnapshot(process.world.time.epochMicroseconds);
      return simulatedSnapshot(await process.call('open snapshot', take, { fails, signal }), process);
    },
    reopenSnapshot:
      server.snapshots === null
        ? null
        : async (place, { tables }, signal) => {
            const names = tables.map(({ table }) => table.name);
            const look = () => server.reopenSnapshot(place.position, names);
            const view = await process.call('open snapshot again', look, { fails, signal });
            return view === null ? null : simulatedSnapshot(view, process);
          },
    async openStream(after, tables, signal) {
      const reader = await process.call(
        `open stream after ${after.order.slice(-6)}`,
        () => {
          const opened = server.open(after, process.name);
          // Whoever asked may have gone, or may not hear of it: the server notices after a while.
          if (process.crashed || signal.aborted) forgetLater(server, process, opened);
          signal.addEventListener('abort', () => forgetLater(server, process, opened), { once: true });
          return opened;
        },
        { fails: null, signal },
      );
      const followed = new Set(tables.map(({ table }) => table.name));
      return new SimulatedStream(server, process, reader, { after: after.order, followed }, signal, onAcknowledge);
    },
    checkReach: (from, signal) => process.call('check reach', () => server.checkReach(from), { fails, signal }),
    currentPosition: (signal) => process.call('current position', () => server.position, { fails, signal }),
    logHealth: (signal) =>
      process.call('log health', () => ({ retainedBytes: 0, headroomBytes: null, expiresAt: null }), { fails, signal }),
    ...comparedSource(server, process),
    teardown: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The server notices a dead connection only after a while; until then the log is in use. */
export function forgetLater(server: SourceServer, process: SimulatedProcess, reader: LogReader | null): void {
  const { time, random } = process.world;
  time.after(random.between(1, 4_000), `${process.name} is missed by the source`, () => {
    if (reader === null) server.releaseOwner(process.name);
    else server.release(reader);
  });
}

/** Idle milliseconds after which the source says how far its log has come. */
const HEARTBEAT = { low: 500, high: 4_000 } as const;

class SimulatedStream implements ChangeStream {
  readonly #server: SourceServer;
  readonly #process: SimulatedProcess;
  readonly #reader: LogReader;
  readonly #signal: AbortSignal;
  readonly #onAcknowledge: (position: SourcePosition) => void;
  readonly #followed: ReadonlySet<string>;
  readonly #described = new Map<string, string>();
  #read: string;
  #events: SourceEvent[] = [];
  #closed = false;

  constructor(
    server: SourceServer,
    process: SimulatedProcess,
    reader: LogReader,
    { after, followed }: { readonly after: string; readonly followed: ReadonlySet<string> },
    signal: AbortSignal,
    onAcknowledge: (position: SourcePosition) => void,
  ) {
    this.#server = server;
    this.#process = process;
    this.#reader = reader;
    this.#read = after;
    this.#followed = followed;
    this.#signal = signal;
    this.#onAcknowledge = onAcknowledge;
  }

  acknowledge(position: SourcePosition): void {
    this.#onAcknowledge(position);
    const { time, random } = this.#process.world;
    time.after(random.between(0, 200), `${this.#process.name} acknowledged ${position.order.slice(-6)}`, () => {
      if (this.#process.crashed && random.chance(0.5)) return;
      this.#server.acknowledge(this.#reader, position.order);
    });
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    for (;;) yield await this.#next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#process.call('close stream', () => this.#server.release(this.#reader), { fails: null });
  }

  #next(): Promise<readonly SourceEvent[]> {
    const process = this.#process;
    const { time, random, weather } = process.world;
    const label = `${process.name} reads`;
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) {
        reject(reasonOf(this.#signal));
        return;
      }
      let settled = false;
      let stopWaiting = (): void => undefined;
      const settle = (action: () => void): void => {
        if (settled) return;
        settled = true;
        heartbeat.action = null;
        stopWaiting();
        this.#signal.removeEventListener('abort', abort);
        action();
      };
      const abort = (): void => settle(() => reject(reasonOf(this.#signal)));
      const attempt = (): void => process.deliver('read', look);
      const look = (): void => {
        if (settled) return;
        if (random.chance(weather.connectionLoss)) this.#server.release(this.#reader);
        if (!this.#server.isReader(this.#reader)) {
          settle(() => reject(new PenstockError('PS2010', 'the connection is gone')));
          return;
        }
        const events = this.#take();
        if (events.length > 0) settle(() => resolve(events));
        else stopWaiting = this.#server.onChange(() => time.after(random.between(0, 10), label, attempt));
      };
      const beat = (): void => {
        if (settled || !this.#server.isReader(this.#reader)) return;
        if (random.chance(0.5)) this.#server.writeUnrelated(random.between(1, 50));
        const { position } = this.#server;
        this.#read = position.order;
        const at = timestampFromMicroseconds(time.epochMicroseconds);
        settle(() => resolve([{ tag: 'heartbeat', position, at }]));
      };
      const heartbeat = time.after(random.between(HEARTBEAT.low, HEARTBEAT.high), `${process.name} heartbeat`, () =>
        process.deliver('beat', () => {
          // Never ahead of changes that were not handed out yet.
          if (this.#events.length === 0 && this.#server.transactionAfter(this.#read) === null) beat();
          else look();
        }),
      );
      this.#signal.addEventListener('abort', abort, { once: true });
      time.after(random.between(0, 10), label, attempt);
    });
  }

  /** Some events that follow; a transaction may come in several batches. */
  #take(): SourceEvent[] {
    const { random } = this.#process.world;
    while (this.#events.length < 60) {
      const transaction = this.#server.transactionAfter(this.#read);
      if (transaction === null) break;
      this.#read = transaction.end;
      this.#events.push(...this.#eventsOf(transaction));
    }
    return this.#events.splice(0, random.chance(0.6) ? this.#events.length : random.between(1, 30));
  }

  *#eventsOf(transaction: LoggedTransaction): Generator<SourceEvent> {
    const at = timestampFromMicroseconds(transaction.microseconds);
    yield { tag: 'begin', at, order: transaction.commit };
    for (const operation of transaction.operations) {
      const { schema } = operation;
      if (!this.#followed.has(schema.table.name)) continue;
      if (this.#described.get(schema.table.name) !== schema.fingerprint) {
        this.#described.set(schema.table.name, schema.fingerprint);
        yield { tag: 'schema', schema };
      }
      if (operation.tag === 'truncate') {
        yield { tag: 'truncate', table: schema.table };
        continue;
      }
      const { op, before, after } = operation;
      const change: RowChange = { schema, op, before, after, misfit: null };
      yield { tag: 'row', change };
    }
    yield { tag: 'commit', position: this.#server.positionAt(transaction.end), committedAt: at };
  }
}
