import { datetimeText } from '../../changes/timestamp.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { MergePart, MergeResult, MergeStep, RowCounts } from '../destination.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { Ledger } from './ledger.ts';
import { checkColumns, mergeStatements, type Effect, type PartShape } from './merge-sql.ts';
import type { ErrorPlace } from './server-errors.ts';
import type { SessionPool } from './session-pool.ts';
import type { LoadTags, StagedPart, Staging } from './staging.ts';

/** What a merge works with. */
export interface MergeContext {
  readonly pool: SessionPool;
  readonly ledger: Ledger;
  readonly staging: Staging;
  readonly tags: LoadTags;
  /** Parts that are staged side by side. */
  readonly loadThreads: number;
  readonly failpoint: (name: 'load.after-staging' | 'load.before-commit') => Promise<void>;
}

interface StepPart {
  readonly part: MergePart;
  readonly table: string;
  /** Null for a part without lines. */
  readonly staged: StagedPart | null;
}

/**
 * Stages the parts of a step in parallel, then applies them in one transaction together with the ledger's marks.
 * Staged rows are seen by nobody, so a crash before the transaction leaves only rows that the next loader removes.
 */
export async function mergeStep(context: MergeContext, step: MergeStep, signal: AbortSignal): Promise<MergeResult> {
  for (const part of step.parts) checkColumns(part.target, part.columns);
  const parts = await stageAll(context, step, signal);
  try {
    await context.failpoint('load.after-staging');
    return await context.pool.use(signal, async ({ session, dialect }) => {
      const result = await applyAll(context, session, dialect, step, parts, signal);
      for (const { part, staged } of parts) {
        if (staged !== null) await context.staging.remove(session, part.target, staged.load, signal);
      }
      return result;
    });
  } catch (error) {
    for (const { part, staged } of parts) if (staged !== null) context.staging.leave(part.target, staged.load);
    throw error;
  }
}

