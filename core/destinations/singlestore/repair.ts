import { tableId } from '../../changes/table-name.ts';
import { datetimeText } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { sequenceText } from '../../extracts/row-encoding.ts';
import type { RepairStep, RowCounts } from '../destination.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { loadLines, loadSql, type FixedValue, type LineField } from './line-load.ts';
import { insertedRows, type MergeContext } from './merge.ts';
import { repairStatements, type RepairShape } from './repair-sql.ts';
import type { ErrorPlace } from './server-errors.ts';
import { stagingTable } from './staging.ts';
import { REPAIR_INDEX } from './table-sql.ts';

/** What a repair works with. */
export interface RepairContext extends Pick<MergeContext, 'pool' | 'ledger' | 'staging' | 'tags'> {
  readonly failpoint: (name: 'repair.before-commit' | 'repair.after-commit') => Promise<void>;
}

/** Stages the fetched rows and the keys that were asked for, then puts them right in one transaction. */
export async function repairRows(context: RepairContext, step: RepairStep, signal: AbortSignal): Promise<RowCounts> {
  const { pool, staging, tags } = context;
  const { target, epoch } = step;
  const shape: RepairShape = { target, fetched: tags.next(epoch), asked: tags.next(epoch) };
  return pool.use(signal, async ({ session, dialect }) => {
    try {
      await staging.prepare(session, dialect, target, epoch, signal);
      await stage(staging, session, step, shape, signal);
      const counts = await putRight(context, session, dialect, step, shape, signal);
      await context.failpoint('repair.after-commit');
      for (const load of [shape.fetched, shape.asked]) await staging.remove(session, target, load, signal);
      return counts;
    } catch (error) {
      for (const load of [shape.fetched, shape.asked]) staging.leave(target, load);
      throw error;
    }
  });
}

async function stage(
  staging: RepairContext['staging'],
  session: Session,
  step: RepairStep,
  shape: RepairShape,
  signal: AbortSignal,
): Promise<void> {
  const { target, keys } = step;
  const place = placeOf(step, 'staging fetched rows');
  const at = datetimeText(step.at);
  const fixed: FixedValue[] = [
    { name: '__load', value: shape.fetched },
    { name: '__op', value: 'U' },
    { name: '__seq', value: BigInt(sequenceText(step.applied, REPAIR_INDEX)) },
    { name: '__at', value: at },
    { name: '__absent', value: '' },
  ];
  const columns = target.columns.map(({ name, type }): LineField => ({ name, type }));
  const sql = loadSql(stagingTable(target), columns, fixed);
  await loadLines(session, sql, { rows: step.rows, bytes: step.open() }, place, signal);
  await staging.loadKeys(session, target, { keys, at }, shape.asked, signal);
}

async function putRight(
  context: RepairContext,
  session: Session,
  dialect: Dialect,
  step: RepairStep,
  shape: RepairShape,
  signal: AbortSignal,
): Promise<RowCounts> {
  const { pipeline, epoch, target, keys, rows } = step;
  const place = placeOf(step, 'repairing rows');
  return session.transaction(place, signal, async () => {
    await context.ledger.fence(session, dialect, pipeline, epoch, signal);
    await refuseElsewhere(context, session, step, signal);
    const { staging } = context;
    await staging.confirm(session, target, { load: shape.fetched, upserts: rows, deletes: 0 }, signal);
    await staging.confirm(session, target, { load: shape.asked, upserts: 0, deletes: keys.length }, signal);
    const counts = { inserts: 0, updates: 0, deletes: 0 };
    for (const { effect, sql } of repairStatements(shape, dialect)) {
      const { affectedRows, info } = await session.run(sql, place, signal);
      if (effect === 'upserted') {
        const inserted = insertedRows(affectedRows, info, rows);
        counts.inserts += inserted;
        counts.updates += Math.max(0, Math.floor((affectedRows - inserted) / 2));
      } else if (effect === 'inserted') counts.inserts += affectedRows;
      else if (effect === 'corrected') counts.updates += affectedRows;
      else counts.deletes += affectedRows;
    }
    const table = tableId(target.schema.table);
    if (step.misfits.length > 0) await context.ledger.quarantine(session, pipeline, table, step.misfits, signal);
    await context.failpoint('repair.before-commit');
    return counts;
  });
}

/** The rows were fetched for just this standing. @throws PenstockError PS4011 */
async function refuseElsewhere(
  { ledger }: RepairContext,
  session: Session,
  { pipeline, target, applied }: RepairStep,
  signal: AbortSignal,
): Promise<void> {
  const table = tableId(target.schema.table);
  const marks = await ledger.marks(session, pipeline, signal);
  const stands = marks.tables.get(table) ?? marks.applied ?? 0;
  const busy =
    marks.copies.get(table) === null ? 'is being copied' : marks.replays.has(table) ? 'is rolled back' : null;
  if (stands === applied && busy === null) return;
  const what = busy ?? `stands at extract ${stands}`;
  throw new PenstockError('PS4011', `rows of ${table} were fetched for extract ${applied}, but it ${what}`, { table });
}

function placeOf({ target }: RepairStep, doing: string): ErrorPlace {
  const table = tableId(target.schema.table);
  return { doing: `${table}: ${doing}`, table, columns: target.columns.map((column) => column.name) };
}
