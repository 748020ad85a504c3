import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { Host } from '../../host/host.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { DestinationSettings } from '../../pipeline/settings.ts';
import type { ChunkChecksum, Finding, RowDigest } from '../../sources/source-connector.ts';
import type {
  ColumnDrop,
  CollectedReplay,
  CopyChunk,
  CopyRun,
  Destination,
  DestinationColumn,
  KeyFaults,
  LedgerMarks,
  MergeResult,
  MergeStep,
  RepairStep,
  QuarantineAsked,
  QuarantineEntry,
  QuarantineMark,
  Rebuild,
  ReplayEnd,
  ReplayStart,
  ReplayStep,
  RowCounts,
  StructureChange,
  TableOfEpoch,
} from '../destination.ts';
import { OWN_TABLES } from '../target-naming.ts';
import type { TargetTable } from '../target-table.ts';
import { checkDestination } from './check.ts';
import { TableCopy } from './copy.ts';
import { Ledger } from './ledger.ts';
import { mergeStep } from './merge.ts';
import { QuarantineTable } from './quarantine.ts';
import { repairRows } from './repair.ts';
import { dropColumn, endRebuild, keyFaults, rebuildTable, type RebuildContext } from './rebuild.ts';
import { beginReplays, collectReplay, dropReplay, finishReplay, type ReplayContext } from './replay.ts';
import { ReplayLedger } from './replay-ledger.ts';
import { SessionPool } from './session-pool.ts';
import { qualified } from './sql-text.ts';
import { LoadTags, Staging } from './staging.ts';
import { changeStructure, columnsOf, createDatabase, createTarget, unfitRows } from './table-structure.ts';
import { Turns } from './turns.ts';
import { checksumOf, digestsOf, overlappingVersions, rowsOf } from './verify.ts';

/** What the destination needs of its host. */
export interface DestinationContext extends Pick<Host, 'randomness' | 'failpoint'> {
  /** Reads the password anew at every call. @throws PenstockError PS1002 */
  readonly password: () => Promise<string>;
}

/** Connections besides those that load: one merges, one answers questions. */
const SPARE_CONNECTIONS = 2;

/** Opens nothing yet; the first call connects. The caller disposes of it. */
export function connectSingleStore(settings: DestinationSettings, context: DestinationContext): Destination {
  return new SingleStoreDestination(settings, context);
}

class SingleStoreDestination implements Destination {
  readonly #settings: DestinationSettings;
  readonly #context: DestinationContext;
  readonly #pool: SessionPool;
  readonly #ledger: Ledger;
  readonly #staging = new Staging();
  readonly #tags: LoadTags;
  readonly #swaps = new Turns();

  constructor(settings: DestinationSettings, context: DestinationContext) {
    this.#settings = settings;
    this.#context = context;
    this.#pool = new SessionPool(settings, context.password, settings.loadThreads + SPARE_CONNECTIONS);
    // In the targets' database: SingleStore commits no transaction across two.
    this.#ledger = new Ledger(this.#targetDatabase());
    this.#tags = new LoadTags(context.randomness.fraction());
  }