async function stageAll(context: MergeContext, step: MergeStep, signal: AbortSignal): Promise<StepPart[]> {
  const parts: StepPart[] = step.parts.map((part) => ({
    part,
    table: tableId(part.target.schema.table),
    staged: null,
  }));
  // Parts of one table share its staging table, which is made once.
  const byTable = [...Map.groupBy(parts.keys(), (index) => parts[index]?.table ?? '').values()];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const worker = async (): Promise<void> => {
    for (let indexes = byTable.shift(); indexes !== undefined; indexes = byTable.shift()) {
      for (const index of indexes) {
        const entry = parts[index];
        if (entry === undefined || entry.part.rows === 0) continue;
        parts[index] = { ...entry, staged: await stageOne(context, entry.part, step.epoch, either) };
      }
    }
  };
  const workers = Array.from({ length: Math.min(context.loadThreads, byTable.length) }, async () => {
    try {
      await worker();
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  if (outcomes.every((outcome) => outcome.status === 'fulfilled')) return parts;
  for (const { part, staged } of parts) if (staged !== null) context.staging.leave(part.target, staged.load);
  // The first failure is the reason that the others stopped for.
  throw signal.aborted ? signal.reason : failed.signal.reason;
}

async function stageOne(
  context: MergeContext,
  part: MergePart,
  epoch: number,
  signal: AbortSignal,
): Promise<StagedPart> {
  return context.pool.use(signal, async ({ session, dialect }) => {
    await context.staging.prepare(session, dialect, part.target, epoch, signal);
    return context.staging.load(session, part, context.tags.next(epoch), signal);
  });
}

async function applyAll(
  context: MergeContext,
  session: Session,
  dialect: Dialect,
  step: MergeStep,
  parts: readonly StepPart[],
  signal: AbortSignal,
): Promise<MergeResult> {
  const tables = new Map<string, RowCounts>();
  const place = { doing: `merging extract ${step.extract}`, table: null, columns: [] };
  await session.transaction(place, signal, async () => {
    await context.ledger.move(session, dialect, step, [...new Set(parts.map(({ table }) => table))], signal);
    for (const entry of parts) {
      const { part, table, staged } = entry;
      if (staged !== null) await context.staging.confirm(session, part.target, staged, signal);
      const counts = await applyPart(session, dialect, entry, signal);
      tables.set(table, added(tables.get(table), counts));
      if (part.misfits.length > 0) await context.ledger.quarantine(session, step.pipeline, table, part.misfits, signal);
    }
    await context.failpoint('load.before-commit');
  });
  return { tables };
}

async function applyPart(
  session: Session,
  dialect: Dialect,
  { part, table, staged }: StepPart,
  signal: AbortSignal,
): Promise<RowCounts> {
  const { target, columns, hasAbsent } = part;
  const place = { doing: `merging ${table}`, table, columns: target.columns.map((column) => column.name) };
  const truncatedAt = part.truncatedAt === null ? null : datetimeText(part.truncatedAt);
  const { load, upserts, deletes } = staged ?? { load: 0n, upserts: 0, deletes: 0 };
  const shape: PartShape = { target, columns, hasAbsent, truncatedAt, load, upserts, deletes };
  const tally = new Tally(shape);
  for (const statement of mergeStatements(shape, dialect)) {
    if (statement.tag === 'change') {
      const { affectedRows, info } = await session.run(statement.sql, place, signal);
      tally.add(statement.effect, affectedRows, info, place);
    } else {
      const [row] = await session.rows(statement.sql, place, signal);
      if (statement.tag === 'copies') tally.copies = Number(row?.['copies'] ?? 0);
      else refuseMissing(Number(row?.['missing'] ?? 0), place);
    }
  }
  return tally.counts();
}

function refuseMissing(missing: number, place: ErrorPlace): void {
  if (missing > 0) throw rowsMissing(missing, place);
}

export function rowsMissing(missing: number, place: ErrorPlace): PenstockError {
  const what = `${place.doing}: ${missing} ${missing === 1 ? 'row' : 'rows'} that the source changed`;
  return new PenstockError('PS4007', what, place.table === null ? {} : { table: place.table });
}

/**
 * Rows at the destination, from the numbers that the server returns anyway. An upsert counts 1 for an inserted row, 2 for one
 * that changed, 0 for one that was the same already (the connection is without FOUND_ROWS), and says how many changed.
 */
class Tally {
  copies = 0;
  readonly #shape: PartShape;
  #inserts = 0;
  #updates = 0;
  #deletes = 0;

  constructor(shape: PartShape) {
    this.#shape = shape;
  }

  add(effect: Effect, affected: number, info: string, place: ErrorPlace): void {
    switch (effect) {
      case 'upserted': {
        const inserted = insertedRows(affected, info, this.#shape.upserts);
        this.#inserts += inserted;
        this.#updates += this.#shape.target.keeping.tag === 'history' ? 0 : this.#shape.upserts - inserted;
        return;
      }
      case 'removed':
      case 'emptied':
        this.#deletes += affected;
        return;
      case 'removedCopies':
        this.#deletes += affected;
        refuseMissing(this.copies - affected, place);
        return;
      case 'ended':
        this.#deletes += affected;
        return;
      case 'closed':
        // Versions that ended: by a delete where there is a D line, else by a newer version.
        this.#deletes += this.#shape.deletes;
        this.#updates += Math.max(0, affected - this.#shape.deletes);
    }
  }

  counts(): RowCounts {
    return { inserts: this.#inserts, updates: this.#updates, deletes: this.#deletes };
  }
}

/** `Records: 5  Duplicates: 2  Warnings: 0`: without it (SingleStore may not send it) all rows that were there count as changed. */
export function insertedRows(affected: number, info: string, records: number): number {
  const changed = /Duplicates: (\d+)/.exec(info)?.[1];
  const inserted = changed === undefined ? 2 * records - affected : affected - 2 * Number(changed);
  return Math.min(records, Math.max(0, inserted));
}

function added(a: RowCounts | undefined, b: RowCounts): RowCounts {
  if (a === undefined) return b;
  return { inserts: a.inserts + b.inserts, updates: a.updates + b.updates, deletes: a.deletes + b.deletes };
}
