import type { Versioned } from '../../catalog/catalog.ts';
import type { ChunkRecord } from '../../catalog/records.ts';

/**
 * Pure: which chunks of one table a copy worker may take. Chunks of key ranges may be read at different snapshots, because
 * a logged row can be told to belong to one. Of all other tables every chunk must be read at the same place: the first chunk
 * is the gate, and whoever takes it reads the others.
 */

/** Who wants to take chunks. */
export interface Claimant {
  /** Whoever is meant: chunks that it had taken before are free for it. */
  readonly owner: string;
  /** The place of its snapshot. */
  readonly order: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** In the order in which they are listed. */
export function claimable(chunks: readonly Versioned<ChunkRecord>[], claimant: Claimant): Versioned<ChunkRecord>[] {
  const { order } = claimant;
  if (chunks.some(({ record }) => record.state.tag === 'failed')) return [];
  if (canBeMixed(chunks)) return chunks.filter(({ record }) => isFree(record, claimant));
  const [gate] = chunks;
  if (gate === undefined) return [];
  if (placeOf(gate.record) !== order) return isFree(gate.record, claimant) ? [gate] : [];
  return chunks.filter(({ record }) => isFree(record, claimant) || isOfAnotherPlace(record, order));
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

function isFree({ state }: ChunkRecord, { owner, now }: Claimant): boolean {
  return state.tag === 'waiting' || (state.tag === 'taken' && (state.until <= now || state.owner === owner));
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
