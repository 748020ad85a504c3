import type { SourcePosition } from '../changes/position.ts';
import { tableId } from '../changes/table-name.ts';
import { millisecondsFromTimestamp, type Timestamp } from '../changes/timestamp.ts';
import type { TableState } from '../catalog/records.ts';
import type { LogHealth } from '../sources/source-connector.ts';
import { nextRun, type NextRun } from './scheduling/next-run.ts';
import { catalogOf } from './contexts.ts';
import { tableProofs, verificationOf, type TableVerification } from './verification/table-verification.ts';
import { schedulerStanding, type SchedulerStanding } from './scheduling/scheduler.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { OperationContext } from './operation-context.ts';

/** Where a pipeline stands. Read from the catalog; the log's health from the source, if it can be reached. */
export interface PipelineStatus {
  readonly pipeline: string;
  readonly lastExtract: number;
  readonly loaded: number;
  readonly position: SourcePosition | null;
  /** Commit time at the source of the last change that was extracted. */
  readonly sourceDate: Timestamp | null;
  /** Age of that change when it is not loaded yet; 0 when all extracts are loaded. Milliseconds. */
  readonly lagMilliseconds: number;
  readonly schedule: ScheduleStatus;
  readonly tables: readonly TableStatus[];
  /** Tables whose extracts are being applied again; `unknown`: why the destination's ledger was not read. */
  readonly rollback: readonly ReplayStatus[] | { readonly unknown: string };
  readonly log: LogHealth | { readonly unknown: string };
}

export interface ScheduleStatus {
  /** Whether the pipeline works by itself. */
  readonly scheduler: SchedulerStanding;
  readonly type: Schedule['tag'];
  /** Null where nothing recurs. */
  readonly next: NextRun | null;
}

/** A table that is rolled back: extracts `from` … `to` are applied again, those before `next` are collected. */
export interface ReplayStatus {
  readonly table: string;
  readonly from: number;
  readonly next: number;
  readonly to: number;
}

export interface TableStatus {
  readonly table: string;
  readonly transfer: 'mirror' | 'history';
  readonly state: TableState;
  readonly copiedRows: number;
  /** What the last verification proved; null: none did. */
  readonly verification: TableVerification | null;
}

export async function status(context: OperationContext): Promise<PipelineStatus> {
  const { settings, host, source, signal } = context;
  const catalog = catalogOf(context);
  const [head, loaded, records] = [await catalog.head(), await catalog.loaded(), await catalog.tables()];
  const [last] = head.lastExtract === 0 ? [] : await catalog.extractsAfter(head.lastExtract - 1, 1);
  const sourceDate = last?.sourceDate ?? null;
  const behind = loaded < head.lastExtract && sourceDate !== null;
  const proofs = await tableProofs(context);
  return {
    pipeline: settings.pipeline,
    lastExtract: head.lastExtract,
    loaded,
    position: head.position,
    sourceDate,
    lagMilliseconds: behind ? Math.max(0, host.clock.now() - millisecondsFromTimestamp(sourceDate)) : 0,
    schedule: await scheduleStatus(context),
    tables: settings.tables.map(({ table, transfer }) => {
      const record = records.find((candidate) => candidate.table === tableId(table));
      return {
        verification: verificationOf(proofs.get(tableId(table)) ?? null, record ?? null),
        table: tableId(table),
        transfer,
        state: record?.state ?? { tag: 'new' },
        copiedRows: record?.copiedRows ?? 0,
      };
    }),
    rollback: await replaysUnderWay(context).catch(unknown),
    log: await source.logHealth(signal).catch(unknown),
  };
}

function unknown(error: unknown): { readonly unknown: string } {
  return { unknown: error instanceof Error ? error.message : String(error) };
}

/** The ledger is the truth about replays; before anything was loaded there is none. */
async function replaysUnderWay({ destination, settings, signal }: OperationContext): Promise<ReplayStatus[]> {
  const { applied, tables, replays } = await destination.ledger(settings.pipeline, signal);
  return [...replays].map(([table, { from, next }]) => ({ table, from, next, to: tables.get(table) ?? applied ?? 0 }));
}

async function scheduleStatus(context: OperationContext): Promise<ScheduleStatus> {
  const { schedule } = context.settings;
  const catalog = catalogOf(context);
  const [scheduler, served] = [await schedulerStanding(catalog), await catalog.schedule()];
  return { scheduler, type: schedule.tag, next: nextRun(schedule, served?.record ?? null, context.host.clock.now()) };
}
