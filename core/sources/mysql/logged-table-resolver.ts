import { hasCode } from '../../errors/penstock-error.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSelection } from '../source-connector.ts';
import { learnCharset, type Charsets } from './values/charset.ts';
import type { Session } from './connection.ts';
import type { DescribeAnswer, DescribeRequest } from './following/decoder-request.ts';
import { replicatedTable, type Reading } from './describe.ts';
import { endOfLog } from './lineage.ts';
import { planTable, sourceTableOf } from './logged-table.ts';
import { placeOrder } from './place.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import type { TableMap } from './binlog/table-map.ts';

/** What the decoder asks of a table. What can never be followed with the user's choices is an obstacle, not an error. */
export async function resolveTable(
  session: Session,
  request: DescribeRequest,
  selection: TableSelection,
  reading: Reading,
  charsets: Charsets,
): Promise<DescribeAnswer> {
  const { table, map } = request;
  const now = (await findSourceTables(session, [table])).get(tableId(table)) ?? null;
  // Asked behind it: whatever information_schema showed was in the log by then.
  const end = await endOfLog(session);
  const until = placeOrder(end.file, end.position);
  await learnCharsets(session, charsets, map, now);
  try {
    if (map === null) {
      if (now === null) return { tag: 'obstacle', reason: 'it was truncated, and is not there any more' };
      return { tag: 'schema', schema: replicatedTable(now, selection, reading).schema, until };
    }
    const context = {
      charsets,
      version: session.version,
      isUncertain: request.isUncertain,
      writtenAt: request.writtenAt,
    };
    const structure = sourceTableOf(map, now, context);
    if (structure.tag === 'obstacle') return structure;
    const replicated = replicatedTable(structure.source, selection, reading);
    return {
      tag: 'plan',
      plan: planTable(map, replicated, context, request.earlier),
      trusted: structure.trusted,
      until,
    };
  } catch (error) {
    // What the log says now cannot be read with the user's choices, and will not be the next time either.
    if (!hasCode(error, 'PS1001', 'PS1006', 'PS2011')) throw error;
    return { tag: 'obstacle', reason: error.message };
  }
}

async function learnCharsets(
  session: Session,
  charsets: Charsets,
  map: TableMap | null,
  now: SourceTable | null,
): Promise<void> {
  const logged = map?.columns.map(({ collation }) => (collation === null ? null : charsets.charsetOf(collation))) ?? [];
  const declared = now?.columns.map(({ type }) => ('charset' in type ? type.charset : null)) ?? [];
  for (const charset of new Set([...logged, ...declared])) {
    if (charset !== null && charsets.mustLearn(charset)) await learnCharset(session, charsets, charset);
  }
}