  check(signal: AbortSignal): Promise<Finding[]> {
    return checkDestination(this.#pool, this.#settings, signal);
  }

  async takeLedger(pipeline: string, epoch: number, signal: AbortSignal): Promise<void> {
    await this.#pool.use(signal, async ({ session, dialect }) => {
      for (const database of [this.#targetDatabase(), this.#settings.schemaForStagingTables]) {
        if (database === null || database === this.#settings.database) continue;
        await createDatabase(session, database, signal);
      }
      await this.#ledger.take(session, dialect, pipeline, epoch, signal);
    });
  }

  async ledger(pipeline: string, signal: AbortSignal): Promise<LedgerMarks> {
    return this.#pool.use(signal, ({ session }) => this.#ledger.marks(session, pipeline, signal));
  }

  async merge(step: MergeStep, signal: AbortSignal): Promise<MergeResult> {
    for (const { target } of step.parts) this.#refuseOtherDatabase(target);
    const { loadThreads } = this.#settings;
    const { failpoint } = this.#context;
    const context = {
      pool: this.#pool,
      ledger: this.#ledger,
      staging: this.#staging,
      tags: this.#tags,
      loadThreads,
      failpoint,
    };
    return mergeStep(context, step, signal);
  }

  async describe(target: TargetTable, signal: AbortSignal): Promise<readonly DestinationColumn[] | null> {
    return this.#pool.use(signal, ({ session }) => columnsOf(session, target.database, target.name, signal));
  }

  async createTable(target: TargetTable, signal: AbortSignal): Promise<void> {
    this.#refuseOtherDatabase(target);
    await this.#pool.use(signal, ({ session, dialect }) => createTarget(session, dialect, target, signal));
  }

  async applyStructure(
    target: TargetTable,
    change: Exclude<StructureChange, { tag: 'drop' }>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#pool.use(signal, ({ session, dialect }) => changeStructure(session, dialect, target, change, signal));
  }

  async unfitRows(target: TargetTable, column: string, standing: string, signal: AbortSignal): Promise<number> {
    const names = { column, standing };
    return this.#pool.use(signal, ({ session, dialect }) => unfitRows(session, dialect, target, names, signal));
  }

  async dropColumn(drop: ColumnDrop, signal: AbortSignal): Promise<void> {
    await dropColumn(this.#rebuildContext(), drop, signal);
  }

  async keyFaults(target: TargetTable, sources: Rebuild['sources'], signal: AbortSignal): Promise<KeyFaults> {
    return this.#pool.use(signal, ({ session, dialect }) => keyFaults(session, dialect, target, sources, signal));
  }

  async rebuild(rebuild: Rebuild, signal: AbortSignal): Promise<void> {
    await rebuildTable(this.#rebuildContext(), rebuild, signal);
  }

  async endRebuild(end: TableOfEpoch, signal: AbortSignal): Promise<void> {
    await endRebuild(this.#rebuildContext(), end, signal);
  }

  async beginCopy(copy: CopyRun, signal: AbortSignal): Promise<void> {
    this.#refuseOtherDatabase(copy.target);
    await this.#copyOf(copy).begin(signal);
  }

  async copyChunk(copy: CopyRun, chunk: CopyChunk, signal: AbortSignal): Promise<{ readonly alreadyLoaded: boolean }> {
    return this.#copyOf(copy).loadChunk(chunk, signal);
  }

  async finishCopy(copy: CopyRun, applied: number, signal: AbortSignal): Promise<void> {
    await this.#copyOf(copy).finish(applied, signal);
  }

  async beginReplays(start: ReplayStart, signal: AbortSignal): Promise<void> {
    await beginReplays(this.#replayContext(), start, signal);
  }

  async replay(step: ReplayStep, signal: AbortSignal): Promise<void> {
    await collectReplay(this.#replayContext(), step, signal);
  }

  async finishReplay(end: CollectedReplay, signal: AbortSignal): Promise<RowCounts> {
    return finishReplay(this.#replayContext(), end, signal);
  }

  async dropReplay(end: ReplayEnd, signal: AbortSignal): Promise<void> {
    await dropReplay(this.#replayContext(), end, signal);
  }

  async checksum(target: TargetTable, range: ChunkRange, signal: AbortSignal): Promise<ChunkChecksum> {
    return this.#pool.use(signal, ({ session, dialect }) => checksumOf(session, dialect, target, range, signal));
  }

  async *rowDigests(target: TargetTable, range: ChunkRange, signal: AbortSignal): AsyncIterable<RowDigest> {
    await using borrowed = await this.#pool.borrow(signal);
    yield* digestsOf(borrowed.session, borrowed.dialect, target, range, signal);
  }

  async *fetchRows(
    target: TargetTable,
    keys: readonly (readonly string[])[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (string | null)[]> {
    await using borrowed = await this.#pool.borrow(signal);
    yield* rowsOf(borrowed.session, borrowed.dialect, target, keys, signal);
  }

  async overlappingVersions(target: TargetTable, range: ChunkRange, signal: AbortSignal): Promise<number> {
    return this.#pool.use(signal, ({ session }) => overlappingVersions(session, target, range, signal));
  }

  async repair(step: RepairStep, signal: AbortSignal): Promise<RowCounts> {
    this.#refuseOtherDatabase(step.target);
    const { failpoint } = this.#context;
    return repairRows({ ...this.#replayContext(), failpoint }, step, signal);
  }

  quarantined(asked: QuarantineAsked, signal: AbortSignal): Promise<QuarantineEntry[]> {
    return this.#quarantine(signal, (quarantine) => quarantine.list(asked, signal));
  }

  quarantineCounts(pipeline: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#quarantine(signal, (quarantine) => quarantine.counts(pipeline, signal));
  }

  releaseQuarantined(pipeline: string, entries: readonly QuarantineMark[], signal: AbortSignal): Promise<number> {
    return this.#quarantine(signal, (quarantine) => quarantine.release(pipeline, entries, signal));
  }

  async dropStaging(targets: readonly TargetTable[], signal: AbortSignal): Promise<void> {
    if (this.#settings.retainStagingTables) return;
    await this.#pool.use(signal, async ({ session }) => {
      for (const target of targets) await this.#staging.drop(session, target, signal);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool[Symbol.asyncDispose]();
  }

  #copyOf(copy: CopyRun): TableCopy {
    const { truncateInsteadOfDrop } = this.#settings;
    const context = { pool: this.#pool, ledger: this.#ledger, truncate: truncateInsteadOfDrop, swaps: this.#swaps };
    return new TableCopy(context, copy);
  }

  #replayContext(): ReplayContext {
    const replays = new ReplayLedger(this.#targetDatabase());
    const { failpoint } = this.#context;
    return { pool: this.#pool, ledger: this.#ledger, staging: this.#staging, tags: this.#tags, replays, failpoint };
  }

  #quarantine<Result>(signal: AbortSignal, work: (quarantine: QuarantineTable) => Promise<Result>): Promise<Result> {
    const database = this.#targetDatabase();
    const { quarantine: name } = OWN_TABLES;
    return this.#pool.use(signal, ({ session }) =>
      work(new QuarantineTable(session, database, name, qualified(database, name))),
    );
  }

  #rebuildContext(): RebuildContext {
    return { pool: this.#pool, ledger: this.#ledger, swaps: this.#swaps, failpoint: this.#context.failpoint };
  }

  #targetDatabase(): string {
    return this.#settings.schemaForAllTables ?? this.#settings.database;
  }

  #refuseOtherDatabase(target: TargetTable): void {
    if (target.database === this.#targetDatabase()) return;
    throw new PenstockError(
      'PS9001',
      `${target.database}.${target.name} is not in the ledger's database ${this.#targetDatabase()}`,
    );
  }
}
