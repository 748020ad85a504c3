import { compareVersions, type TrackedPlace } from '../place.ts';

/** A tracked table as the server lists it: the least version from which its changes are whole. */
export interface TrackedTable {
  readonly objectId: string;
  readonly leastVersion: string;
}

/** Tables whose changes are whole from `version` on only. */
export interface StaleTables {
  readonly version: string;
  readonly tables: readonly string[];
}

/**
 * Tables of which changes behind the place are missing: the clean-up removed them, the table was truncated, or its tracking was begun
 * anew. In the order in which they must be told, and only those that were not told yet.
 */
export function staleTables(
  chosen: readonly string[],
  tracked: ReadonlyMap<string, TrackedTable>,
  place: TrackedPlace,
): StaleTables[] {
  const byVersion = new Map<string, string[]>();
  for (const id of chosen) {
    const least = tracked.get(id)?.leastVersion;
    if (least === undefined || compareVersions(least, place.told[id] ?? place.version) <= 0) continue;
    if (compareVersions(least, place.version) <= 0) continue;
    byVersion.set(least, [...(byVersion.get(least) ?? []), id]);
  }
  return [...byVersion].sort(([a], [b]) => compareVersions(a, b)).map(([version, tables]) => ({ version, tables }));
}

/** From where a table is read: what was read already, or what is whole. */
export function wholeFrom(version: string, table: TrackedTable): string {
  return compareVersions(table.leastVersion, version) > 0 ? table.leastVersion : version;
}
