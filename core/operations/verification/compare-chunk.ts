import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { ChunkChecksum } from '../../sources/source-connector.ts';
import { compareDigests } from './compare-digests.ts';
import type { OperationContext } from '../operation-context.ts';
import type { ComparedTable } from './compared-table.ts';

/** What a first look at a chunk found. */
export interface ChunkLook {
  readonly source: ChunkChecksum;
  readonly destination: ChunkChecksum;
  /** Keys, or digests of a table without a key, of rows that seem to differ: many of them may only have been in flight. */
  readonly suspects: readonly (readonly string[])[];
  /** There are more than were asked for. */
  readonly isMore: boolean;
  /** Versions of a history that begin before the one before them has ended. */
  readonly overlaps: number;
}

/**
 * Compares one range of a table: by its checksums, which prove it where they are equal, whatever moved meanwhile; else row by row.
 * At most `most` rows that seem to differ are named.
 */
export async function compareChunk(
  context: OperationContext,
  compared: ComparedTable,
  range: ChunkRange,
  most: number,
): Promise<ChunkLook> {
  const { source, destination, host, signal } = context;
  const { selection, schema, target } = compared;
  const [here, there] = await Promise.all([
    source.checksum({ selection, schema, range }, signal),
    destination.checksum(target, range, signal),
  ]);
  const overlaps = await destination.overlappingVersions(target, range, signal);
  await host.failpoint('verify.after-checksums');
  // Doubles are no part of a checksum.
  const hasDoubles = schema.columns.some(({ type }) => type.tag === 'double');
  const isEqual = here.rows === there.rows && here.sum === there.sum && !hasDoubles;
  const suspects: (readonly string[])[] = [];
  if (!isEqual) {
    const request = { selection, schema, range };
    const found = compareDigests(source.rowDigests(request, signal), destination.rowDigests(target, range, signal));
    for await (const { key } of found) {
      if (suspects.length === most) return { source: here, destination: there, suspects, isMore: true, overlaps };
      suspects.push(key);
    }
  }
  return { source: here, destination: there, suspects, isMore: false, overlaps };
}
