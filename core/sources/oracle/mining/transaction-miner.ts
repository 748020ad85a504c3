import type { SourcePosition } from '../../../changes/position.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { ScratchSpace } from '../../../host/scratch.ts';
import type { MiningStep } from '../logs/mining-step.ts';
import { CommitMerge, type ReadCommit } from './commit-merge.ts';
import { CommitsTold } from './told-commits.ts';
import { JoinedRows } from './joined-rows.ts';
import { isNowhere } from './log-address.ts';
import { behindCommit, behindScn, commitOrder, lateOrder, minedPlaceOf, minedPosition } from './mined-place.ts';
import type { MinedRow } from './mined-row.ts';
import { MinedTables, type Follows } from './mined-table.ts';
import type { OpenTransaction, ThreadPlaces } from './open-transaction.ts';
import { concerned, OPERATION, recordOf } from './row-record.ts';
import { earlierScn, laterScn } from './scn.ts';
import { ThreadCursor, type ReadPart } from './thread-cursor.ts';
import { TransactionBuffer } from './transaction-buffer.ts';
import { isNoTransaction, isPartial, slotOf, transactionKey } from './transaction-key.ts';
import { isTakenBack, transactionEvents, type MinedEvent } from './transaction-events.ts';

export interface MinerSettings {
  /** Behind which transactions are told. */
  readonly after: SourcePosition;
  readonly scratch: ScratchSpace;
  /** For all open transactions together; what is more goes to disk. To find what one took back itself takes a few times as much, for a moment. */
  readonly memoryBytes: number;
  readonly follows: Follows;
  /** Told of two commits that follow each other in a redo thread, of which the second one's time is earlier by the database's clock. */
  readonly wentBack?: (before: string, at: { readonly shown: string; readonly scn: string }) => void;
}

/** With less the records of a transaction that took much back would be read more often. */
const UNDO_SHARE = 4;

/** What is open in the log. */
export interface OldestTransaction {
  readonly key: string;
  readonly scn: string;
  /** Of its first row, by the database's clock: `YYYY-MM-DD HH24:MI:SS`. */
  readonly since: string;
  readonly changes: number;
}

/**
 * Makes committed transactions of the rows of V$LOGMNR_CONTENTS. The rows of a thread come in the order of its log; what was read before may come
 * again, in every round. A round is one reading by LogMiner: `beginRound`, `take`, `endRound`; one that was cut off is followed by the next `beginRound`.
 * After each `take`: `settle`, then all of `events`, before more is taken.
 */
export class TransactionMiner implements AsyncDisposable {
  readonly #lineage: string;
  readonly #buffer: TransactionBuffer;
  readonly #merge: CommitMerge;
  readonly #told: CommitsTold;
  readonly #tables: MinedTables;
  readonly #rows = new JoinedRows();
  readonly #cursors = new Map<number, ThreadCursor>();
  readonly #resume: { readonly scn: string; readonly threads: ThreadPlaces };
  readonly #memoryBytes: number;
  /** Those whose slots were used again before their ends were read. */
  readonly #endless: OpenTransaction[] = [];
  #from = '0';
  #through: string | null = null;
  /** Of the last position that was told. */
  #order: string;
  #readAt: string | null = null;
  readonly #wentBack: MinerSettings['wentBack'];
  /** By thread, the time of its last commit, by the database's clock. */
  readonly #committedAt = new Map<number, string>();

  constructor({ after, scratch, memoryBytes, follows, wentBack }: MinerSettings) {
    this.#wentBack = wentBack;
    const place = minedPlaceOf(after);
    this.#lineage = after.lineage;
    this.#order = after.order;
    this.#resume = place.resume;
    this.#memoryBytes = memoryBytes;
    this.#told = new CommitsTold(place);
    this.#merge = new CommitMerge(this.#told.scns);
    this.#buffer = new TransactionBuffer(scratch, memoryBytes);
    this.#tables = new MinedTables(follows);
    for (const thread of Object.keys(place.resume.threads)) this.#cursor(Number(thread));
  }

  /** What keeps the log from being dropped: the transaction that is open for longest. */
  get oldest(): OldestTransaction | null {
    const { oldest } = this.#buffer;
    if (oldest === null) return null;
    return { key: oldest.key, scn: oldest.scn, since: oldest.since, changes: oldest.records.count };
  }

