import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId, type TableName } from '../../changes/table-name.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import type { Clock } from '../../host/host.ts';
import type { ChangeStream, TableSelection } from '../source-connector.ts';
import { guarded, openSession, processIdOf, withSession, type Access, type Session } from './connection.ts';
import { CopyOut } from './wire/copy-out.ts';
import { sourceError } from './errors.ts';
import { Answers, provenEnd } from './wire/caught-up.ts';
import { identifyCluster, lineageOf, lsnOf, positionAt, requireLineage } from './lineage.ts';
import { LogDecoder } from './log-decoder.ts';
import { lsnOrder, lsnText } from './place.ts';
import { requireSlot, type LogNames } from './prepare.ts';
import { planRelation, type RelationMessage } from './logged-table.ts';
import { resolveRelation } from './logged-table-resolver.ts';
import { findSourceTables } from './source-table.ts';

import { identifier, literal } from './sql.ts';
import { statusUpdate } from './wire/status-update.ts';

export interface StreamContext {
  readonly access: Access;
  readonly names: LogNames;
  readonly clock: Clock;
  /** The place that somebody waits for, which an idle server may not reach by itself. */
  readonly sought: { lsn: bigint };
}

/** A batch is given out when it has so many events, or when no more bytes are at hand. */
const BATCH_EVENTS = 2000;
/** Bytes gather for so long before the next batch. */
const GATHER_MILLISECONDS = 2;
/** How often the server is told where we stand and asked where it stands. */
const STATUS_MILLISECONDS = 1000;
/** A server that answers nothing for so long, though asked every second, is gone. */
const SILENCE_MILLISECONDS = 120_000;
const GOODBYE_MILLISECONDS = 2000;

/**
 * Opens the log behind `after`. The connection is the driver's; what it carries is read by CopyOut and LogDecoder, because the driver's
 * parser makes an object of each message and pg-logical-replication acknowledges what was only received.
 * @throws PenstockError PS2001, PS2005, PS2006, PS2007
 */
