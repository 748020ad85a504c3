import type {
  CollectedReplay,
  CopyRun,
  LedgerMarks,
  MergeResult,
  MergeStep,
  RepairStep,
  ReplayEnd,
  ReplayStart,
  ReplayStep,
} from '../../../core/destinations/destination.ts';
import type { TargetTable } from '../../../core/destinations/target-table.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import { Copies } from './copies.ts';
import { repairedRows } from './repair-rows.ts';
import { Replays } from './replays.ts';
import { applyPart, parseLines, type PartLine, type TargetRow, type TargetRows } from './target-rows.ts';

/** A table of the destination: the columns that it has by now, and its rows. */
export interface StoredTable {
  columns: string[];
  rows: TargetRows;
}

/** Called after every commit, when its effect is visible. */
export interface CommitWatcher {
  committed(step: MergeStep): void;
  /** A copy has taken the table's place. */
  copied(table: string): void;
  repaired(step: RepairStep): void;
  /** `from`: the first extract that was applied again. */
  replayed(table: string, from: number): void;
  /** A replay is about to be given up. */
  replayDropped(table: string): void;
}

/** The destination database: tables and the ledger, changed together. */
export class DestinationServer {
  readonly tables = new Map<string, StoredTable>();
  readonly #violation: (what: string) => void;
  readonly #watcher: CommitWatcher;
  readonly #marks = new Map<string, number>();
  readonly #copies = new Copies();
  readonly #replays = new Replays();
  /** By table id, the extract that its last copy was finished at; null: it is not finished. */
  readonly #copied = new Map<string, number | null>();
  /** Loses or changes lines on their way into a table, as a loader with a fault does; null: all is well. */
  spoil: ((table: string, lines: PartLine[]) => PartLine[]) | null = null;
  #applied: number | null = null;
  #epoch = 0;

  constructor(violation: (what: string) => void, watcher: CommitWatcher) {
    this.#violation = violation;
    this.#watcher = watcher;
  }

  /** @throws PenstockError PS4006 */
  takeLedger(epoch: number): void {
    this.#fence(epoch);
    this.#epoch = epoch;
  }

