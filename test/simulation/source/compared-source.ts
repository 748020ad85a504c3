import { timestampFromMicroseconds } from '../../../core/changes/timestamp.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { encodeLine } from '../../../core/extracts/row-encoding.ts';
import { haveSameColumns } from '../../../core/sources/same-structure.ts';
import type { FetchedRows, FetchRequest, SourceConnector } from '../../../core/sources/source-connector.ts';
import { checksumOf, digestsOf, nameOfRow, rowsIn, type ComparedRow } from '../compared-rows.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import { keyRanges } from './simulated-snapshot.ts';
import type { SourceServer } from './source-server.ts';

type Compared = Pick<SourceConnector, 'checksum' | 'rowDigests' | 'fetchRows' | 'planRanges'>;

/** The source's side of a verification: each call sees the rows as they are at one moment. */
export function comparedSource(server: SourceServer, process: SimulatedProcess): Compared {
  const options = { fails: 'PS2010' } as const;
  const { random, time } = process.world;
  return {
    checksum: ({ selection, schema, range }, signal) =>
      process.call(
        `checksum of ${selection.table.name}`,
        () => checksumOf(schema, rowsIn(schema, rowsOf(server, schema), range)),
        { ...options, signal },
      ),
    async *rowDigests({ selection, schema, range }, signal) {
      yield* await process.call(
        `digests of ${selection.table.name}`,
        () => digestsOf(schema, rowsIn(schema, rowsOf(server, schema), range)),
        { ...options, signal },
      );
    },
    fetchRows: (request, signal) =>
      fetched((take) =>
        process.call(
          `fetch ${request.keys.length} rows of ${request.selection.table.name}`,
          () => take(rowsOfKeys(server, request), timestampFromMicroseconds(time.epochMicroseconds)),
          { ...options, signal },
        ),
      ),
    planRanges: (selection, schema, _bytes, signal) =>
      process.call(
        `plan ranges of ${selection.table.name}`,
        () =>
          schema.identity.tag === 'key' && random.chance(0.7)
            ? keyRanges(random.between(0, 3), () => random.between(0, 9))
            : [{ tag: 'whole' }],
        { ...options, signal },
      ),
  };
}

/** The columns of `schema`, as a SELECT of them shows the rows now. */
function rowsOf(server: SourceServer, schema: TableSchema): ComparedRow[] {
  const { rows, columns } = tableOf(server, schema);
  const places = schema.columns.map(({ name }) => columns.findIndex((column) => column.name === name));
  return rows.map((row) =>
    places.map((place) => (place < row.length ? (row[place] ?? null) : (columns[place]?.backfill ?? null))),
  );
}

function rowsOfKeys(server: SourceServer, { schema, keys }: FetchRequest): ComparedRow[] {
  if (!haveSameColumns(tableOf(server, schema).schema, schema))
    throw new PenstockError('PS5002', `${schema.table.name} has another structure`);
  const wanted = new Set(keys.map((key) => JSON.stringify(key)));
  return rowsOf(server, schema).filter((row) => wanted.has(nameOfRow(schema, row)));
}

function tableOf(server: SourceServer, schema: TableSchema): SourceServer['tables'][number] {
  const found = server.tables.find(({ table }) => table.name === schema.table.name);
  if (found === undefined) throw new PenstockError('PS1005', schema.table.name);
  return found;
}

/** Reading begins with the first byte asked for. */
function fetched(read: (take: (rows: readonly ComparedRow[], at: string) => void) => Promise<void>): FetchedRows {
  let [rows, takenAt]: [readonly ComparedRow[], string] = [[], ''];
  return {
    bytes: (async function* () {
      await read((found, at) => {
        [rows, takenAt] = [found, at];
      });
      for (const row of rows) yield Buffer.from(encodeLine(row), 'utf8');
    })(),
    summary: () => ({ rows: rows.length, misfits: [], takenAt }),
  };
}
