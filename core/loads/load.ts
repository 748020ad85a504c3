import type { ExtractRecord, TableRecord } from '../catalog/records.ts';
import type { LedgerMarks, MergePart, MergeResult, MergeStep } from '../destinations/destination.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { reportQuarantined } from '../events/report-quarantined.ts';
import { readPieces, type ExtractPiece } from '../extracts/read-piece.ts';
import { tableId } from '../changes/table-name.ts';
import type { LoadContext } from './load-context.ts';
import { endRebuilds } from './end-rebuilds.ts';
import { LoadReport, type AppliedExtract } from './load-report.ts';
import { openParts } from './open-parts.ts';
import { changedSettings } from './changed-settings.ts';
import { marksAfter, planCatchUps, planExtract, sameMarks, type TableStanding } from './plan.ts';
import { replayTables } from './replay-tables.ts';
import { SeenTables } from './seen-tables.ts';
import { TableStops } from './table-stops.ts';

/** Extract records read at once. */
const PAGE = 50;
const NOTHING_APPLIED: AppliedExtract = { merged: { tables: new Map() }, pieces: [], included: new Set() };

/**
 * Applies visible extracts to the destination, in order, each once. The ledger at the destination says where to go on;
 * it is read when a loader starts and again after every failure, never assumed.
 */
export class Loader {
  readonly #context: LoadContext;
  readonly #stops: TableStops;
  readonly #report: LoadReport;
  #marks: LedgerMarks | null = null;
  readonly #seen: SeenTables;
  #tables: Map<string, TableRecord> | null = null;
  /** When the tables' records were read, in milliseconds. */
  #tablesReadAt = 0;
  #isUnfinished = false;

  /** `seen`: what the loader before it left in this process; for who makes a loader for each load. */
  constructor(context: LoadContext, seen = new SeenTables()) {
    this.#context = context;
    this.#seen = seen;
    this.#stops = new TableStops(context);
    this.#report = new LoadReport(context, seen.numbers);
  }

