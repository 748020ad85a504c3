import type { ChunkRange } from '../../changes/copy-mark.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import { sharedRanges } from '../key-ranges.ts';
import type { TableSelection } from '../source-connector.ts';
import { planKeyRanges } from './chunks.ts';
import { withSession, type Access } from './server/guarded.ts';
import { verifiedTable } from './verify.ts';

/** See SourceConnector.planRanges. */
export async function planRanges(
  access: Access,
  selection: TableSelection,
  schema: TableSchema,
  bytes: number,
  signal: AbortSignal,
): Promise<ChunkRange[]> {
  return withSession(access, signal, `cut ${tableId(selection.table)}`, async (session) =>
    sharedRanges(
      await planKeyRanges(session, await verifiedTable(session, access, { selection, schema }), bytes, null),
    ),
  );
}
