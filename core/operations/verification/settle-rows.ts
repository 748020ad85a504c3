import type { ChunkRange } from '../../changes/copy-mark.ts';
import { compareDigests } from './compare-digests.ts';
import type { OperationContext } from '../operation-context.ts';
import type { ComparedTable, RowDifference, Settled } from './compared-table.ts';
import { LOOKS } from './settle-keys.ts';
import { inWindow, type Flights } from './window.ts';

const WHOLE: ChunkRange = { tag: 'whole' };

/**
 * As settleKeys for a table without a key, whose rows can be found by nothing but reading all of them: rows are told by their digests.
 * At most `most` differing rows are held.
 */
export async function settleRows(
  context: OperationContext,
  compared: ComparedTable,
  flights: Flights,
  most: number,
): Promise<Settled> {
  let before: ReadonlySet<string> = new Set();
  let unsettled = 0;
  for (let look = 1; look <= LOOKS; look++) {
    if (look > 1) await flights.land(compared);
    const { result: found, window } = await inWindow(context, compared, () => differingRows(context, compared, most));
    const { names, isKnown } = await flights.of(compared, window, new Set(found.map(({ key }) => key[0] ?? '')));
    const still = found.filter(({ key }) => !names.has(key[0] ?? ''));
    const confirmed = still.filter((difference) => before.has(nameOf(difference)));
    unsettled = found.length - confirmed.length;
    const isLast = look === LOOKS || unsettled === 0;
    if (isLast) return { differences: confirmed, unsettled, inFlight: !isKnown && confirmed.length > 0 };
    before = new Set(still.map(nameOf));
  }
  return { differences: [], unsettled, inFlight: false };
}

async function differingRows(
  { source, destination, signal }: OperationContext,
  { selection, schema, target }: ComparedTable,
  most: number,
): Promise<RowDifference[]> {
  const found: RowDifference[] = [];
  const here = source.rowDigests({ selection, schema, range: WHOLE }, signal);
  for await (const { kind, key } of compareDigests(here, destination.rowDigests(target, WHOLE, signal))) {
    found.push({ kind, key, columns: [] });
    if (found.length >= most) break;
  }
  return found;
}

function nameOf({ kind, key }: RowDifference): string {
  return `${kind} ${key[0] ?? ''}`;
}
