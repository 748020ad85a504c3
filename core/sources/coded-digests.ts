import { tableId } from '../changes/table-name.ts';
import { destroyedOnAbort, readOnOwnSession, type Destroyable } from './abort.ts';
import { compareKeys, ConvertedDigests, DigestSum } from './converted-digests.ts';
import type { ReadTable } from './reading.ts';
import type { Row } from './session.ts';
import type { ChecksumRequest, ChunkChecksum, RowDigest } from './source-connector.ts';

/** How a source whose digests are made by code reads what they are made of. */
export interface DigestedSource<Session, Table extends ReadTable> {
  open(signal: AbortSignal): Promise<Session>;
  /** The table as it is compared with its copy. */
  verifiedTable(session: Session, request: ChecksumRequest): Promise<Table>;
  /** The output texts of a range's rows, some at a time. */
  read(session: Session, table: Table, request: ChecksumRequest): AsyncIterable<readonly Row[]>;
  /** A failure as ours. */
  toError(error: unknown, doing: string, table: string): Error;
}

/** See SourceConnector.checksum: made by code, of the texts that a copy reads. Rows that do not fit are left out. */
export async function codedChecksum<Session extends Destroyable & AsyncDisposable, Table extends ReadTable>(
  source: DigestedSource<Session, Table>,
  request: ChecksumRequest,
  signal: AbortSignal,
): Promise<ChunkChecksum> {
  const id = tableId(request.selection.table);
  await using session = await source.open(signal);
  const summed = async () => {
    const sum = new DigestSum();
    for await (const digests of digestsOf(source, session, request)) for (const { digest } of digests) sum.add(digest);
    return { rows: sum.rows, sum: sum.sum };
  };
  return await destroyedOnAbort(session, signal, summed, (error) =>
    source.toError(error, `compute checksums of ${id}`, id),
  );
}

/** See SourceConnector.rowDigests. A chunk at a time in memory. */
export function codedDigests<Session extends Destroyable & AsyncDisposable, Table extends ReadTable>(
  source: DigestedSource<Session, Table>,
  request: ChecksumRequest,
  signal: AbortSignal,
): AsyncGenerator<RowDigest> {
  const id = tableId(request.selection.table);
  const read = async function* (session: Session): AsyncGenerator<RowDigest> {
    const all: RowDigest[] = [];
    for await (const digests of digestsOf(source, session, request)) all.push(...digests);
    yield* all.sort(compareKeys);
  };
  const failure = (error: unknown): Error => source.toError(error, `compute digests of ${id}`, id);
  return readOnOwnSession(() => source.open(signal), signal, read, failure);
}

/** Some rows at a time. */
async function* digestsOf<Session, Table extends ReadTable>(
  source: DigestedSource<Session, Table>,
  session: Session,
  request: ChecksumRequest,
): AsyncGenerator<readonly RowDigest[]> {
  const table = await source.verifiedTable(session, request);
  for await (const rows of source.read(session, table, request)) {
    const digests = new ConvertedDigests(table);
    for (const row of rows) digests.add(row);
    yield digests.all;
  }
}
