import { createHash } from 'node:crypto';
import type { CopyMark } from '../../changes/copy-mark.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Versioned } from '../../catalog/catalog.ts';
import type { ChunkRecord, TableRecord } from '../../catalog/records.ts';

/** Whether a copy that was interrupted goes on, and why not. */
export type ResumePlan =
  | { readonly tag: 'begin' }
  | { readonly tag: 'resume'; readonly chunks: readonly Versioned<ChunkRecord>[] }
  | { readonly tag: 'restart'; readonly reason: string };

/**
 * Pure: what becomes of a copy found in the catalog. Chunks of an earlier snapshot are kept only where the log from that snapshot on
 * is still to be read, and where a logged row can be told to belong to a chunk: in key ranges. `headOrder`: up to where the log was read;
 * `snapshotOrder`: the place of the snapshot at which the chunks that are left will be read.
 */
export function planResume(
  record: TableRecord,
  schema: TableSchema,
  chunks: readonly Versioned<ChunkRecord>[],
  { headOrder, snapshotOrder }: { readonly headOrder: string; readonly snapshotOrder: string },
): ResumePlan {
  if (record.chunks === null) return { tag: 'begin' };
  if (chunks.length !== record.chunks) return { tag: 'restart', reason: 'its list of chunks is not whole' };
  if (record.schema?.fingerprint !== schema.fingerprint)
    return { tag: 'restart', reason: 'its structure changed meanwhile' };
  const extracted = chunks.flatMap(({ record: { state } }) => (state.tag === 'extracted' ? [state] : []));
  if (extracted.some((state) => state.order < headOrder)) {
    return { tag: 'restart', reason: 'the log was read past its snapshot meanwhile' };
  }
  const places = new Set(extracted.map((state) => state.order));
  if (places.size > 0 && extracted.length < chunks.length) places.add(snapshotOrder);
  if (places.size > 1 && chunks.some(({ record: chunk }) => chunk.range.tag !== 'key')) {
    return { tag: 'restart', reason: 'its chunks are not key ranges, so chunks of two snapshots cannot be joined' };
  }
  return { tag: 'resume', chunks };
}

/** The marks of a finished copy: one for all where the chunks share a snapshot. */
export function copyMarks(chunks: readonly ChunkRecord[]): CopyMark[] {
  const marks = chunks.flatMap(({ range, state }) =>
    state.tag === 'extracted' ? [{ range, order: state.order }] : [],
  );
  const orders = new Set(marks.map((mark) => mark.order));
  const [order] = orders;
  return orders.size === 1 && order !== undefined ? [{ range: { tag: 'whole' }, order }] : marks;
}

/** Where a copy's files lie; a digest stands for the table, whose name may hold any character. */
export function copyPrefix(pipeline: string, table: string, generation: number): string {
  const digest = createHash('sha256').update(table).digest('hex').slice(0, 16);
  return `${pipeline}/copies/${digest}/${generation.toString().padStart(6, '0')}/`;
}