  /** Time of the last row, by the database's clock; null: none was read. */
  get readAt(): string | null {
    return this.#readAt;
  }

  /** What open transactions take. */
  get size(): { readonly memory: number; readonly disk: number } {
    return { memory: this.#buffer.memory, disk: this.#buffer.files.wantedBytes };
  }

  /**
   * `threads`: the open ones, which may bring more commits. `from`: no row below this SCN will be given. `through`: none beyond this one, though
   * there may be some; null: the round ends with the log that it reads.
   * @throws PenstockError PS2010 where a round before was cut off so that nobody knows what it gave
   */
  beginRound({ threads, from, through }: Omit<Extract<MiningStep, { readonly tag: 'begin' }>, 'tag'>): void {
    this.#rows.restart();
    this.#merge.setOpen(threads);
    this.#from = from;
    this.#through = through;
    for (const [thread, cursor] of this.#cursors) {
      if (cursor.beginRound(from, through)) continue;
      throw new PenstockError(
        'PS2010',
        `it is not known what was read of redo thread ${thread}, whose rows were not in order; reading begins again at the last position`,
      );
    }
  }

  /** @throws PenstockError PS2006 for a gap in the log, PS2008 for rows that cannot be */
  take(rows: readonly MinedRow[]): void {
    for (const piece of rows) {
      const row = this.#rows.add(piece);
      if (row === null) continue;
      const cursor = this.#cursor(row.thread);
      if (cursor.hold(row)) continue;
      for (const held of cursor.release(row)) this.#apply(held);
      const isNew = cursor.take(row);
      this.#merge.saw(row.thread, row.scn);
      if (isNew) this.#apply(row);
    }
  }

  /** All that a thread's log holds up to an SCN was given. */
  readThrough(thread: number, scn: string): void {
    this.#merge.readThrough(thread, scn);
  }

  /** `through`: up to which SCN all of each open thread was given. `lastLogs`: see {@link MiningStep}. */
  endRound(through: ReadonlyMap<number, string>, lastLogs: ReadonlyMap<number, number> = new Map()): void {
    this.#rows.restart();
    for (const [thread, cursor] of this.#cursors) {
      for (const held of cursor.releaseAtEnd(lastLogs.get(thread) ?? null)) this.#apply(held);
      cursor.endRound();
    }
    for (const [thread, scn] of through) this.readThrough(thread, scn);
  }

  /** Keeps memory within its bound. @throws PenstockError PS3003; PS2008 for a transaction whose end is missing */
  async settle(): Promise<void> {
    for (const transaction of this.#endless.splice(0)) await this.#endWithoutEnd(transaction);
    await this.#buffer.settle();
  }

  /** What can be told now: whole transactions, and where nothing is left to be told a position up to where all was read. */
  async *events(): AsyncGenerator<readonly MinedEvent[]> {
    for (let commit = this.#merge.next(); commit !== null; commit = this.#merge.next()) yield* this.#tell(commit);
    const reached = behindScn(this.#merge.reached);
    if (reached <= this.#order) return;
    this.#order = reached;
    yield [{ tag: 'heartbeat', position: this.#position(), timestamp: this.#readAt }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#buffer[Symbol.asyncDispose]();
  }

  #apply(row: MinedRow): void {
    if (row.operation === OPERATION.missingScn) {
      throw new PenstockError(
        'PS2006',
        `redo is missing at SCN ${row.scn} of thread ${row.thread}: LogMiner found a gap`,
      );
    }
    this.#readAt = row.timestamp;
    if (isNoTransaction(row)) return;
    const isWhole = !isPartial(row);
    const transaction = isWhole ? this.#buffer.openOne(transactionKey(row)) : this.#buffer.openAt(slotOf(row));
    switch (row.operation) {
      case OPERATION.start:
        if (!isWhole) return;
        if (transaction !== null) this.#buffer.finish(transaction);
        this.#begin(row);
        return;
      case OPERATION.commit:
        this.#committed(row);
        if (transaction !== null) this.#commit(transaction, row);
        return;
      case OPERATION.rollback:
        if (transaction !== null) this.#buffer.finish(transaction);
        return;
      default: {
        if (transaction === null && !isWhole) return;
        let open = transaction;
        for (const about of concerned(row)) {
          const table = this.#tables.number(about);
          const record = table === null ? null : recordOf(about, table);
          if (record !== null) this.#buffer.add((open ??= this.#begin(row)), record);
        }
      }
    }
  }

  #committed({ thread, scn, timestamp }: MinedRow): void {
    const before = this.#committedAt.get(thread);
    if (before !== undefined && timestamp < before) this.#wentBack?.(before, { shown: timestamp, scn });
    this.#committedAt.set(thread, timestamp);
  }

  #begin(row: MinedRow): OpenTransaction {
    const { scn, timestamp } = row;
    const slot = slotOf(row);
    const earlier = this.#buffer.openAt(slot);
    if (earlier !== null) {
      this.#buffer.close(earlier);
      this.#endless.push(earlier);
    }
    return this.#buffer.begin({
      ...{ key: transactionKey(row), slot, scn, since: timestamp },
      places: () => this.#places(),
    });
  }

  /** A slot is used again only when its transaction has ended. One of which everything was taken back may have ended without a row of its own. */
  async #endWithoutEnd(transaction: OpenTransaction): Promise<void> {
    const { key, scn, records } = transaction;
    if (!(await isTakenBack(records, this.#buffer.files, UNDO_SHARE * this.#memoryBytes))) {
      throw new PenstockError(
        'PS2008',
        `the end of transaction ${key}, which began at SCN ${scn}, is not in the redo log`,
      );
    }
    this.#buffer.finish(transaction);
  }

  #commit(transaction: OpenTransaction, { thread, rsId, ssn, scn, timestamp }: MinedRow): void {
    const address = isNowhere(rsId) ? this.#cursor(thread).reached : { rsId, ssn };
    const commit = { transaction, thread, address, scn, timestamp };
    if (transaction.records.count === 0 || this.#told.isBefore(commit)) {
      this.#buffer.finish(transaction);
      return;
    }
    this.#buffer.close(transaction);
    this.#merge.add(commit);
  }

  async *#tell(commit: ReadCommit): AsyncGenerator<readonly MinedEvent[]> {
    const { transaction, scn, timestamp } = commit;
    const own = commitOrder({ ...commit, key: transaction.key });
    const order = own > this.#order ? own : lateOrder(this.#order);
    const about = { key: transaction.key, scn, timestamp, order };
    let hasBegun = false;
    for await (const events of transactionEvents(
      transaction.records,
      this.#buffer.files,
      this.#tables,
      UNDO_SHARE * this.#memoryBytes,
    )) {
      yield hasBegun ? events : [{ tag: 'begin', ...about }, ...events];
      hasBegun = true;
    }
    this.#buffer.finish(transaction);
    this.#told.tell(commit);
    // Its changes were all taken back.
    if (!hasBegun) return;
    this.#order = behindCommit(order);
    yield [{ tag: 'commit', position: this.#position(), scn, timestamp }];
    await this.#buffer.settle();
  }

  #position(): SourcePosition {
    const { oldest, leastScn } = this.#buffer;
    const threads = oldest?.places ?? this.#places();
    const scn = this.#isPlaced(threads) ? this.#neededScn(leastScn) : this.#resume.scn;
    return minedPosition(this.#lineage, this.#order, { resume: { scn, threads }, ...this.#told.kept(scn) });
  }

  /** A thread that was opened since the last round was planned may have written behind its end, and is not known yet. */
  #neededScn(leastOpen: string | null): string {
    const reached = laterScn(this.#resume.scn, this.#merge.reached);
    return leastOpen === null ? reached : earlierScn(reached, leastOpen);
  }

  /** Of a thread without a place only an SCN says where to begin, and what surfaces late may have any since reading began. */
  #isPlaced(threads: ThreadPlaces): boolean {
    return this.#merge.open.every((thread) => threads[thread.toString()] !== undefined);
  }

  /** Where every thread stands now: what is read from there on is all that a transaction has that begins now. */
  #places(): ThreadPlaces {
    const places: Record<string, readonly ReadPart[]> = {};
    for (const [thread, { read }] of this.#cursors) if (read.length > 0) places[thread.toString()] = read;
    return places;
  }

  #cursor(thread: number): ThreadCursor {
    let cursor = this.#cursors.get(thread);
    if (cursor === undefined) {
      cursor = new ThreadCursor(this.#resume.threads[thread.toString()] ?? [], this.#resume.scn);
      cursor.beginRound(this.#from, this.#through);
      this.#cursors.set(thread, cursor);
    }
    return cursor;
  }
}
