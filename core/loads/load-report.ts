import type { ExtractRecord } from '../catalog/records.ts';
import { packedCounts, type RunRecord, type TableCount } from '../catalog/run-records.ts';
import type { TableNumbers } from '../catalog/table-numbers.ts';
import { millisecondsBetween, type Timestamp } from '../changes/timestamp.ts';
import type { LedgerMarks, MergeResult, RowCounts } from '../destinations/destination.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { deltaRun, emitBatch, emitTable } from '../events/flow-events.ts';
import type { ExtractPart } from '../extracts/manifest.ts';
import { readManifests, type ExtractPiece } from '../extracts/read-piece.ts';
import type { LoadContext } from './load-context.ts';

/** What became of an extract at the destination. */
export interface AppliedExtract {
  readonly merged: MergeResult;
  readonly pieces: readonly ExtractPiece[];
  /** Tables that it was applied to. */
  readonly included: ReadonlySet<string>;
}

type Changes = Pick<TableCount, 'inserts' | 'updates' | 'deletes'>;

/** How the tables of an extract fared. */
interface Fates {
  /** Changes at the source, by table that was loaded. */
  readonly loaded: ReadonlyMap<string, Changes>;
  readonly tables: number;
  readonly errors: number;
}

/** Says that extracts were loaded: a record of the run, which also says how far loads are, and events. */
export class LoadReport {
  readonly #context: LoadContext;
  readonly #numbers: TableNumbers;

  constructor(context: LoadContext, numbers: TableNumbers) {
    this.#context = context;
    this.#numbers = numbers;
  }

  /** `isStopped`: whether a table has an error now; a table that is neither stopped nor included is being copied. */
  async loaded(
    record: ExtractRecord,
    applied: AppliedExtract,
    loadStartedAt: Timestamp,
    isStopped: (table: string) => boolean,
  ): Promise<void> {
    const { host, onLoad } = this.#context;
    const loadedAt = host.clock.timestamp();
    const fates = fatesOf(applied.pieces, applied.included, isStopped);
    const status = fates.errors === 0 ? 'loaded' : 'errors';
    await this.#record(record, fates, { status, loadStartedAt, loadedAt });
    await host.failpoint('load.after-mark');
    this.#emitTables(record, fates, applied.merged);
    this.#emitBatch(record, fates);
    const lagMilliseconds = millisecondsBetween(record.sourceDate, loadedAt);
    onLoad({ extract: record.number, rows: record.rows, lagMilliseconds });
  }

  /**
   * A loader that ended between the commit and its report: the reader may be waiting for it, and the run is to be in the reports. Where
   * more than one is missing, copies of all tables have taken their place.
   */
  async recovered(applied: number, loaded: number, marks: LedgerMarks): Promise<void> {
    const { catalog, host } = this.#context;
    const [record] = await catalog.extractsAfter(applied - 1, 1);
    if (record === undefined) return;
    const status = applied === loaded + 1 ? 'recovered' : 'covered';
    const fates = status === 'covered' ? NO_FATES : await this.#fatesByMarks(record, marks);
    await this.#record(record, fates, { status, loadStartedAt: null, loadedAt: host.clock.timestamp() });
    if (status === 'recovered') this.#emitBatch(record, fates, 'its loader ended before it could say so');
  }

  async #record(
    record: ExtractRecord,
    { loaded, tables, errors }: Fates,
    more: Pick<RunRecord, 'status' | 'loadStartedAt' | 'loadedAt'>,
  ): Promise<void> {
    const { catalog, host, pipeline, knownTables } = this.#context;
    const names = [...loaded.keys()];
    const numberOf = await this.#numbers.of(host, pipeline, names, knownTables);
    const changes = [...loaded.values()];
    const run: RunRecord = {
      ...more,
      extract: record.number,
      startedAt: record.startedAt,
      dbDelay: record.dbDelay,
      extractedAt: record.createdAt,
      sourceDate: record.sourceDate,
      tables,
      loaded: loaded.size,
      errors,
      ...changes.reduce(added, NO_CHANGES),
      bytes: record.bytes,
      counts: packedCounts([...loaded].map(([table, of]) => ({ number: numberOf(table), ...of }))),
    };
    await catalog.runs.record(run, host.clock.now());
  }

  #emitTables({ sourceDate }: ExtractRecord, { loaded }: Fates, { tables }: MergeResult): void {
    const { host, pipeline, emitsTableLoaded } = this.#context;
    if (!emitsTableLoaded) return;
    for (const [table, { inserts, updates, deletes }] of loaded) {
      const source = { sourceInserts: inserts, sourceUpdates: updates, sourceDeletes: deletes };
      const done = { success: true, message: '', sourceTS: sourceDate };
      emitTable(host, pipeline, table, {
        type: 'TableLoaded',
        ...done,
        ...source,
        ...atDestination(tables.get(table)),
      });
    }
  }

  #emitBatch({ number, sourceDate }: ExtractRecord, { errors, tables }: Fates, why = ''): void {
    const { host, pipeline } = this.#context;
    const message = [why, errors === 0 ? '' : `${errors} of ${tables} tables are stopped`].filter(
      (text) => text !== '',
    );
    const run = deltaRun(number, sourceDate);
    emitBatch(host, pipeline, 'LoadCompleted', {
      ...run,
      message: message.join('; '),
      tableErrors: errors,
      tableTotals: tables,
    });
  }

  /** Which tables the lost loader had loaded, as its marks say. */
  async #fatesByMarks(record: ExtractRecord, marks: LedgerMarks): Promise<Fates> {
    const { host, signal } = this.#context;
    try {
      const pieces = await readManifests(host, record, signal);
      const isBehind = (table: string): boolean => (marks.tables.get(table) ?? record.number) < record.number;
      const all = new Set(pieces.flatMap(({ manifest }) => manifest.parts.map(({ table }) => table)));
      return fatesOf(pieces, new Set([...all].filter((table) => !isBehind(table))), isBehind);
    } catch (error) {
      // Expired meanwhile: what it did is not known any more.
      if (!hasCode(error, 'PS3001')) throw error;
      return NO_FATES;
    }
  }
}

const NO_CHANGES: Changes = { inserts: 0, updates: 0, deletes: 0 };
const NO_FATES: Fates = { loaded: new Map(), tables: 0, errors: 0 };

function fatesOf(
  pieces: readonly ExtractPiece[],
  included: ReadonlySet<string>,
  isStopped: (table: string) => boolean,
): Fates {
  const all = new Map<string, Changes>();
  for (const { manifest } of pieces) {
    for (const part of manifest.parts) all.set(part.table, added(all.get(part.table) ?? NO_CHANGES, part));
  }
  const tables = [...all.keys()];
  const loaded = new Map([...all].filter(([table]) => included.has(table) && !isStopped(table)));
  return { loaded, tables: tables.length, errors: tables.filter(isStopped).length };
}

function added(one: Changes, { inserts, updates, deletes }: Changes | ExtractPart): Changes {
  return {
    inserts: one.inserts + inserts,
    updates: one.updates + updates,
    deletes: one.deletes + deletes,
  };
}

export function atDestination(counts: RowCounts | undefined) {
  return {
    destInserts: counts?.inserts ?? 0,
    destUpdates: counts?.updates ?? 0,
    destDeletes: counts?.deletes ?? 0,
  };
}
