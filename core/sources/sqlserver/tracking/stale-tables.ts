import { compareVersions, type TrackedPlace } from '../place.ts';

/** A tracked table as the server lists it: the least version from which its changes are whole. */
export interface TrackedTable {
  readonly objectId: string;
  readonly leastVersion: string;
  /** The version at which its tracking began: when it was switched on, or the table truncated. */
  readonly begunVersion: string;
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

/**
 * Tables whose tracking was begun anew behind the last look, but at the version of that look, because nobody committed between:
 * what was changed before it is not told, and no version says so.
 */
export function begunAnew(
  chosen: readonly string[],
  tracked: ReadonlyMap<string, TrackedTable>,
  { version, fresh }: TrackedPlace,
): string[] {
  return freshTables(chosen, tracked, version).filter((id) => !fresh.includes(id));
}

/** Tables whose tracking began at a version, as they are noted in a position of that version. */
export function freshTables(
  chosen: readonly string[],
  tracked: ReadonlyMap<string, TrackedTable>,
  version: string,
): string[] {
  return chosen.filter((id) => {
    const begun = tracked.get(id)?.begunVersion;
    return begun !== undefined && compareVersions(begun, version) === 0;
  });
}

/** From where a table is read: what was read already, or what is whole. */
export function wholeFrom(version: string, table: TrackedTable): string {
  return compareVersions(table.leastVersion, version) > 0 ? table.leastVersion : version;
}