  ledger(): LedgerMarks {
    return {
      applied: this.#applied,
      epoch: this.#epoch,
      tables: new Map(this.#marks),
      copies: new Map(this.#copied),
      replays: this.#replays.marks(),
      rebuilds: new Set(),
    };
  }

  /** The extract up to which a table's rows go. */
  markOf(table: string): number {
    return this.#marks.get(table) ?? this.#applied ?? 0;
  }

  createTable(target: TargetTable): void {
    const id = tableId(target.schema.table);
    if (this.tables.has(id)) return;
    this.tables.set(id, { columns: target.columns.map(({ name }) => name), rows: emptyRows(target) });
  }

  /** A table that was copied when the pipeline stood at extract `applied`. */
  setMark(table: string, applied: number): void {
    this.#marks.set(table, applied);
  }

  addColumn(target: TargetTable, name: string): void {
    const stored = this.#table(target);
    if (stored.columns.includes(name)) return;
    const column = target.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new Error(`no column ${name} to be added`);
    stored.columns.push(name);
    stored.rows = withColumn(stored.rows, { [name]: column.backfill });
  }

  beginCopy(run: CopyRun): void {
    this.#fence(run.epoch);
    if (!this.#copies.begin(run)) return;
    const table = tableId(run.target.schema.table);
    this.#copied.set(table, null);
    this.#replays.forget(table);
  }

  copyChunk(run: CopyRun, index: number, rows: number, bytes: Buffer): boolean {
    if (run.isBeside !== true) this.#fence(run.epoch);
    return this.#copies.load(run, index, rows, bytes);
  }

  finishCopy(run: CopyRun, applied: number): void {
    this.#fence(run.epoch);
    const rows = this.#copies.finish(run);
    if (rows === null) return;
    const id = tableId(run.target.schema.table);
    this.tables.set(id, { columns: run.target.columns.map(({ name }) => name), rows });
    this.#marks.set(id, applied);
    this.#copied.set(id, applied);
    this.#replays.forget(id);
    this.#watcher.copied(id);
  }

  /** The transaction of {@link Destination.repair}. @throws PenstockError PS4006, PS4011 */
  repair(step: RepairStep, bytes: Buffer): void {
    this.#fence(step.epoch);
    this.checkRepair(step);
    this.putRepaired(step, bytes);
  }

  /** @throws PenstockError PS4011 */
  checkRepair({ target, applied }: RepairStep): void {
    const table = tableId(target.schema.table);
    const isBusy = this.#copied.get(table) === null || this.#replays.marks().has(table);
    if (!isBusy && this.markOf(table) === applied) return;
    throw new PenstockError('PS4011', `${table} stands at ${this.markOf(table)}, not at ${applied}`, { table });
  }

  putRepaired(step: RepairStep, bytes: Buffer): void {
    const stored = this.#table(step.target);
    stored.rows = repairedRows(stored.rows, step, bytes);
    this.#watcher.repaired(step);
  }

  beginReplays({ epoch, tables }: ReplayStart): void {
    this.#fence(epoch);
    this.checkReplays(tables);
    this.putReplays(tables);
  }

  /** @throws PenstockError PS4010 */
  checkReplays(tables: ReplayStart['tables']): void {
    for (const { table, upTo } of tables)
      if (this.markOf(table) !== upTo) throw new PenstockError('PS4010', `${table} stands at ${this.markOf(table)}`);
  }

  putReplays(tables: ReplayStart['tables']): void {
    for (const { table, from, upTo } of tables) {
      this.#marks.set(table, upTo);
      this.#replays.begin(table, from);
    }
  }

  /** The transaction of {@link Destination.replay}. `bytes`: the lines of each part. */
  replay({ epoch, extract, next, target, parts }: ReplayStep, bytes: readonly Buffer[]): void {
    this.#fence(epoch);
    const stored = this.#table(target);
    const read = parts.map((part, index) => ({ part, lines: parseLines(part, bytes[index] ?? Buffer.alloc(0)) }));
    const table = tableId(target.schema.table);
    stored.rows = this.#replays.collect({ table, target, extract, next, parts: read }, stored.rows) ?? stored.rows;
  }

  finishReplay(end: CollectedReplay): void {
    this.#fence(end.epoch);
    const { target } = end;
    const stored = this.#table(target);
    const table = tableId(target.schema.table);
    const { rows, from } = this.#replays.finish(table, end, stored.rows);
    stored.rows = rows;
    this.#watcher.replayed(table, from);
  }

  dropReplay({ epoch, target }: ReplayEnd): void {
    this.#fence(epoch);
    const table = tableId(target.schema.table);
    this.#watcher.replayDropped(table);
    this.#replays.forget(table);
  }

  /** What a reader of a table sees. @throws PenstockError PS4008 */
  rowsOf(target: TargetTable): TargetRows {
    return this.#table(target).rows;
  }

  /** The transaction of {@link Destination.merge}: all of it at one moment. `bytes`: the lines of each part. */
  merge(step: MergeStep, bytes: readonly Buffer[]): MergeResult {
    this.checkLedger(step);
    const changed = this.changedTables(step, bytes);
    this.applyRows(changed);
    this.applyMarks(step);
    return { tables: new Map([...changed.keys()].map((table) => [table, { inserts: 0, updates: 0, deletes: 0 }])) };
  }

  /** @throws PenstockError PS4006, PS4011 */
  checkLedger(step: MergeStep): void {
    this.#fence(step.epoch);
    if (step.pipelineMark !== null && step.pipelineMark.from !== this.#applied) {
      throw new PenstockError('PS4011', `the ledger stands at ${this.#applied ?? 'nothing'}`);
    }
    for (const part of step.parts) {
      const table = tableId(part.target.schema.table);
      if (this.markOf(table) !== step.extract - 1) {
        throw new PenstockError('PS4011', `${table} stands at ${this.markOf(table)}, not before ${step.extract}`);
      }
    }
  }

  /** What the rows become. @throws PenstockError PS4007 */
  changedTables(step: MergeStep, bytes: readonly Buffer[]): Map<string, TargetRows> {
    const changed = new Map<string, TargetRows>();
    step.parts.forEach((part, index) => {
      const table = tableId(part.target.schema.table);
      const stored = this.#table(part.target);
      const unknown = part.columns.filter((column) => column !== null && !stored.columns.includes(column));
      if (unknown.length > 0) throw new PenstockError('PS4008', `${table} has no column ${unknown.join(', ')}`);
      const lines = parseLines(part, bytes[index] ?? Buffer.alloc(0));
      if (lines.length !== part.rows) this.#violation(`a part of ${table} has ${lines.length} lines, not ${part.rows}`);
      const loaded = this.spoil?.(table, lines) ?? lines;
      changed.set(table, applyPart(changed.get(table) ?? stored.rows, part, loaded, this.#violation));
    });
    return changed;
  }

  applyRows(changed: ReadonlyMap<string, TargetRows>): void {
    for (const [table, rows] of changed) {
      const stored = this.tables.get(table);
      if (stored !== undefined) stored.rows = rows;
    }
  }

  applyMarks(step: MergeStep): void {
    if (step.pipelineMark !== null) {
      if (step.extract <= (this.#applied ?? 0)) this.#violation(`the ledger went back to ${step.extract}`);
      this.#applied = step.extract;
    }
    for (const { table, applied } of step.tableMarks) {
      if (applied === null) this.#marks.delete(table);
      else this.#marks.set(table, applied);
    }
    this.#watcher.committed(step);
  }

  #fence(epoch: number): void {
    if (epoch < this.#epoch) throw new PenstockError('PS4006', `epoch ${epoch}, but ${this.#epoch} owns the ledger`);
  }

  #table(target: TargetTable): StoredTable {
    const stored = this.tables.get(tableId(target.schema.table));
    if (stored === undefined) throw new PenstockError('PS4008', `table ${target.name} does not exist`);
    return stored;
  }
}

function emptyRows(target: TargetTable): TargetRows {
  if (target.keeping.tag === 'history') return { tag: 'history', versions: [] };
  return target.schema.identity.tag === 'row' ? { tag: 'row', rows: new Map() } : { tag: 'mirror', rows: new Map() };
}

function withColumn(rows: TargetRows, added: TargetRow): TargetRows {
  switch (rows.tag) {
    case 'mirror':
      return { tag: 'mirror', rows: new Map([...rows.rows].map(([key, row]) => [key, { ...row, ...added }])) };
    case 'row':
      return {
        tag: 'row',
        rows: new Map([...rows.rows].map(([key, { row, copies }]) => [key, { row: { ...row, ...added }, copies }])),
      };
    case 'history':
      return {
        tag: 'history',
        versions: rows.versions.map((version) => ({ ...version, row: { ...version.row, ...added } })),
      };
  }
}
