import type { Versioned } from '../../catalog/catalog.ts';
import type { ChunkRecord } from '../../catalog/records.ts';

/**
 * Pure: which chunks of one table a copy worker may take. Chunks of key ranges may be read at different snapshots, because
 * a logged row can be told to belong to one. Of all other tables every chunk must be read at the same place: the first chunk
 * is the gate, and whoever takes it reads the others.
 */

/** `order`: the place of the worker's snapshot. `now`: milliseconds since 1970. In the order in which they are listed. */
export function claimable(
  chunks: readonly Versioned<ChunkRecord>[],
  order: string,
  now: number,
): Versioned<ChunkRecord>[] {
  if (chunks.some(({ record }) => record.state.tag === 'failed')) return [];
  if (canBeMixed(chunks)) return chunks.filter(({ record }) => isFree(record, now));
  const [gate] = chunks;
  if (gate === undefined) return [];
  if (isFree(gate.record, now)) return [gate];
  if (placeOf(gate.record) !== order) return [];
  return chunks.slice(1).filter(({ record }) => isFree(record, now) || isOfAnotherPlace(record, order));
}

/** Chunks that may be loaded now: of a table whose chunks must be of one place, not before all of them are. */
export function loadable(chunks: readonly Versioned<ChunkRecord>[]): Versioned<ChunkRecord>[] {
  if (chunks.some(({ record }) => record.state.tag === 'failed')) return [];
  if (!canBeMixed(chunks) && !isOfOnePlace(chunks)) return [];
  return chunks.filter(({ record }) => record.state.tag === 'extracted' && !record.state.loaded);
}

/** Whether all chunks are loaded, so that the copy can become the table. */
export function isLoaded(chunks: readonly Versioned<ChunkRecord>[]): boolean {
  return chunks.every(({ record }) => record.state.tag === 'extracted' && record.state.loaded);
}

function canBeMixed(chunks: readonly Versioned<ChunkRecord>[]): boolean {
  return chunks.length === 1 || chunks.every(({ record }) => record.range.tag === 'key');
}

function isFree({ state }: ChunkRecord, now: number): boolean {
  return state.tag === 'waiting' || (state.tag === 'taken' && state.until <= now);
}

function isOfAnotherPlace({ state }: ChunkRecord, order: string): boolean {
  return state.tag === 'extracted' && state.order !== order;
}

function isOfOnePlace(chunks: readonly Versioned<ChunkRecord>[]): boolean {
  const places = new Set(chunks.map(({ record }) => (record.state.tag === 'extracted' ? record.state.order : null)));
  return places.size === 1 && !places.has(null);
}

function placeOf({ state }: ChunkRecord): string | null {
  return state.tag === 'taken' || state.tag === 'extracted' ? state.order : null;
}
