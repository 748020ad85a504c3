import { rowKey, rowKeyOf } from '../../changes/row-key.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { decodeLine } from '../../extracts/row-encoding.ts';
import { MOST_FETCHED, type FetchRequest, type KeyedMisfit } from '../../sources/source-connector.ts';
import type { OperationContext } from '../operation-context.ts';
import { linesOf } from './touched-keys.ts';

/** Rows of some keys as the source has them. */
export interface FetchedBatch {
  /** The keys that were asked for, by their names. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** By the key's name: the row's line, with its LF. */
  readonly lines: ReadonlyMap<string, Buffer>;
  /** By the key's name: rows with a value that does not fit. */
  readonly misfits: ReadonlyMap<string, KeyedMisfit>;
  readonly takenAt: Timestamp;
}

/** Bytes of rows that are held at once; a single row may be larger. */
const BATCH_BYTES = 32 << 20;

/** Takes a batch of keys off `keys` and fetches their rows; fewer keys where the rows are large. */
export async function fetchBatch(
  context: OperationContext,
  { selection, schema }: Omit<FetchRequest, 'keys'>,
  keys: (readonly string[])[],
): Promise<FetchedBatch> {
  for (let count = Math.min(keys.length, MOST_FETCHED); ; count = Math.ceil(count / 2)) {
    const chosen = keys.slice(0, count);
    const batch = await fetchAll(context, { selection, schema, keys: chosen }, count > 1 ? BATCH_BYTES : Infinity);
    if (batch === null) continue;
    keys.splice(0, count);
    return batch;
  }
}

/** Null where there are more bytes than `most`. */
async function fetchAll(
  { source, signal }: OperationContext,
  request: FetchRequest,
  most: number,
): Promise<FetchedBatch | null> {
  const { schema } = request;
  const fetched = source.fetchRows(request, signal);
  const buffers: Buffer[] = [];
  let size = 0;
  for await (const buffer of fetched.bytes) {
    buffers.push(Buffer.from(buffer));
    size += buffer.length;
    if (size > most) return null;
  }
  const { misfits, takenAt } = fetched.summary();
  return {
    keys: new Map(request.keys.map((key) => [rowKey(schema, key), key])),
    lines: linesByKey(schema, Buffer.concat(buffers)),
    misfits: new Map(misfits.map((misfit) => [rowKey(schema, misfit.key), misfit])),
    takenAt,
  };
}

function linesByKey(schema: TableSchema, bytes: Buffer): Map<string, Buffer> {
  const lines = new Map<string, Buffer>();
  for (const line of linesOf(bytes)) {
    lines.set(rowKeyOf(schema, decodeLine(line.toString('utf8'))), Buffer.concat([line, Buffer.of(0x0a)]));
  }
  return lines;
}
