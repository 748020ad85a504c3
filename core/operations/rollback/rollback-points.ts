import { Catalog } from '../../catalog/catalog.ts';
import type { ExtractRecord } from '../../catalog/records.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import type { Host } from '../../host/host.ts';
import type { PipelineSettings } from '../../pipeline/settings.ts';
import type { OperationContext } from '../operation-context.ts';
import { placeText } from '../../sources/place-text.ts';

/** An extract from which on everything can be applied again: the seeds' File No., From, To, Source Date, Execution Date. */
export interface RollbackPoint {
  readonly file: number;
  /** Where the extract begins and ends in the source's log, as the source writes such places. */
  readonly from: string;
  readonly to: string;
  /** Commit time at the source of its last transaction. */
  readonly sourceDate: Timestamp;
  /** When it was extracted. */
  readonly executionDate: Timestamp;
  readonly rows: number;
  /** False: its file has expired, and the point can be used only where the source's log still reaches back to it. */
  readonly available: boolean;
}

/** They are read from the catalog and the store alone: neither source nor destination is asked. */
export type LookingContext = Pick<OperationContext, 'signal'> & {
  readonly settings: Pick<PipelineSettings, 'pipeline'>;
  readonly host: Pick<Host, 'items' | 'randomness' | 'store'>;
};

export interface RollbackPoints {
  /** The newest first. */
  readonly points: readonly RollbackPoint[];
  /** Give this as `before` for the next page; null: there is none. */
  readonly next: number | null;
}

/** One page of rollback points: those before extract `before` (null: the newest), at most `limit`. */
export async function rollbackPoints(
  context: LookingContext,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<RollbackPoints> {
  const catalog = new Catalog(context.settings.pipeline, context.host);
  const { record: retained } = await catalog.retention();
  const found = (await catalog.extractsBefore(before, limit + 1)).filter(({ number }) => number >= retained.listed);
  const records = found.slice(0, limit);
  const points = await Promise.all(
    records.map(async (record) => {
      const mayBeThere = record.number >= retained.kept || record.madeAgainAt !== undefined;
      return pointOf(record, mayBeThere && (await isThere(context.host, record, context.signal)));
    }),
  );
  const last = records.at(-1);
  return { points, next: last === undefined || found.length <= limit ? null : last.number };
}

function pointOf(record: ExtractRecord, available: boolean): RollbackPoint {
  const { number, from, to, sourceDate, createdAt, rows } = record;
  return {
    file: number,
    from: placeText(from.order),
    to: placeText(to.order),
    sourceDate,
    executionDate: createdAt,
    rows,
    available,
  };
}

async function isThere(
  { store }: Pick<Host, 'store'>,
  { object }: ExtractRecord,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const stored of store.list(object.key, signal)) if (stored.key === object.key) return true;
  return false;
}
