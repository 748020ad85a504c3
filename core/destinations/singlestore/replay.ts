import { datetimeText } from '../../changes/timestamp.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { CollectedReplay, MergePart, ReplayEnd, ReplayStart, ReplayStep, RowCounts } from '../destination.ts';
import { workingTables } from '../target-naming.ts';
import type { TargetTable } from '../target-table.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { rowsMissing, type MergeContext } from './merge.ts';
import { checkColumns, type PartShape } from './merge-sql.ts';
import type { ReplayLedger, ReplayStanding } from './replay-ledger.ts';
import { collectStatements, finishStatements, unknownSql, type CollectedShape } from './replay-sql.ts';
import type { ErrorPlace } from './server-errors.ts';
import { literal } from './sql-text.ts';
import type { StagedPart } from './staging.ts';
import { createReplaySql, dropSql } from './table-sql.ts';

/** What a replay works with. */
export interface ReplayContext extends Omit<MergeContext, 'failpoint' | 'loadThreads'> {
  readonly replays: ReplayLedger;
  readonly failpoint: (name: 'replay.before-commit') => Promise<void>;
}

export async function beginReplays(context: ReplayContext, start: ReplayStart, signal: AbortSignal): Promise<void> {
  const place = { doing: 'beginning a replay', table: null, columns: [] };
  await context.pool.use(signal, ({ session, dialect }) =>
    session.transaction(place, signal, async () => {
      await context.ledger.fence(session, dialect, start.pipeline, start.epoch, signal);
      await refuseElsewhere(context, session, start, signal);
      await context.replays.begin(session, start, signal);
    }),
  );
}

/** A start that was given up for lost may arrive when the tables were loaded on. @throws PenstockError PS4010 then */
async function refuseElsewhere(
  { ledger }: ReplayContext,
  session: Session,
  { pipeline, tables }: ReplayStart,
  signal: AbortSignal,
): Promise<void> {
  const marks = await ledger.marks(session, pipeline, signal);
  for (const { table, upTo } of tables) {
    const stands = marks.tables.get(table) ?? marks.applied ?? 0;
    if (stands !== upTo)
      throw new PenstockError('PS4010', `${table} stands at extract ${stands}, and was to be replayed up to ${upTo}`);
  }
}

/** Collects an extract's parts of one table. The collected rows and how far the replay is are committed together. */
export async function collectReplay(context: ReplayContext, step: ReplayStep, signal: AbortSignal): Promise<void> {
  const { pool, replays, staging } = context;
  const { pipeline, epoch, target } = step;
  const table = tableId(target.schema.table);
  const place = placeOf(target, `replaying extract ${step.extract}`);
  for (const part of step.parts) checkColumns(target, part.columns);
  await pool.use(signal, async ({ session, dialect }) => {
    const stands = await replays.standing(session, pipeline, table, signal);
    if (stands.next > step.extract) return;
    refuseOther(table, step.next, stands);
    await prepare(context, session, dialect, step, stands, signal);
    const [staged, setAside]: [StagedPart[], StagedPart[]] = [[], []];
    try {
      for (const part of step.parts) {
        staged.push(await stage(context, session, dialect, part, epoch, signal));
        setAside.push(await stageKeys(context, session, dialect, part, epoch, signal));
      }
      await session.transaction(place, signal, async () => {
        await context.ledger.fence(session, dialect, pipeline, epoch, signal);
        const emptied = stands.emptied || step.parts.some((part) => part.truncatedAt !== null);
        await replays.move(session, pipeline, table, stands, { ...stands, next: step.extract + 1, emptied }, signal);
        for (const [index, part] of step.parts.entries()) {
          const loaded = staged[index] ?? NOTHING;
          if (loaded !== NOTHING) await staging.confirm(session, target, loaded, signal);
          const keys = setAside[index] ?? NOTHING;
          if (keys !== NOTHING) await staging.confirm(session, target, keys, signal);
          const shape: CollectedShape = {
            ...shapeOf(part, loaded),
            ...{ extract: step.extract, from: stands.from, setAside: keys === NOTHING ? null : keys.load },
          };
          for (const sql of collectStatements(shape, dialect)) {
            await session.run(sql, place, signal);
          }
        }
      });
    } catch (error) {
      for (const { load } of [...staged, ...setAside]) staging.leave(target, load);
      throw error;
    }
    for (const loaded of [...staged, ...setAside]) {
      if (loaded !== NOTHING) await staging.remove(session, target, loaded.load, signal);
    }
  });
}

/** Puts what was collected into the target. */
export async function finishReplay(
  context: ReplayContext,
  end: CollectedReplay,
  signal: AbortSignal,
): Promise<RowCounts> {
  const { pipeline, epoch, target } = end;
  const table = tableId(target.schema.table);
  const place = placeOf(target, 'ending the replay');
  return context.pool.use(signal, async ({ session, dialect }) => {
    const stands = await context.replays.standing(session, pipeline, table, signal);
    refuseOther(table, end.next, stands);
    const isEmpty = stands.next === stands.from;
    if (!isEmpty) await confirmTable(context, session, dialect, end, stands, signal);
    const counts = await session.transaction(place, signal, async () => {
      await context.ledger.fence(session, dialect, pipeline, epoch, signal);
      await context.replays.move(session, pipeline, table, stands, null, signal);
      const done = isEmpty ? NO_ROWS : await putIn(session, dialect, target, stands, signal);
      await context.failpoint('replay.before-commit');
      return done;
    });
    if (!isEmpty) await session.run(dropReplaySql(target), place, signal);
    return counts;
  });
}

