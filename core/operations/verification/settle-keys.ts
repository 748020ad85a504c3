import type { OperationContext } from '../operation-context.ts';
import type { ComparedTable, RowDifference, Settled } from './compared-table.ts';
import { fetchBatch } from './fetch-batch.ts';
import { destinationPrints, differenceOf, fetchedPrints } from './row-prints.ts';
import { rowName } from './touched-keys.ts';
import { inWindow, type Flights } from './window.ts';

/** How often a row that looks different is looked at before it is left to its changes. */
export const LOOKS = 5;

interface Suspect {
  readonly key: readonly string[];
  /** How both sides stood at the last look, where nothing touched the row; null: it was touched, or not looked at yet. */
  readonly seen: string | null;
}

/**
 * Looks again at rows that seem to differ, by their keys: one that differs the same way in two looks in a row, while no extract touches it,
 * does differ.
 */
export async function settleKeys(
  context: OperationContext,
  compared: ComparedTable,
  flights: Flights,
  keys: readonly (readonly string[])[],
): Promise<Settled> {
  const differences: RowDifference[] = [];
  let inFlight = false;
  let suspects = new Map<string, Suspect>(keys.map((key) => [rowName(compared.schema, key), { key, seen: null }]));
  for (let look = 1; look <= LOOKS && suspects.size > 0; look++) {
    if (look > 1) await flights.land(compared);
    const left = new Map<string, Suspect>();
    const waiting = [...suspects.values()].map(({ key }) => key);
    while (waiting.length > 0) {
      const { found, touched, isKnown } = await lookAt(context, compared, flights, waiting);
      for (const [name, { difference, seen }] of found) {
        if (touched.has(name)) left.set(name, { key: difference.key, seen: null });
        else if (suspects.get(name)?.seen === seen) {
          differences.push(difference);
          // What an earlier look did not know does not matter: this one alone would prove it.
          inFlight ||= !isKnown;
        } else left.set(name, { key: difference.key, seen });
      }
    }
    suspects = left;
  }
  return { differences, unsettled: suspects.size, inFlight };
}

interface Found {
  readonly difference: RowDifference;
  /** Tells two looks apart. */
  readonly seen: string;
}

/** Takes a batch off `waiting` and compares its rows. */
async function lookAt(
  context: OperationContext,
  compared: ComparedTable,
  flights: Flights,
  waiting: (readonly string[])[],
): Promise<{
  readonly found: ReadonlyMap<string, Found>;
  readonly touched: ReadonlySet<string>;
  readonly isKnown: boolean;
}> {
  const { destination, signal } = context;
  const { schema, selection, target } = compared;
  const { result: found, window } = await inWindow(context, compared, async () => {
    const batch = await fetchBatch(context, { selection, schema }, waiting);
    const here = fetchedPrints(schema, batch);
    const there = await destinationPrints(schema, destination.fetchRows(target, [...batch.keys.values()], signal));
    return new Map(
      [...batch.keys].flatMap(([name, key]): [string, Found][] => {
        const difference = differenceOf(schema, here.get(name), there.get(name));
        const seen = JSON.stringify([here.get(name), there.get(name)]);
        return difference === null ? [] : [[name, { difference: { ...difference, key }, seen }]];
      }),
    );
  });
  const { names: touched, isKnown } = await flights.of(compared, window, new Set(found.keys()));
  return { found, touched, isKnown };
}
