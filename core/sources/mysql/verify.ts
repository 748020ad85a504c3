import type { ChunkRange } from '../../changes/copy-mark.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { readOnOwnSession } from '../abort.ts';
import { compareKeys, ConvertedDigests, DigestSum, digestSum } from '../converted-digests.ts';
import type { ChecksumRequest, ChunkChecksum, RowDigest } from '../source-connector.ts';
import { openSession, withSession, type Access, type Session } from './connection.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { ResultRows } from './wire/result-rows.ts';
import { fitCondition, rangeCondition, rowDigestSql, selectRows } from './row-sql.ts';
import { readSourceTables } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

/** Bytes of a key's text by which rows are sorted: those of an index have 6144 at most, in hexadecimal. The server's default is 1024. */
const SORT_BYTES = 8192;

/** Rows that do not fit are not at the destination, and not counted. */
export async function checksum(access: Access, request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
  const id = tableId(request.selection.table);
  return withSession(access, signal, `compute checksums of ${id}`, async (session) => {
    const table = await verifiedTable(session, access, request);
    if (isConverted(table)) {
      const digests = await convertedDigests(session, table, request.range);
      return { rows: digests.length, sum: digestSum(digests.map(({ digest }) => digest)) };
    }
    const digests = await summedDigests(session, table, request.range);
    return { rows: digests.rows, sum: digests.sum };
  });
}

/** Summed here: the server would compute each digest anew for every part of the sum, or write all of them to a temporary table. */
async function summedDigests(session: Session, table: ReplicatedTable, range: ChunkRange): Promise<DigestSum> {
  const digests = new DigestSum();
  const rows = new ResultRows(session, `SELECT ${rowDigestSql(table)} FROM ${source(table, range)}`);
  while (await rows.more()) {
    while (rows.next()) {
      const [digest = null] = rows.values();
      if (digest === null) {
        // Its other rows are still coming.
        session.destroy();
        throw tooLong(tableId(table.schema.table));
      }
      digests.add(digest);
    }
  }
  return digests;
}

/** In the order of the key's texts, byte by byte; for a table without a key, of the digest. */
export function rowDigests(access: Access, request: ChecksumRequest, signal: AbortSignal): AsyncGenerator<RowDigest> {
  const id = tableId(request.selection.table);
  const read = async function* (session: Session): AsyncGenerator<RowDigest> {
    const table = await verifiedTable(session, access, request);
    if (isConverted(table)) {
      yield* (await convertedDigests(session, table, request.range)).sort(compareKeys);
      return;
    }
    await session.run(`SET SESSION max_sort_length = ${SORT_BYTES}`);
    yield* sortedDigests(session, table, request.range);
  };
  const failure = (error: unknown): Error => sourceError(error, `compute digests of ${id}`, id);
  return readOnOwnSession(() => openSession(access, signal), signal, read, failure);
}

async function* sortedDigests(session: Session, table: ReplicatedTable, range: ChunkRange): AsyncGenerator<RowDigest> {
  const { identity } = table.schema;
  const digest = rowDigestSql(table);
  const keys =
    identity.tag === 'row'
      ? [digest]
      : identity.columns.map((name) => {
          const column = table.columns.find((one) => one.column.name === name);
          return column === undefined ? 'NULL' : column.reading.digest(identifier(name));
        });
  const doubles = table.columns.flatMap(({ column, reading, isMasked }) =>
    column.type.tag === 'double' && !isMasked ? [reading.output(identifier(column.name))] : [],
  );
  const fields = [...keys, digest, ...doubles];
  const order = keys.map((key) => `CAST(${key} AS BINARY)`).join(', ');
  const rows = new ResultRows(session, `SELECT ${fields.join(', ')} FROM ${source(table, range)} ORDER BY ${order}`);
  while (await rows.more()) {
    while (rows.next()) {
      const values = rows.values();
      const found = values[keys.length] ?? null;
      if (found === null) throw tooLong(tableId(table.schema.table));
      yield {
        key: values.slice(0, keys.length).map((value) => value ?? ''),
        digest: found,
        doubles: values.slice(keys.length + 1),
      };
    }
  }
}

/** The rows of a chunk that fit, as they stand behind FROM. */
function source(table: ReplicatedTable, range: ChunkRange): string {
  const fit = fitCondition(table);
  const condition = [rangeCondition(table, range), ...(fit === null ? [] : [fit])].join(' AND ');
  return `${qualified(table.schema.table)} WHERE ${condition}`;
}

/** CONCAT gives NULL for more than max_allowed_packet. */
function tooLong(table: string): PenstockError {
  return new PenstockError('PS2009', `${table} has a row whose text is longer than the server's max_allowed_packet`, {
    table,
    remedy: 'SET GLOBAL max_allowed_packet = 1073741824; then verify again. The copy is not concerned.',
  });
}

/** A table with the columns that its schema has, as it is compared with its copy. @throws PenstockError PS1005 */
export async function verifiedTable(
  session: Session,
  access: Access,
  { selection, schema }: Pick<ChecksumRequest, 'selection' | 'schema'>,
): Promise<ReplicatedTable> {
  const [found] = await readSourceTables(session, [selection.table]);
  if (found === undefined) throw new PenstockError('PS1005', tableId(selection.table));
  const virtualColumns = found.columns.some(
    (column) => column.generated === 'virtual' && schema.columns.some((one) => one.name === column.name),
  );
  return replicatedTable(found, selection, { fromLog: false, virtualColumns, policies: access.settings });
}

function isConverted(table: ReplicatedTable): boolean {
  return table.columns.some(({ change }) => change !== null);
}

/** Tables with a changed type are digested by code, a chunk at a time in memory. */
async function convertedDigests(session: Session, table: ReplicatedTable, range: ChunkRange): Promise<RowDigest[]> {
  const digests = new ConvertedDigests(table);
  const rows = new ResultRows(session, selectRows(table, range));
  while (await rows.more()) {
    while (rows.next()) digests.add(rows.values());
  }
  return digests.all;
}
