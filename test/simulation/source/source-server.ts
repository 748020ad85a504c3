import type { SourcePosition } from '../../../core/changes/position.ts';
import { timestampFromMicroseconds, type Timestamp } from '../../../core/changes/timestamp.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import type { Column, TableSchema } from '../../../core/changes/table-schema.ts';
import {
  orderText,
  schemaOf,
  SOURCE_TABLES,
  type FullRow,
  type LoggedTransaction,
  type SourceTable,
} from './source-tables.ts';
import { TableTruth } from './table-truth.ts';
import type { Random } from '../random.ts';

/** A table as it stands at the source now. */
export interface CurrentTable {
  readonly table: SourceTable;
  columns: readonly Column[];
  schema: TableSchema;
  rows: FullRow[];
}

/** The rows as they were at one moment. */
export interface SnapshotView {
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
  rowsOf(table: string): readonly FullRow[];
  backfillOf(table: string, column: number): string | null;
  /** By table, the structure that it shows. */
  readonly fingerprints: ReadonlyMap<string, string>;
  /** Asked for each row: whether what it was is not known any more. */
  readonly isGone: () => boolean;
}

/** The right to read the log; one at a time, as with a replication slot. */
export interface LogReader {
  readonly owner: string;
}

/** Chance that a snapshot can be shown once more; and that a row of it cannot be read any more. */
const KEPT = 0.8;
const ROW_GONE = 0.003;

/** The source database: rows, a log that is kept only as far as it was not acknowledged, one reader at a time. */
export class SourceServer {
  readonly tables: readonly CurrentTable[];
  readonly #truths = new Map<string, TableTruth>();
  readonly #waiting = new Set<() => void>();
  readonly #snapshots = new Map<string, SnapshotView>();
  #lastSnapshot = 0n;
  #lineage = 'simulated/1';
  /** Whether what was acknowledged stays, as with a binlog, for who wants to read it once more. */
  keepsLog = false;
  /** Draws whether a snapshot can be shown once more; null: none ever can. */
  snapshots: Random | null = null;
  #log: LoggedTransaction[] = [];
  #lastOrder = 0x100;
  #retainedFrom = orderText(0x100);
  #reader: LogReader | null = null;

  constructor() {
    this.tables = SOURCE_TABLES.map((table) => ({
      table,
      columns: table.columns,
      schema: schemaOf(table, table.columns),
      rows: [],
    }));
    for (const { table, columns } of this.tables) {
      this.#truths.set(`shop.${table.name}`, new TableTruth(columns, this.#retainedFrom));
    }
  }

  get lineage(): string {
    return this.#lineage;
  }

  get failedOver(): boolean {
    return this.#lineage !== 'simulated/1';
  }

