import type { ExtractRecord, TableRecord } from '../catalog/records.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import type { LedgerMarks, MergePart } from '../destinations/destination.ts';
import type { TargetTable } from '../destinations/target-table.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { emitTable, NO_CHANGES } from '../events/flow-events.ts';
import type { LoggedMisfit } from '../extracts/extract-buffer.ts';
import type { ExtractPart } from '../extracts/manifest.ts';
import { readLines, readMisfits, readPieces, type ExtractPiece } from '../extracts/read-piece.ts';
import type { LoadContext } from './load-context.ts';
import { atDestination } from './load-report.ts';
import { partColumns, type ColumnFates } from './part-columns.ts';
import type { StoppingExtract } from './table-stops.ts';

/** What the loader knows of tables, and what it does about one that cannot go on. */
export interface ReplayedTables {
  readonly recordOf: (table: string) => TableRecord | null;
  readonly stop: (table: string, error: PenstockError, extract: StoppingExtract) => Promise<void>;
  /** Whether to end between two extracts, to go on another time. */
  readonly isEnough: () => boolean;
}

/** A table whose replay was begun. */
interface Replaying {
  readonly table: string;
  readonly target: TargetTable;
  readonly fates: ColumnFates;
  readonly from: number;
  readonly next: number;
  readonly upTo: number;
}

/**
 * Brings all replays that the ledger has to their ends, each from where it stands. A table that cannot be replayed is stopped.
 * @returns false where it was enough before
 * @throws PenstockError PS3001 when an extract is gone: all replays are given up, and the tables are as they were before
 */
export async function replayTables(context: LoadContext, marks: LedgerMarks, tables: ReplayedTables): Promise<boolean> {
  const replaying = await begun(context, marks, tables);
  if (replaying.size === 0) return true;
  const first = Math.min(...[...replaying.values()].map(({ next }) => next));
  const last = Math.max(...[...replaying.values()].map(({ upTo }) => upTo));
  try {
    for (let number = first; number <= last; number++) {
      context.signal.throwIfAborted();
      if (tables.isEnough()) return false;
      const [record] = await context.catalog.extractsAfter(number - 1, 1);
      if (record === undefined)
        throw new PenstockError('PS3001', `extract ${number} is to be replayed and is not listed`);
      await replayExtract(context, record, replaying, tables);
      const ended = [...replaying.values()].filter(({ upTo }) => upTo === number);
      await finishAll(context, ended, replaying, tables, record);
    }
    const rest = [...replaying.values()];
    if (rest.length > 0) await finishAll(context, rest, replaying, tables, await lastOf(context, last));
    return true;
  } catch (error) {
    if (hasCode(error, 'PS3001')) await giveUp(context, [...replaying.values()], error);
    throw error;
  }
}

/** A replay of a table that is stopped or copied anew by now is given up. */
async function begun(
  context: LoadContext,
  marks: LedgerMarks,
  { recordOf }: ReplayedTables,
): Promise<Map<string, Replaying>> {
  const replaying = new Map<string, Replaying>();
  for (const [table, { from, next }] of marks.replays) {
    const record = recordOf(table);
    if (record === null || record.schema === null) continue;
    const target = targetOrNull(context, table, record.schema);
    if (target === null) continue;
    const upTo = marks.tables.get(table) ?? marks.applied ?? 0;
    const entry = { table, target, fates: record, from, next, upTo };
    if (record.state.tag === 'following') replaying.set(table, entry);
    else await drop(context, entry);
  }
  return replaying;
}

/** Null for a table that was taken out of the configuration. */
function targetOrNull(context: LoadContext, table: string, schema: TableSchema): TargetTable | null {
  try {
    return context.targetOf(table, schema);
  } catch (error) {
    if (!hasCode(error, 'PS1005')) throw error;
    return null;
  }
}

async function replayExtract(
  context: LoadContext,
  record: ExtractRecord,
  replaying: Map<string, Replaying>,
  tables: ReplayedTables,
): Promise<void> {
  const pieces = await readPieces(context.host, record, context.signal);
  for (const entry of replaying.values()) {
    if (entry.next > record.number || entry.upTo < record.number) continue;
    await orStop(context, entry, record, replaying, tables, async () => {
      const parts = await partsOf(context, pieces, entry);
      if (parts.length === 0) return;
      const { target, next } = entry;
      const step = { ...within(context), extract: record.number, next, target, parts };
      await context.destination.replay(step, context.signal);
      replaying.set(entry.table, { ...entry, next: record.number + 1 });
      await context.host.failpoint('replay.after-collect');
    });
  }
}