  /**
   * Loads what is visible now, or stops between two extracts when `isEnough` says so; @returns the number of extracts.
   * After an error call it again: it begins with the ledger.
   * @throws PenstockError PS4006 when another loader took over, PS4011 when ledger and catalog contradict each other
   */
  async loadAvailable(isEnough: () => boolean = () => false): Promise<number> {
    try {
      const loaded = await this.#loadAvailable(isEnough);
      if (this.#tables !== null) this.#seen.leave(this.#context.lease.epoch, this.#tablesReadAt, this.#tables);
      return loaded;
    } catch (error) {
      const known = this.#marks;
      this.#marks = null;
      this.#tables = null;
      throw await this.#unlessOvertaken(error, known);
    }
  }

  /** Whether the last call stopped before tables that are behind the others, or are replayed, had caught up. */
  get isUnfinished(): boolean {
    return this.#isUnfinished;
  }

  async #loadAvailable(isEnough: () => boolean): Promise<number> {
    this.#marks ??= await this.#readLedger();
    this.#tables ??= await this.#readTables();
    await this.#endRebuilds();
    this.#isUnfinished = !(await this.#replay(isEnough)) || !(await this.#catchUp(isEnough));
    if (this.#isUnfinished) return 0;
    let loaded = 0;
    for (;;) {
      const records = await this.#context.catalog.extractsAfter(this.#marks.applied ?? 0, PAGE);
      for (const record of records) {
        this.#context.signal.throwIfAborted();
        if (isEnough()) return loaded;
        await this.#loadExtract(record);
        loaded++;
      }
      if (records.length < PAGE) return loaded;
    }
  }

  async #readTables(): Promise<Map<string, TableRecord>> {
    const { catalog, host, lease } = this.#context;
    const seen = this.#seen.take(lease.epoch, host.clock.now());
    this.#tablesReadAt = seen?.readAt ?? host.clock.now();
    if (seen !== null) return seen.tables;
    const tables = await catalog.tables();
    return new Map(
      await Promise.all(tables.map(async (record) => [record.table, await this.#guarded(record)] as const)),
    );
  }

  /** A table whose settings are not those that it was copied with is stopped before anything is loaded into it. */
  async #guarded(record: TableRecord): Promise<TableRecord> {
    const { catalog, host, lease, settingsOfCopy } = this.#context;
    const { table, state, schema, copied } = record;
    const now = settingsOfCopy(table);
    if (now === null || schema === null || (state.tag !== 'following' && state.tag !== 'stopped')) return record;
    const update = (changes: Partial<TableRecord>): Promise<TableRecord> =>
      catalog.updateTable(table, lease, (before) => ({ ...(before ?? record), ...changes }));
    // Copied by a version that did not write them down.
    if (copied === null) return update({ copied: now });
    const changed = changedSettings(table, copied, now);
    if (changed !== null) return state.tag === 'stopped' ? record : this.#stops.stop(table, changed, null);
    if (state.tag !== 'stopped' || state.code !== 'PS1013') return record;
    host.log.info('the settings are those of the copy again: the table loads on', { table });
    return update({ state: { tag: 'following' } });
  }

  async #readLedger(): Promise<LedgerMarks> {
    const { catalog, destination, lease, pipeline, signal } = this.#context;
    // In this order: whatever was reported as loaded by now stands in a ledger that is read afterwards.
    const loaded = await catalog.loaded();
    await destination.takeLedger(pipeline, lease.epoch, signal);
    const marks = await destination.ledger(pipeline, signal);
    const head = await catalog.head();
    const applied = marks.applied ?? 0;
    if (applied > head.lastExtract || applied < loaded) {
      throw new PenstockError(
        'PS4011',
        `the destination's ledger of ${pipeline} stands at extract ${applied}; the catalog has ${head.lastExtract} and saw ${loaded} loaded`,
      );
    }
    if (applied > loaded) await this.#report.recovered(applied, loaded, marks);
    return marks;
  }

  async #endRebuilds(): Promise<void> {
    const marks = this.#known();
    if (marks.rebuilds.size === 0) return;
    const ended = await endRebuilds(this.#context, marks, (table) => this.#tables?.get(table) ?? null);
    for (const record of ended) this.#replace(record);
    this.#marks = { ...marks, rebuilds: new Set() };
  }

  /** What was rolled back is made good before anything else. @returns false where it was enough before */
  async #replay(isEnough: () => boolean): Promise<boolean> {
    const marks = this.#known();
    if (marks.replays.size === 0) return true;
    const isDone = await replayTables(this.#context, marks, {
      isEnough,
      recordOf: (table) => this.#tables?.get(table) ?? null,
      stop: async (table, error, extract) => {
        this.#replace(await this.#stops.stop(table, error, extract));
      },
    });
    if (isDone) await this.#context.catalog.replays.end(this.#context.lease);
    this.#marks = isDone ? { ...marks, replays: new Map() } : null;
    return isDone;
  }

  /** @returns false where it was enough before */
  async #catchUp(isEnough: () => boolean): Promise<boolean> {
    for (const { table, from, to } of planCatchUps(this.#known(), this.#standings())) {
      for (let number = from + 1; number <= to && this.#standing(table) === 'following'; number++) {
        if (isEnough()) return false;
        const [record] = await this.#context.catalog.extractsAfter(number - 1, 1);
        if (record === undefined)
          throw new PenstockError('PS3001', `extract ${number} is needed by ${table} and is not listed`);
        const tableMarks = [{ table, applied: number === to ? null : number }];
        await this.#applyOrStop(record, new Set([table]), (parts) => [this.#step(number, null, tableMarks, parts)]);
      }
    }
    return true;
  }

  async #loadExtract(record: ExtractRecord): Promise<void> {
    const { host, consistency } = this.#context;
    const startedAt = host.clock.timestamp();
    const applied = await this.#applyOrStop(record, null, (parts) =>
      consistency === 'extract' ? [this.#wholeStep(parts)] : this.#stepsByTable(parts),
    );
    await host.failpoint('load.after-commit');
    await this.#report.loaded(record, applied, startedAt, (table) => this.#standing(table) === 'stopped');
  }

  /**
   * Applies an extract. A table whose rows cannot be applied is stopped, and the extract is applied again without it:
   * one bad row does not hold up the other tables.
   */
  async #applyOrStop(
    record: ExtractRecord,
    only: ReadonlySet<string> | null,
    stepsOf: (parts: readonly MergePart[]) => MergeStep[],
  ): Promise<AppliedExtract> {
    for (;;) {
      try {
        const included = only ?? planExtract(this.#known(), this.#standings()).include;
        const pieces = await readPieces(this.#context.host, record, this.#context.signal);
        const merged = await this.#merge(stepsOf(await this.#openParts(pieces, included)));
        return { merged, pieces, included };
      } catch (error) {
        if (!hasCode(error, 'PS4004', 'PS4005', 'PS4007', 'PS4012', 'PS1001') || error.table === null) throw error;
        this.#replace(await this.#stops.stop(error.table, error, record));
        if (only !== null) return NOTHING_APPLIED;
      }
    }
  }

  async #openParts(pieces: readonly ExtractPiece[], include: ReadonlySet<string>): Promise<MergePart[]> {
    return openParts(this.#context, pieces, include, {
      recordOf: (table) => this.#tables?.get(table) ?? null,
      onStructure: (changed) => this.#replace(changed),
    });
  }

  async #merge(steps: readonly MergeStep[]): Promise<MergeResult> {
    const tables = new Map<string, { inserts: number; updates: number; deletes: number }>();
    for (const step of steps) {
      const result = await this.#mergeStep(step);
      const marks = this.#known();
      this.#marks = marksAfter(marks, step.pipelineMark === null ? marks.applied : step.extract, step.tableMarks);
      for (const [table, counts] of result.tables) tables.set(table, counts);
      for (const { target, misfits } of step.parts)
        reportQuarantined(this.#context.host, step.pipeline, tableId(target.schema.table), misfits);
    }
    return { tables };
  }

  /** A commit that was given up for lost may arrive after the ledger was read: then the ledger has moved, and contradicts nothing. */
  async #mergeStep(step: MergeStep): Promise<MergeResult> {
    const { destination, pipeline, signal } = this.#context;
    try {
      return await destination.merge(step, signal);
    } catch (error) {
      if (!hasCode(error, 'PS4011')) throw error;
      const marks = await destination.ledger(pipeline, signal);
      if (sameMarks(marks, this.#known())) throw error;
      throw new PenstockError('PS4010', `the ledger of ${pipeline} moved before extract ${step.extract} was loaded`, {
        cause: error,
      });
    }
  }

  /** Extracts may be gone for a loader that slept while another one loaded them: they are not missing, it is the one that is late. */
  async #unlessOvertaken(error: unknown, known: LedgerMarks | null): Promise<unknown> {
    if (known === null || !hasCode(error, 'PS3001')) return error;
    const { destination, lease, pipeline, signal } = this.#context;
    const marks = await destination.ledger(pipeline, signal);
    if (marks.epoch > lease.epoch) {
      const what = `loader of ${pipeline} has epoch ${lease.epoch}, but epoch ${marks.epoch} is at work`;
      return new PenstockError('PS4006', what, { cause: error });
    }
    if (sameMarks(marks, known)) return error;
    return new PenstockError('PS4010', `the ledger of ${pipeline} moved meanwhile`, { cause: error });
  }

  #wholeStep(parts: readonly MergePart[]): MergeStep {
    const plan = planExtract(this.#known(), this.#standings());
    return this.#step(plan.extract, { from: this.#known().applied }, plan.tableMarks, parts);
  }

  /** `consistency: table`: each table by itself with a mark of its own, then the pipeline's mark takes them over. */
  #stepsByTable(parts: readonly MergePart[]): MergeStep[] {
    const plan = planExtract(this.#known(), this.#standings());
    const tables = Map.groupBy(parts, (part) => tableId(part.target.schema.table));
    const steps = [...tables].map(([table, own]) =>
      this.#step(plan.extract, null, [{ table, applied: plan.extract }], own),
    );
    const others = plan.tableMarks.filter((mark) => !tables.has(mark.table));
    const joining = [...tables.keys()].map((table) => ({ table, applied: null }));
    return [...steps, this.#step(plan.extract, { from: this.#known().applied }, [...others, ...joining], [])];
  }

  #step(
    extract: number,
    pipelineMark: MergeStep['pipelineMark'],
    tableMarks: MergeStep['tableMarks'],
    parts: readonly MergePart[],
  ): MergeStep {
    const { pipeline, lease } = this.#context;
    return { pipeline, epoch: lease.epoch, extract, pipelineMark, tableMarks, parts };
  }

  #known(): LedgerMarks {
    if (this.#marks === null) throw new PenstockError('PS9001', 'the ledger was not read');
    return this.#marks;
  }

  #standings(): TableStanding[] {
    return [...(this.#tables?.keys() ?? [])].map((table) => ({ table, state: this.#standing(table) }));
  }

  #standing(table: string): TableStanding['state'] {
    const tag = this.#tables?.get(table)?.state.tag;
    return tag === 'following' || tag === 'stopped' ? tag : 'waiting';
  }

  #replace(record: TableRecord): void {
    this.#tables?.set(record.table, record);
  }
}