  get position(): SourcePosition {
    return this.positionAt(orderText(this.#lastOrder));
  }

  positionAt(order: string): SourcePosition {
    return { lineage: this.#lineage, order, resume: order };
  }

  /** What the destination has to hold of a table; of the first lineage only. */
  truth(table: string): TableTruth {
    const found = this.#truths.get(table);
    if (found === undefined) throw new Error(`no table ${table}`);
    return found;
  }

  /** The next transaction's commit and end, `gap` and `gap` again behind the last one. */
  nextOrders(gap: number): { commit: string; end: string } {
    this.#lastOrder += gap;
    const commit = orderText(this.#lastOrder);
    this.#lastOrder += gap;
    return { commit, end: orderText(this.#lastOrder) };
  }

  append(transaction: LoggedTransaction): void {
    this.#log.push(transaction);
    this.wake();
  }

  /** Other databases of the server write into the same log. */
  writeUnrelated(bytes: number): void {
    this.#lastOrder += bytes;
  }

  /** Another server takes over, without the last `lost` transactions: a log of its own from here on. */
  failOver(lost: number): void {
    this.#lineage = 'simulated/2';
    this.#log = this.#log.slice(0, Math.max(0, this.#log.length - lost));
    this.#lastOrder = Number.parseInt(this.#log.at(-1)?.end ?? this.#retainedFrom, 16);
    this.#reader = null;
    this.wake();
  }

  /** @throws PenstockError PS2001, PS2006 */
  prepare(known: SourcePosition | null): SourcePosition {
    if (known === null) return this.position;
    this.checkReach(known);
    return known;
  }

  /** @throws PenstockError PS2001, PS2006, PS2007 */
  open(after: SourcePosition, owner: string): LogReader {
    if (this.#reader !== null) throw new PenstockError('PS2007', `the log is read by ${this.#reader.owner}`);
    this.checkReach(after);
    this.#reader = { owner };
    return this.#reader;
  }

  isReader(reader: LogReader): boolean {
    return this.#reader === reader;
  }

  release(reader: LogReader): void {
    if (this.#reader !== reader) return;
    this.#reader = null;
    this.wake();
  }

  releaseOwner(owner: string): void {
    if (this.#reader?.owner === owner) this.release(this.#reader);
  }

  /** Forgets the log up to `order`, for good. */
  acknowledge(reader: LogReader, order: string): void {
    if (this.keepsLog || this.#reader !== reader || order <= this.#retainedFrom) return;
    this.#retainedFrom = order;
  }

  get retainedFrom(): string {
    return this.#retainedFrom;
  }

  /** Every snapshot has a place and a time of its own, by which the oracle knows it again. */
  openSnapshot(microseconds: bigint): SnapshotView {
    const rows = new Map(this.tables.map((table) => [table.table.name, table.rows]));
    this.#lastSnapshot = microseconds > this.#lastSnapshot ? microseconds : this.#lastSnapshot + 1n;
    this.#lastOrder += 1;
    const { position } = this;
    const takenAt = timestampFromMicroseconds(this.#lastSnapshot);
    let isGone = false;
    const view: SnapshotView = {
      position,
      takenAt,
      rowsOf: (table) => rows.get(table) ?? [],
      backfillOf: (table, column) =>
        this.tables.find((candidate) => candidate.table.name === table)?.columns[column]?.backfill ?? null,
      fingerprints: new Map(this.tables.map(({ table, schema }) => [table.name, schema.fingerprint])),
      isGone: () => (isGone ||= this.snapshots?.chance(ROW_GONE) ?? false),
    };
    this.#snapshots.set(position.order, view);
    return view;
  }

  /** Null where it is too old, of another lineage, or shows a table in another structure than the present one. */
  reopenSnapshot({ lineage, order }: SourcePosition, tables: readonly string[]): SnapshotView | null {
    const view = this.#snapshots.get(order);
    if (view === undefined || lineage !== this.#lineage || view.position.lineage !== lineage) return null;
    const isSame = (name: string): boolean =>
      this.tables.find(({ table }) => table.name === name)?.schema.fingerprint === view.fingerprints.get(name);
    return tables.every(isSame) && this.snapshots?.chance(KEPT) === true ? view : null;
  }

  /** When the snapshot at a position was taken. */
  snapshotTime(order: string): Timestamp | null {
    return this.#snapshots.get(order)?.takenAt ?? null;
  }

  /** The first transaction that ends after `order`, of those that count. */
  transactionAfter(
    order: string,
    counts: (transaction: LoggedTransaction) => boolean = () => true,
  ): LoggedTransaction | null {
    // Readers are near the end, so the search begins there.
    let found: LoggedTransaction | null = null;
    for (let index = this.#log.length - 1; index >= 0; index--) {
      const transaction = this.#log[index]!;
      if (transaction.end <= order) break;
      if (counts(transaction)) found = transaction;
    }
    return found;
  }

  /** All transactions that end behind `order`, as they were logged. */
  transactionsAfter(order: string): readonly LoggedTransaction[] {
    return this.#log.filter(({ end }) => end > order);
  }

  /** Calls `wake` once, when there is more log or the reader changes. */
  onChange(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** @throws PenstockError PS2001, PS2006 */
  checkReach(position: SourcePosition): void {
    if (position.lineage !== this.#lineage) {
      throw new PenstockError('PS2001', `position of ${position.lineage}, but the log is ${this.#lineage}`);
    }
    if (position.order < this.#retainedFrom) {
      throw new PenstockError('PS2006', `the log begins at ${this.#retainedFrom}, position is ${position.order}`);
    }
  }
}
