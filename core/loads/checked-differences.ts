import type { Destination } from '../destinations/destination.ts';
import type { TargetTable } from '../destinations/target-table.ts';
import {
  laterColumn,
  structureDifferences,
  type ComparedStructures,
  type Difference,
} from './structure-differences.ts';
import { isAmong } from './structure.ts';

/** What the differences of a table are found from, but for what is asked at its destination. */
export type StructuresToCompare = Omit<ComparedStructures, 'standing'>;

/** The differences of a table, and where the values of its columns are. */
export interface CheckedDifferences {
  readonly differences: readonly Difference[];
  /** Each of the target's columns → the one at the destination that holds its values; null: none does, it is added. */
  readonly sources: ReadonlyMap<string, string | null>;
}

/** Compares, and looks at the data where it decides. Only reads. `target`: as it is to be. */
export async function checkedDifferences(
  { destination, signal }: { readonly destination: Destination; readonly signal: AbortSignal },
  target: TargetTable,
  compared: StructuresToCompare,
): Promise<CheckedDifferences> {
  const standing = await destination.describe(target, signal);
  const found = structureDifferences({ ...compared, standing });
  const sources = columnSources(compared, standing?.map(({ name }) => name) ?? []);
  const differences: Difference[] = [];
  for (const difference of found) {
    if (difference.kind === 'narrow')
      differences.push(await narrowing(destination, target, difference, sources, signal));
    else if (difference.kind === 'key')
      differences.push(await keying(destination, target, difference, sources, signal));
    else differences.push(difference);
  }
  return { differences, sources };
}

/** A column that stands under its new name already was renamed before an interruption. */
function columnSources({ has, now, kept }: StructuresToCompare, names: readonly string[]): Map<string, string | null> {
  return new Map(
    now.columns.map((column) => {
      const earlier = has.columns.find((candidate) => laterColumn(candidate, now) === column);
      if (earlier !== undefined && names.includes(earlier.name)) return [column.name, earlier.name];
      const stands = names.find((name) => isAmong([name], column.name));
      const isOwn = earlier !== undefined || !isAmong(kept, column.name);
      return [column.name, stands !== undefined && isOwn ? stands : null];
    }),
  );
}

async function narrowing(
  destination: Destination,
  target: TargetTable,
  difference: Difference,
  sources: ReadonlyMap<string, string | null>,
  signal: AbortSignal,
): Promise<Difference> {
  const column = difference.column ?? '';
  const unfit = await destination.unfitRows(target, column, sources.get(column) ?? column, signal);
  if (unfit === 0) return { ...difference, reason: 'the type is narrowed: every value at the destination fits' };
  return impossible(difference, `${rows(unfit, 'has a value', 'have values')} at the destination that would not fit`);
}

async function keying(
  destination: Destination,
  target: TargetTable,
  difference: Difference,
  sources: ReadonlyMap<string, string | null>,
  signal: AbortSignal,
): Promise<Difference> {
  const { nulls, doubles } = await destination.keyFaults(target, sources, signal);
  if (nulls > 0) return impossible(difference, `${rows(nulls, 'has', 'have')} NULL in it at the destination`);
  if (doubles > 0)
    return impossible(difference, `${rows(doubles, 'shares', 'share')} it with others at the destination`);
  return { ...difference, reason: 'the table is made anew under it from its own rows' };
}

function impossible(difference: Difference, reason: string): Difference {
  return { ...difference, class: 'impossible', reason, change: null };
}

function rows(count: number, one: string, more: string): string {
  return count === 1 ? `1 row ${one}` : `${count} rows ${more}`;
}