/** All of it is collected already: what is left is to put it into the tables. */
async function lastOf({ catalog, host }: LoadContext, number: number): Promise<StoppingExtract> {
  const [record] = await catalog.extractsAfter(number - 1, 1);
  return record ?? { number, sourceDate: host.clock.timestamp() };
}

async function finishAll(
  context: LoadContext,
  ended: readonly Replaying[],
  replaying: Map<string, Replaying>,
  tables: ReplayedTables,
  last: StoppingExtract,
): Promise<void> {
  const { destination, host, pipeline, signal } = context;
  for (const entry of ended) {
    const { table, target, from, next, upTo } = entry;
    await orStop(context, entry, last, replaying, tables, async () => {
      const mended = await destination.finishReplay({ ...within(context), target, next }, signal);
      replaying.delete(table);
      await host.failpoint('replay.after-finish');
      emitTable(host, pipeline, table, {
        type: 'TableLoaded',
        ...{ success: true, message: `extracts ${from} to ${upTo} were applied again`, sourceTS: last.sourceDate },
        ...{ ...NO_CHANGES, ...atDestination(mended) },
      });
      host.log.info('table replayed', { table, from, to: upTo, ...mended });
    });
  }
}

/** Runs a table's work; its own error stops the table, which stays as it was before the replay. */
async function orStop(
  context: LoadContext,
  entry: Replaying,
  extract: StoppingExtract,
  replaying: Map<string, Replaying>,
  tables: ReplayedTables,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!hasCode(error, 'PS4004', 'PS4005', 'PS4007', 'PS4012', 'PS1001') || error.table === null) throw error;
    await tables.stop(entry.table, error, extract);
    replaying.delete(entry.table);
    await drop(context, entry);
  }
}

/** The parts that hold something; older structures are put into the one that the table has. */
async function partsOf(
  context: LoadContext,
  pieces: readonly ExtractPiece[],
  { table, target, fates }: Replaying,
): Promise<MergePart[]> {
  const { host, signal } = context;
  const parts: MergePart[] = [];
  const listed = pieces.flatMap((piece) =>
    piece.manifest.parts.filter((part) => part.table === table).map((part) => ({ piece, part })),
  );
  for (const { piece, part } of listed) {
    if (part.obstacle !== null) throw new PenstockError('PS4012', `${table}: ${part.obstacle}`, { table });
    if (part.rows === 0 && part.truncatedAt === null && part.misfits === null) continue;
    const columns = partColumns(part.schema, target.schema, fates);
    const { identity } = target.schema;
    const lacking = identity.tag === 'key' ? identity.columns.find((name) => !columns.includes(name)) : undefined;
    if (lacking !== undefined) {
      throw new PenstockError('PS4005', `${table}: an extract to be replayed lacks the key column ${lacking}`, {
        table,
      });
    }
    const { truncatedAt, rows, hasAbsent } = part;
    const open = (): ReturnType<typeof readLines> => readLines(host, piece, part, signal);
    const misfits = inOrderOfTarget(await readMisfits(host, piece, part, signal), part, target, columns);
    parts.push({ target, columns, truncatedAt, rows, hasAbsent, open, misfits });
  }
  return parts;
}

/** Rows set aside by a key that is not the table's any more cannot stand there under it. */
function inOrderOfTarget(
  misfits: readonly LoggedMisfit[],
  { schema: { columns: written, identity: was } }: ExtractPart,
  { schema: { identity } }: TargetTable,
  columns: readonly (string | null)[],
): LoggedMisfit[] {
  if (was.tag === 'row' || identity.tag === 'row') return [];
  const names = was.columns.map((name) => columns[written.findIndex((column) => column.name === name)] ?? '');
  const places = identity.columns.map((name) => names.indexOf(name));
  if (places.includes(-1) || names.length !== places.length) return [];
  return misfits.map((misfit) => ({
    ...misfit,
    key: misfit.key ? places.map((place) => misfit.key?.[place] ?? '') : null,
  }));
}

async function giveUp(context: LoadContext, entries: readonly Replaying[], error: PenstockError): Promise<void> {
  for (const entry of entries) {
    await drop(context, entry);
    context.host.log.error('the replay was given up; the table is as it was', {
      table: entry.table,
      reason: error.message,
    });
  }
}

async function drop(context: LoadContext, { target }: Replaying): Promise<void> {
  await context.destination.dropReplay({ ...within(context), target }, context.signal);
}

function within({ pipeline, lease }: LoadContext): { readonly pipeline: string; readonly epoch: number } {
  return { pipeline, epoch: lease.epoch };
}
