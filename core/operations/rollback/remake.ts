import type { Lease } from '../../catalog/lease.ts';
import { withLease } from '../../catalog/lease.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import type { ExtractRecord } from '../../catalog/records.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { remakeExtracts } from '../../extracts/remake-extracts.ts';
import type { WrittenPiece } from '../../extracts/write-piece.ts';
import { catalogOf, followContext } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { filesGone, isNeeded } from './rollback-measure.ts';
import type { TableReplay } from './rollback-plan.ts';

/** What a rollback needs of the source's log, because files have expired. */
export interface FromLog {
  /** The first and the last extract that is made again, and how many. */
  readonly from: number;
  readonly to: number;
  readonly extracts: number;
  readonly reaches: boolean;
  /** Why the log does not reach back; empty where it does. */
  readonly reason: string;
}

/** Asks the source whether its log still reaches back to extracts whose files are gone; null: none are. */
export async function lookBack(context: OperationContext, gone: readonly ExtractRecord[]): Promise<FromLog | null> {
  const [first, last] = [gone[0], gone.at(-1)];
  if (first === undefined || last === undefined) return null;
  const range = { from: first.number, to: last.number, extracts: gone.length };
  try {
    await context.source.checkReach(first.from, context.signal);
    return { ...range, reaches: true, reason: '' };
  } catch (error) {
    if (!hasCode(error, 'PS2001', 'PS2005', 'PS2006')) throw error;
    return { ...range, reaches: false, reason: error.message };
  }
}

export interface RemakeRequest {
  readonly gone: readonly ExtractRecord[];
  readonly replays: readonly TableReplay[];
  /** The operation that holds the log; null: the reader's lease is taken for it. */
  readonly operation: string | null;
  /** Whether to end between two extracts, to go on another time. */
  readonly isEnough: () => boolean;
}

/** Extracts that one reading of the log makes again at most: their records are in memory. */
const BLOCK = 500;

/**
 * Makes the files of extracts again from the source's log, each with its number and its cut. Interrupted, what was made stays.
 * @throws PenstockError PS1007 when the log is read elsewhere, PS3001 where a table that needs an extract cannot be read as it was then
 */
export async function remakeFiles(context: OperationContext, request: RemakeRequest): Promise<void> {
  const { host, settings, signal } = context;
  const work = (lease: Lease, leaseSignal: AbortSignal): Promise<void> =>
    remakeUnderLease({ ...context, signal: leaseSignal }, lease, request);
  if (request.operation === null) await withLease(host, settings.pipeline, 'reader', signal, work);
  else await workingForOperation(host, settings.pipeline, request.operation, signal, work);
}

async function remakeUnderLease(
  context: OperationContext,
  lease: Lease,
  { gone, replays, isEnough }: RemakeRequest,
): Promise<void> {
  const { host, settings, signal } = context;
  const left = new Set(gone.map(({ number }) => number));
  const last = gone.at(-1)?.number ?? 0;
  await keepTrying(host, settings.pipeline, 'reading the log again', signal, async (progressed) => {
    while (left.size > 0 && !isEnough()) {
      const [next = 0] = left;
      const records = await catalogOf(context).extractsAfter(next - 1, Math.min(BLOCK, last - next + 1));
      await remakeExtracts(await followContext(context, lease, null, signal), {
        records,
        isWanted: ({ number }) => left.has(number),
        isEnough,
        onExtract: async (record, pieces) => {
          refuseObstacle(context, record, pieces, replays);
          await list(context, lease, record, pieces);
          left.delete(record.number);
          progressed();
        },
      });
    }
  });
  host.log.info('files of extracts made again from the log', { extracts: gone.length - left.size, left: left.size });
}

/** The log cannot say what the extract said: to apply it would stop a table that is well. */
function refuseObstacle(
  context: OperationContext,
  record: ExtractRecord,
  pieces: readonly WrittenPiece[],
  replays: readonly TableReplay[],
): void {
  for (const { table, obstacle } of pieces.flatMap(({ parts }) => parts)) {
    if (obstacle === null || !isNeeded(replays, table, record.number)) continue;
    throw filesGone(context, [record], `from the source's log it cannot be made again: ${table}: ${obstacle}`);
  }
}

async function list(
  context: OperationContext,
  lease: Lease,
  { number }: ExtractRecord,
  pieces: readonly WrittenPiece[],
): Promise<void> {
  const object = pieces.at(-1)?.reference;
  if (object === undefined) throw new PenstockError('PS9001', `extract ${number} was made again without a piece`);
  const bytes = pieces.reduce((sum, { reference }) => sum + reference.size, 0);
  await catalogOf(context).replaceFiles(number, { object, bytes, madeAgainAt: context.host.clock.timestamp() }, lease);
}