export async function openLog(
  context: StreamContext,
  after: SourcePosition,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<ChangeStream> {
  const { access, names } = context;
  const session = await openSession(access, signal, 'replication');
  try {
    return await guarded(session, signal, `read slot ${names.slot}`, async () => {
      requireLineage(after, lineageOf(await identifyCluster(session), names.slot));
      const chosenOids = await withSession(access, signal, 'look at the slot', async (side) => {
        await requireSlot(side, names.slot, access.settings.database, lsnOf(after));
        const found = await findSourceTables(
          side,
          tables.map(({ table }) => table),
        );
        return new Map([...found.values()].map(({ oid, table }) => [Number(oid), table]));
      });
      const copy = new CopyOut(startStatement(names, after));
      session.client.query(copy);
      await copy.opened();
      return new PostgresStream(context, session, copy, after, tables, chosenOids, signal);
    });
  } catch (error) {
    session.destroy();
    throw error;
  }
}

function startStatement(names: LogNames, after: SourcePosition): string {
  const publications = literal(identifier(names.publication));
  return `START_REPLICATION SLOT ${identifier(names.slot)} LOGICAL ${after.resume} (proto_version '1', publication_names ${publications})`;
}

class PostgresStream implements ChangeStream {
  readonly #context: StreamContext;
  readonly #session: Session;
  readonly #copy: CopyOut;
  readonly #decoder: LogDecoder;
  readonly #selections: ReadonlyMap<string, TableSelection>;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #beats: Promise<void>;
  readonly #lineage: string;
  readonly #answers: Answers;
  /** The last place that was given out. */
  #given: string;
  /** For structures; opened when the first is asked for. */
  #side: Session | null = null;
  /** 0: nothing was acknowledged in this connection, and the server keeps to what it knows. */
  #acknowledged = 0n;

  constructor(
    context: StreamContext,
    session: Session,
    copy: CopyOut,
    after: SourcePosition,
    tables: readonly TableSelection[],
    chosenOids: ReadonlyMap<number, TableName>,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.#session = session;
    this.#copy = copy;
    this.#signal = signal;
    this.#lineage = after.lineage;
    this.#answers = new Answers(context.clock, this.#ended.signal, () => {
      this.#sendStatus(true);
    });
    this.#given = after.order;
    this.#selections = new Map(tables.map((selection) => [tableId(selection.table), selection]));
    this.#decoder = new LogDecoder({
      lineage: after.lineage,
      after,
      // A chosen table that had another name for a while is still the chosen table.
      chosen: ({ oid, table }) => chosenOids.get(oid) ?? this.#selections.get(tableId(table))?.table ?? null,
    });
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#beats = this.#beat();
  }

  acknowledge(position: SourcePosition): void {
    const lsn = lsnOf(position);
    if (lsn <= this.#acknowledged) return;
    this.#acknowledged = lsn;
    this.#sendStatus(false);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    const { slot } = this.#context.names;
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        if (!(await this.#copy.more())) throw new PenstockError('PS2010', `the server ended the log of slot ${slot}`);
        await this.#decodeAll();
        if (this.#copy.isReady && this.#decoder.eventCount < BATCH_EVENTS) continue;
        const events = this.#decoder.take();
        if (events.length === 0) continue;
        this.#given = lastOrder(events) ?? this.#given;
        yield events;
        await this.#copy.gather(() => this.#context.clock.sleep(GATHER_MILLISECONDS, this.#ended.signal));
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      throw sourceError(error, `read slot ${slot}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#signal.removeEventListener('abort', this.#abort);
    this.#sendStatus(false);
    this.#copy.close();
    await this.#beats;
    await Promise.all([this.#sayGoodbye(), this.#side?.[Symbol.asyncDispose]()]);
  }

  async #decodeAll(): Promise<void> {
    const copy = this.#copy;
    while (copy.next()) {
      const relation = this.#decoder.decode(copy.buffer, copy.start, copy.end);
      if (relation !== null) await this.#learn(relation);
    }
    this.#answers.hear(this.#decoder.keepaliveAt);
    if (this.#decoder.replyRequested) {
      this.#decoder.replyRequested = false;
      this.#sendStatus(false);
    }
  }

  async #learn(relation: RelationMessage): Promise<void> {
    const id = tableId(relation.table);
    const selection = this.#selections.get(id);
    if (selection === undefined) return;
    if (this.#side === null || this.#side.isBroken) this.#side = await openSession(this.#context.access, this.#signal);
    const side = this.#side;
    const table = await guarded(
      side,
      this.#signal,
      `describe ${id}`,
      () => resolveRelation(side, relation, selection),
      id,
    ).catch((error: unknown) => {
      // What the log says now cannot be read with the user's choices, and will not be the next time either.
      if (!hasCode(error, 'PS1001', 'PS1006', 'PS2011')) throw error;
      this.#decoder.obstruct(relation.oid, relation.table, error.message);
      return null;
    });
    if (table !== null)
      this.#decoder.setRelation(relation.oid, planRelation(relation, table, this.#decoder.relation(relation.oid)));
  }

  /** Keeps the connection alive, also while the consumer is slow, and makes an idle server say how far it is. */
  async #beat(): Promise<void> {
    const { clock, access } = this.#context;
    let received = -1;
    let heardAt = clock.now();
    let beatenAt = clock.now();
    while (!this.#ended.signal.aborted) {
      try {
        await clock.sleep(STATUS_MILLISECONDS, this.#ended.signal);
      } catch {
        return;
      }
      this.#sendStatus(true);
      if (this.#copy.receivedBytes !== received || this.#copy.isPaused) heardAt = clock.now();
      received = this.#copy.receivedBytes;
      if (clock.now() - heardAt > SILENCE_MILLISECONDS) {
        this.#copy.fail(
          new PenstockError('PS2010', `the server has not answered for ${SILENCE_MILLISECONDS / 1000} s`),
        );
        return;
      }
      await this.#seek();
      const { heartbeatSeconds } = access.settings;
      if (heartbeatSeconds !== null && clock.now() - beatenAt >= heartbeatSeconds * 1000) {
        beatenAt = clock.now();
        await this.#writeHeartbeat();
      }
    }
  }

  /** Finds the end of an idle log for somebody who waits for a place that the server does not name; see caught-up.ts. */
  async #seek(): Promise<void> {
    const { access, sought } = this.#context;
    if (lsnOrder(sought.lsn) <= this.#given || this.#copy.isReady) return;
    const doing = 'look for the end of the log';
    const end = await withSession(access, this.#ended.signal, doing, (session) =>
      provenEnd(session, processIdOf(this.#session), (since) => this.#answers.ask(since)),
    ).catch(() => null);
    if (end === null) return;
    this.#decoder.reachIdle(positionAt(this.#lineage, end));
    this.#sendStatus(true);
  }

  /** The one thing that is ever written at the source, and only if the user asks for it. */
  async #writeHeartbeat(): Promise<void> {
    const doing = 'write the heartbeat';
    await withSession(this.#context.access, this.#ended.signal, doing, (session) =>
      session.rows(`SELECT pg_logical_emit_message(true, 'penstock', '')`),
    ).catch((error: unknown) => {
      if (!this.#ended.signal.aborted) this.#copy.fail(sourceError(error, doing));
    });
  }

  #sendStatus(wantsReply: boolean): void {
    this.#copy.send(statusUpdate(this.#acknowledged, this.#context.clock.now(), wantsReply));
  }

  readonly #abort = (): void => {
    this.#session.destroy();
    const reason: unknown = this.#signal.reason;
    this.#copy.fail(reason instanceof Error ? reason : new Error(`aborted at ${lsnText(this.#acknowledged)}`));
  };

  /** Ends the connection in order, so that the slot is free when this returns; a server that does not answer is left alone. */
  async #sayGoodbye(): Promise<void> {
    const { client } = this.#session;
    if (this.#session.isBroken) {
      this.#session.destroy();
      return;
    }
    const timer = new AbortController();
    const gone = new Promise<void>((resolve) => {
      client.once('end', resolve);
    });
    client.connection.end();
    await Promise.race([gone, this.#context.clock.sleep(GOODBYE_MILLISECONDS, timer.signal).catch(() => undefined)]);
    timer.abort();
    this.#session.destroy();
  }
}

function lastOrder(events: readonly SourceEvent[]): string | null {
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index];
    if (event?.tag === 'commit' || event?.tag === 'heartbeat') return event.position.order;
  }
  return null;
}
