import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ColumnDrop, KeyFaults, Rebuild, TableOfEpoch } from '../destination.ts';
import { workingTables } from '../target-naming.ts';
import type { TargetTable } from '../target-table.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { Ledger } from './ledger.ts';
import {
  doubleKeysSql,
  nullKeysSql,
  ownColumns,
  rebuildStatements,
  type KeptColumn,
  type Sources,
} from './rebuild-sql.ts';
import type { ErrorPlace } from './server-errors.ts';
import type { SessionPool } from './session-pool.ts';
import { literal, qualified, quoted } from './sql-text.ts';
import { swapCopyIn } from './swap.ts';
import { dropSql } from './table-sql.ts';
import { columnsOf } from './table-structure.ts';
import type { Turns } from './turns.ts';

/** What making a table anew works with. */
export interface RebuildContext {
  readonly pool: SessionPool;
  readonly ledger: Ledger;
  /** Work of this process that needs two connections at once, one after the other. */
  readonly swaps: Turns;
  readonly failpoint: (name: 'rebuild.after-copy' | 'rebuild.half-swapped') => Promise<void>;
}

export async function keyFaults(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  sources: Sources,
  signal: AbortSignal,
): Promise<KeyFaults> {
  const place = placeOf(target, 'looking at the rows of the new key');
  const [row] = await session.rows(nullKeysSql(target, sources, dialect), place, signal);
  let doubles = 0;
  for (const sql of doubleKeysSql(target, sources, dialect)) {
    const [found] = await session.rows(sql, place, signal);
    doubles = Math.max(doubles, Number(found?.['doubles'] ?? 0));
  }
  return { nulls: Number(row?.['nulls'] ?? 0), doubles };
}

/** Another connection keeps the ledger ours meanwhile: a loader that was overtaken must not touch what its successor makes. */
async function fenced(
  context: RebuildContext,
  { pipeline, epoch, target }: TableOfEpoch,
  doing: string,
  signal: AbortSignal,
  work: (session: Session, dialect: Dialect) => Promise<void>,
): Promise<void> {
  await context.swaps.take(() =>
    context.pool.use(signal, ({ session, dialect }) =>
      context.pool.use(signal, ({ session: guard }) =>
        guard.transaction(placeOf(target, doing), signal, async () => {
          await context.ledger.fence(guard, dialect, pipeline, epoch, signal);
          await work(session, dialect);
        }),
      ),
    ),
  );
}

export async function dropColumn(context: RebuildContext, drop: ColumnDrop, signal: AbortSignal): Promise<void> {
  const { target, column } = drop;
  const doing = `dropping column ${column}`;
  await fenced(context, drop, doing, signal, async (session) => {
    const stands = await columnsOf(session, target.database, target.name, signal);
    const found = stands?.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    if (found === undefined) return;
    const sql = `ALTER TABLE ${qualified(target.database, target.name)} DROP COLUMN ${quoted(found.name)}`;
    await session.run(sql, placeOf(target, doing), signal);
  });
}

export async function rebuildTable(context: RebuildContext, rebuild: Rebuild, signal: AbortSignal): Promise<void> {
  const { pipeline, epoch, target, applied } = rebuild;
  const table = tableId(target.schema.table);
  const { copy, old } = workingTables(target.name);
  const place = placeOf(target, 'making the table anew');
  await fenced(context, rebuild, 'making the table anew', signal, async (session, dialect) => {
    await session.run(dropSql(target.database, copy), place, signal);
    await session.run(dropSql(target.database, old), place, signal);
    const kept = await keptColumns(session, rebuild, signal);
    try {
      for (const sql of rebuildStatements(target, rebuild.sources, kept, dialect))
        await session.run(sql, place, signal);
      await refuseOtherNumber(session, target, signal);
    } catch (error) {
      await session.run(dropSql(target.database, copy), place, signal).catch(() => undefined);
      throw error;
    }
  });
  await context.failpoint('rebuild.after-copy');
  await context.pool.use(signal, ({ session, dialect }) =>
    session.transaction(place, signal, async () => {
      const { ledger } = context;
      await ledger.fence(session, dialect, pipeline, epoch, signal);
      const { generation } = await ledger.copyStanding(session, pipeline, table, signal);
      await ledger.setCopyStanding(session, pipeline, table, { generation, state: 'rebuilding' }, signal);
      await ledger.setCopyMark(session, pipeline, table, applied, signal);
    }),
  );
}

export async function endRebuild(context: RebuildContext, end: TableOfEpoch, signal: AbortSignal): Promise<void> {
  const { pipeline, epoch, target } = end;
  const table = tableId(target.schema.table);
  const place = placeOf(target, 'putting the new table into its place');
  const standing = await context.pool.use(signal, ({ session }) =>
    context.ledger.copyStanding(session, pipeline, table, signal),
  );
  if (standing.state !== 'rebuilding') return;
  await fenced(context, end, place.doing, signal, (session) =>
    swapCopyIn(session, target, place, signal, () => context.failpoint('rebuild.half-swapped')),
  );
  await context.pool.use(signal, ({ session, dialect }) =>
    session.transaction(place, signal, async () => {
      await context.ledger.fence(session, dialect, pipeline, epoch, signal);
      const { generation } = standing;
      await context.ledger.setCopyStanding(session, pipeline, table, { generation, state: 'done' }, signal);
    }),
  );
}

/** Columns that the source dropped and that were kept, and those that somebody else added. */
async function keptColumns(session: Session, rebuild: Rebuild, signal: AbortSignal): Promise<KeptColumn[]> {
  const { target, sources, dropped } = rebuild;
  const rows = await session.rows(
    'SELECT column_name AS name, column_type AS type, collation_name AS collation FROM information_schema.columns' +
      ` WHERE table_schema = ${literal(target.database)} AND table_name = ${literal(target.name)} ORDER BY ordinal_position`,
    placeOf(target, 'reading its structure'),
    signal,
  );
  const taken = new Set(
    [...sources.values(), ...dropped, ...ownColumns(target), ...target.columns.map(({ name }) => name)].map(folded),
  );
  return rows
    .map((row) => ({ name: row['name'] ?? '', type: row['type'] ?? '', collation: row['collation'] ?? null }))
    .filter(({ name }) => !taken.has(folded(name)));
}

function folded(name: string | null): string {
  return (name ?? '').toLowerCase();
}

async function refuseOtherNumber(session: Session, target: TargetTable, signal: AbortSignal): Promise<void> {
  const place = placeOf(target, 'counting the rows of the new table');
  const count = (name: string): string => `(SELECT COUNT(*) FROM ${qualified(target.database, name)})`;
  const sql = `SELECT ${count(target.name)} AS stands, ${count(workingTables(target.name).copy)} AS made`;
  const [row] = await session.rows(sql, place, signal);
  if (row?.['stands'] === row?.['made']) return;
  const table = tableId(target.schema.table);
  throw new PenstockError('PS4008', `${place.doing}: ${row?.['made'] ?? 0} of ${row?.['stands'] ?? 0}`, { table });
}

function placeOf(target: TargetTable, doing: string): ErrorPlace {
  const table = tableId(target.schema.table);
  return { doing: `${table}: ${doing}`, table, columns: target.columns.map(({ name }) => name) };
}
