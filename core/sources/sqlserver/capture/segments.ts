import type { CapturedReach } from '../place.ts';
import type { CaptureInstance, Instances } from './instances.ts';

/** What is read of one instance: its rows behind `after` up to `upTo`. */
export interface Segment {
  readonly instance: CaptureInstance;
  readonly after: string;
  readonly upTo: string;
}

/** The least LSN from which the rows of a table's instances are whole, one after the other; null: there are none. */
export function wholeFrom(instances: readonly CaptureInstance[], after: string): string | null {
  let whole: string | null = null;
  for (const { start, least } of instances) {
    if (start === null) continue;
    const from = later(start, least);
    // An older instance that was cleaned up past the newer one's start adds nothing.
    if (from <= after) return from;
    if (whole === null || from < whole) whole = from;
  }
  return whole;
}

function later(start: string, least: string | null): string {
  return least === null || least < start ? start : least;
}

/**
 * Cuts what was captured behind a place into parts of one instance each: the older one up to the start of the newer one, then that.
 * Empty parts are left out.
 */
export function segmentsOf(instances: readonly CaptureInstance[], after: string, upTo: string): Segment[] {
  const segments: Segment[] = [];
  for (const [index, instance] of instances.entries()) {
    const { start } = instance;
    // What has not begun has no rows yet.
    if (start === null) continue;
    const next = instances[index + 1]?.start ?? null;
    const from = index > 0 && start > after ? start : after;
    const end = next !== null && next < upTo ? next : upTo;
    if (from < end) segments.push({ instance, after: from, upTo: end });
  }
  return segments;
}

/** Tables whose changes are whole from `lsn` on only. */
export interface StaleTables {
  readonly lsn: string;
  readonly tables: readonly string[];
}

/** Tables of which changes behind the place are missing, in the order in which they must be told. */
export function staleTables(chosen: readonly string[], instances: Instances, place: CapturedReach): StaleTables[] {
  const byLsn = new Map<string, string[]>();
  for (const id of chosen) {
    const from = wholeFrom(instances.get(id) ?? [], place.lsn);
    if (from === null || from <= place.lsn) continue;
    byLsn.set(from, [...(byLsn.get(from) ?? []), id]);
  }
  return [...byLsn].sort(([a], [b]) => (a < b ? -1 : 1)).map(([lsn, tables]) => ({ lsn, tables }));
}
