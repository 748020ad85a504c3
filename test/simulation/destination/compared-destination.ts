import type { Destination } from '../../../core/destinations/destination.ts';
import type { TargetTable } from '../../../core/destinations/target-table.ts';
import { rangeHolds, type ChunkRange } from '../../../core/changes/copy-mark.ts';
import { checksumOf, digestsOf, nameOfRow, rowsIn, type ComparedRow } from '../compared-rows.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import type { DestinationServer } from './destination-server.ts';
import { currentRows, type TargetVersion } from './target-rows.ts';

type Compared = Pick<Destination, 'checksum' | 'rowDigests' | 'fetchRows' | 'overlappingVersions'>;

/** The destination's side of a verification: each call sees the rows as they are at one moment. */
export function comparedDestination(server: DestinationServer, process: SimulatedProcess): Compared {
  const fails = 'PS4009';
  return {
    checksum: (target, range, signal) =>
      process.call(
        `checksum of ${target.name} here`,
        () => checksumOf(target.schema, rowsIn(target.schema, rowsOf(server, target), range)),
        { fails, signal },
      ),
    async *rowDigests(target, range, signal) {
      yield* await process.call(
        `digests of ${target.name} here`,
        () => digestsOf(target.schema, rowsIn(target.schema, rowsOf(server, target), range)),
        { fails, signal },
      );
    },
    async *fetchRows(target, keys, signal) {
      const wanted = new Set(keys.map((key) => JSON.stringify(key)));
      const find = (): ComparedRow[] =>
        rowsOf(server, target).filter((row) => wanted.has(nameOfRow(target.schema, row)));
      yield* await process.call(`${keys.length} rows of ${target.name} here`, find, { fails, signal });
    },
    overlappingVersions: (target, range, signal) =>
      process.call(`overlaps of ${target.name}`, () => overlapsOf(server, target, range), { fails, signal }),
  };
}

function rowsOf(server: DestinationServer, target: TargetTable): ComparedRow[] {
  const names = target.schema.columns.map(({ name }) => name);
  const openEnd = target.keeping.tag === 'history' ? target.keeping.openEnd : '';
  return currentRows(server.rowsOf(target), names, openEnd);
}

function overlapsOf(server: DestinationServer, target: TargetTable, range: ChunkRange): number {
  const stored = server.rowsOf(target);
  if (stored.tag !== 'history') return 0;
  const inRange = stored.versions.filter(
    ({ row }) => range.tag !== 'key' || rangeHolds(range, row[range.column] ?? ''),
  );
  return countOverlaps(inRange);
}

/** How many versions begin long before the one before them has ended, as core/destinations/singlestore/verify counts them. */
export function countOverlaps(versions: readonly TargetVersion[]): number {
  let count = 0;
  for (const ofKey of Map.groupBy(versions, ({ key }) => key).values()) {
    const ordered = [...ofKey].sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
    count += ordered.filter(({ end }, index) => {
      const next = ordered[index + 1];
      return next !== undefined && end > hourAfter(next.start);
    }).length;
  }
  return count;
}

function hourAfter(time: string): string {
  return new Date(Date.parse(`${time.slice(0, 23).replace(' ', 'T')}Z`) + 3_600_000)
    .toISOString()
    .slice(0, -1)
    .replace('T', ' ');
}