/** A start that arrived late has begun the replay once more: what was collected does not count. @throws PenstockError PS4010 then */
function refuseOther(table: string, next: number, stands: ReplayStanding): void {
  if (stands.next === next) return;
  throw new PenstockError(
    'PS4010',
    `the replay of ${table} stands at extract ${stands.next}, not at ${next}; it begins anew`,
  );
}

/** What was collected is dropped; the target was never touched. */
export async function dropReplay(context: ReplayContext, end: ReplayEnd, signal: AbortSignal): Promise<void> {
  const { pipeline, epoch, target } = end;
  const place = placeOf(target, 'giving the replay up');
  await context.pool.use(signal, async ({ session, dialect }) => {
    await session.transaction(place, signal, async () => {
      await context.ledger.fence(session, dialect, pipeline, epoch, signal);
      await context.replays.forget(session, pipeline, tableId(target.schema.table), signal);
    });
    await session.run(dropReplaySql(target), place, signal);
  });
}

async function putIn(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  { from, emptied }: ReplayStanding,
  signal: AbortSignal,
): Promise<RowCounts> {
  const place = placeOf(target, 'ending the replay');
  const [row] = await session.rows(unknownSql(target), place, signal);
  const missing = Number(row?.['missing'] ?? 0);
  if (missing > 0) throw rowsMissing(missing, place);
  const hasUnknown = Number(row?.['unknown_rows'] ?? 0) > 0;
  let [inserts, updates, deletes] = [0, 0, 0];
  for (const { tag, sql } of finishStatements(target, { hasUnknown, emptied, from }, dialect)) {
    const { affectedRows, info } = await session.run(sql, place, signal);
    if (tag === 'removed') deletes += affectedRows;
    else {
      // An upsert counts 1 for an inserted row, 2 for one that changed, 0 for one that was the same already.
      updates = Number(/Duplicates: (\d+)/.exec(info)?.[1] ?? Math.floor(affectedRows / 2));
      inserts = affectedRows - 2 * updates;
    }
  }
  return { inserts, updates, deletes };
}

/** The table for what is collected: made anew for the first extract, else as it was left. */
async function prepare(
  context: ReplayContext,
  session: Session,
  dialect: Dialect,
  step: ReplayStep,
  stands: ReplayStanding,
  signal: AbortSignal,
): Promise<void> {
  if (stands.next !== stands.from) {
    await confirmTable(context, session, dialect, step, stands, signal);
    return;
  }
  const place = placeOf(step.target, 'making the table of the replay');
  await session.run(dropReplaySql(step.target), place, signal);
  await session.run(createReplaySql(step.target, dialect).sql, place, signal);
}

/** A table that somebody dropped, or of another structure: the replay begins anew. @throws PenstockError PS4010 then */
async function confirmTable(
  { replays }: ReplayContext,
  session: Session,
  dialect: Dialect,
  { pipeline, target }: ReplayEnd,
  stands: ReplayStanding,
  signal: AbortSignal,
): Promise<void> {
  const table = tableId(target.schema.table);
  const [row] = await session.rows(
    `SELECT table_comment AS comment FROM information_schema.tables WHERE table_schema = ${literal(target.stagingDatabase)}` +
      ` AND table_name = ${literal(workingTables(target.name).replay)}`,
    placeOf(target, 'looking for the table of the replay'),
    signal,
  );
  if (row?.['comment'] === createReplaySql(target, dialect).comment) return;
  await replays.move(session, pipeline, table, stands, { ...stands, next: stands.from, emptied: false }, signal);
  throw new PenstockError('PS4010', `what the replay of ${table} had collected is gone; it begins anew`);
}

async function stage(
  context: ReplayContext,
  session: Session,
  dialect: Dialect,
  part: MergePart,
  epoch: number,
  signal: AbortSignal,
): Promise<StagedPart> {
  if (part.rows === 0) return NOTHING;
  await context.staging.prepare(session, dialect, part.target, epoch, signal);
  return context.staging.load(session, part, context.tags.next(epoch), signal);
}

/** The keys of a mirror's rows that the part set aside. */
async function stageKeys(
  context: ReplayContext,
  session: Session,
  dialect: Dialect,
  { target, misfits }: MergePart,
  epoch: number,
  signal: AbortSignal,
): Promise<StagedPart> {
  const found = misfits.flatMap(({ key }) => (key === undefined || key === null ? [] : [key]));
  const keys = [...new Map(found.map((key) => [JSON.stringify(key), key])).values()];
  if (keys.length === 0 || target.keeping.tag === 'history') return NOTHING;
  await context.staging.prepare(session, dialect, target, epoch, signal);
  return context.staging.loadKeys(session, target, { keys, at: NO_TIME }, context.tags.next(epoch), signal);
}

/** Nobody reads the time of a key that was set aside. */
const NO_TIME = '1970-01-01 00:00:00.000000';

const NOTHING: StagedPart = { load: 0n, upserts: 0, deletes: 0 };
const NO_ROWS: RowCounts = { inserts: 0, updates: 0, deletes: 0 };

function shapeOf(part: MergePart, { load, upserts, deletes }: StagedPart): PartShape {
  const { target, columns, hasAbsent } = part;
  const truncatedAt = part.truncatedAt === null ? null : datetimeText(part.truncatedAt);
  return { target, columns, hasAbsent, truncatedAt, load, upserts, deletes };
}

function dropReplaySql(target: TargetTable): string {
  return dropSql(target.stagingDatabase, workingTables(target.name).replay);
}

function placeOf(target: TargetTable, doing: string): ErrorPlace {
  const table = tableId(target.schema.table);
  return { doing: `${table}: ${doing}`, table, columns: target.columns.map((column) => column.name) };
}
