import type { HeadWriter } from '../catalog/head-writer.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { tableSchema } from '../changes/table-schema.ts';
import { ExtractBuffer } from './extract-buffer.ts';
import { ExtractCommitter, UNKNOWN_BEGINNING } from './extract-committer.ts';
import type { FollowContext } from './follow-context.ts';

/**
 * An extract of its own, of no transaction, that stops the tables which are not at the source any more where their changes end:
 * also whoever applies the extracts again later does not pass over what is missing.
 */
export async function stopVanished(context: FollowContext, head: HeadWriter): Promise<void> {
  const { host, pipeline, vanished } = context;
  const { position } = head.head;
  if (vanished.length === 0) return;
  if (position === null) throw new PenstockError('PS1004', `pipeline ${pipeline} was never copied`);
  const keeping = new Map(vanished.map((table) => [table.id, table.keeping]));
  const buffer = new ExtractBuffer((id) => keeping.get(id) ?? { transfer: 'mirror', maxUpdates: null });
  for (const { selection, reason } of vanished) {
    const schema = tableSchema({ table: selection.table, columns: [], identity: { tag: 'key', columns: [] } });
    buffer.obstruct(schema, reason);
  }
  // The source has nothing to release: the position stays where it was.
  const committer = new ExtractCommitter(context, head, { acknowledge: () => undefined });
  await committer.commit(buffer.seal(), { position, committedAt: host.clock.timestamp() }, UNKNOWN_BEGINNING);
  await committer.settled();
}
