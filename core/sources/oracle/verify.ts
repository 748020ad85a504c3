import { tableId } from '../../changes/table-name.ts';
import { readOnOwnSession } from '../abort.ts';
import { compareKeys, ConvertedDigests, DigestSum } from '../converted-digests.ts';
import type { ChecksumRequest, ChunkChecksum, RowDigest } from '../source-connector.ts';
import { selectRows } from './chunk-read.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { guarded, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { readSourceTables } from './source-table.ts';

/** Digests are made by code, of the texts that a copy reads: the canonical text of a value is the code's. */
export async function checksum(access: Access, request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
  const id = tableId(request.selection.table);
  await using session = await access.open(signal);
  return await guarded(
    session,
    signal,
    `compute checksums of ${id}`,
    async () => {
      const sum = new DigestSum();
      for await (const digests of digestsOf(session, access, request))
        for (const { digest } of digests) sum.add(digest);
      return { rows: sum.rows, sum: sum.sum };
    },
    id,
  );
}

/** In the order of the key's texts, byte by byte; for a table without a key, of the digest. A chunk at a time in memory. */
export function rowDigests(access: Access, request: ChecksumRequest, signal: AbortSignal): AsyncGenerator<RowDigest> {
  const id = tableId(request.selection.table);
  const read = async function* (session: Session): AsyncGenerator<RowDigest> {
    const all: RowDigest[] = [];
    for await (const digests of digestsOf(session, access, request)) all.push(...digests);
    yield* all.sort(compareKeys);
  };
  const failure = (error: unknown): Error => sourceError(error, `compute digests of ${id}`, id);
  return readOnOwnSession(() => access.open(signal), signal, read, failure);
}

/** Some rows at a time; rows that do not fit are left out. A statement of Oracle sees the table as it was when it began. */
async function* digestsOf(session: Session, access: Access, request: ChecksumRequest): AsyncGenerator<RowDigest[]> {
  const table = await verifiedTable(session, access, request);
  for await (const rows of session.read(selectRows(table, request.range, null))) {
    const digests = new ConvertedDigests(table);
    for (const row of rows) digests.add(row);
    yield digests.all;
  }
}

/** A table with the columns that its schema has, as it is compared with its copy. @throws PenstockError PS1005 */
export async function verifiedTable(
  session: Session,
  { settings }: Access,
  { selection, schema }: Pick<ChecksumRequest, 'selection' | 'schema'>,
): Promise<ReplicatedTable> {
  const [found] = await readSourceTables(session, [selection.table]);
  if (found === undefined) throw new Error('a table that was found is not there');
  // Of logged tables some columns are not replicated.
  const wanted = new Set(schema.columns.map(({ name }) => name));
  const columns = found.columns.filter(({ name }) => wanted.has(name));
  return replicatedTable({ ...found, columns }, selection, { fromLogs: false, policies: settings });
}
