import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ChecksumRequest, ChunkChecksum, RowDigest } from '../source-connector.ts';
import { openSession, withSession, type Access, type Session } from './connection.ts';
import { CopyOut } from './wire/copy-out.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { readOnOwnSession } from '../abort.ts';
import { compareKeys, ConvertedDigests, digestSum } from '../converted-digests.ts';
import { parseLine } from './wire/output-line.ts';
import { fitCondition, outputColumns, rangeCondition, rowDigestSql } from './row-sql.ts';
import { readSourceTables } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

const FIRST = 15;

/** Rows that do not fit are not at the destination, and not counted. */
export async function checksum(access: Access, request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
  const id = tableId(request.selection.table);
  return withSession(access, signal, `compute checksums of ${id}`, async (session) => {
    const table = await verifiedTable(session, request);
    if (isConverted(table)) {
      const digests = await convertedDigests(session, table, request);
      return { rows: digests.length, sum: digestSum(digests.map(({ digest }) => digest)) };
    }
    const part = (from: number) => `coalesce(sum(('x' || substr(digest, ${from}, ${FIRST}))::bit(60)::bigint), 0)`;
    const [row] = await session.rows(
      `SELECT count(*), ${part(1)}, ${part(1 + FIRST)} FROM (SELECT ${rowDigestSql(table, session.isUtf8)} AS digest
       FROM ${qualified(table.schema.table)} WHERE ${conditionOf(table, request)} OFFSET 0) rows`,
    );
    return { rows: Number(row?.[0]), sum: `${row?.[1] ?? '0'}:${row?.[2] ?? '0'}` };
  });
}

/** In the order of the key's texts, byte by byte; for a table without a key, of the digest. */
export function rowDigests(access: Access, request: ChecksumRequest, signal: AbortSignal): AsyncGenerator<RowDigest> {
  const id = tableId(request.selection.table);
  const read = async function* (session: Session): AsyncGenerator<RowDigest> {
    const table = await verifiedTable(session, request);
    if (isConverted(table)) yield* (await convertedDigests(session, table, request)).sort(compareKeys);
    else yield* sortedDigests(session, table, request);
  };
  const failure = (error: unknown): Error => sourceError(error, `compute digests of ${id}`, id);
  return readOnOwnSession(() => openSession(access, signal), signal, read, failure);
}

async function* sortedDigests(
  session: Session,
  table: ReplicatedTable,
  request: ChecksumRequest,
): AsyncGenerator<RowDigest> {
  const digest = rowDigestSql(table, session.isUtf8);
  const { identity } = table.schema;
  const keys =
    identity.tag === 'row'
      ? [digest]
      : identity.columns.map((name) => {
          const column = table.columns.find((one) => one.column.name === name);
          return column === undefined ? 'NULL' : column.reading.digest(identifier(name));
        });
  const doubles = table.columns
    .filter(({ column }) => column.type.tag === 'double')
    .map(({ column, reading }) => reading.text(identifier(column.name)));
  const order = keys.map((_, index) => `k${index} COLLATE "C"`).join(', ');
  const fields = [
    ...keys.map((key, index) => `${key} AS k${index}`),
    `${digest} AS digest`,
    ...doubles.map((double, index) => `${double} AS d${index}`),
  ];
  const copy = new CopyOut(
    `COPY (SELECT * FROM (SELECT ${fields.join(', ')} FROM ${qualified(table.schema.table)} WHERE ${conditionOf(table, request)}) rows
     ORDER BY ${order}) TO STDOUT`,
  );
  session.client.query(copy);
  while (await copy.more()) {
    while (copy.next()) {
      const values = parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1));
      yield {
        key: values.slice(0, keys.length).map((value) => value ?? ''),
        digest: values[keys.length] ?? '',
        doubles: values.slice(keys.length + 1),
      };
    }
  }
}

/** A table with the columns that its schema has, as it is compared with its copy. @throws PenstockError PS1005 */
export async function verifiedTable(
  session: Session,
  { selection, schema }: Pick<ChecksumRequest, 'selection' | 'schema'>,
): Promise<ReplicatedTable> {
  const [source] = await readSourceTables(session, [selection.table]);
  if (source === undefined) throw new PenstockError('PS1005', tableId(selection.table));
  const generatedColumns = source.columns.some(
    (column) => column.generated === 'stored' && schema.columns.some((one) => one.name === column.name),
  );
  return replicatedTable(source, selection, { fromLog: false, generatedColumns });
}

function conditionOf(table: ReplicatedTable, { range }: ChecksumRequest): string {
  const fit = fitCondition(table);
  return [rangeCondition(table, range), ...(fit === null ? [] : [fit])].join(' AND ');
}

function isConverted(table: ReplicatedTable): boolean {
  return table.columns.some(({ change }) => change !== null);
}

/** Tables with a changed type are digested by code, a chunk at a time in memory. */
async function convertedDigests(
  session: Session,
  table: ReplicatedTable,
  request: ChecksumRequest,
): Promise<RowDigest[]> {
  const digests = new ConvertedDigests(table);
  const copy = new CopyOut(
    `COPY (SELECT ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)} WHERE ${rangeCondition(table, request.range)}) TO STDOUT`,
  );
  session.client.query(copy);
  while (await copy.more()) {
    while (copy.next()) digests.add(parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1)));
  }
  return digests.all;
}
