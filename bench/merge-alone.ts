import { assemble } from '../cli/assemble.ts';
import { readConfiguration } from '../cli/read-configuration.ts';
import { Catalog } from '../core/catalog/catalog.ts';
import { tableId } from '../core/changes/table-name.ts';
import { connectSingleStore } from '../core/destinations/singlestore/singlestore-destination.ts';
import { targetOf } from '../core/destinations/target-naming.ts';
import { readLines, readPieces } from '../core/extracts/read-piece.ts';
import type { ExtractPart } from '../core/extracts/manifest.ts';

const PAGE = 500;
const signal = new AbortController().signal;

/** One extract with its parts' plain bytes in memory. */
export interface PreparedExtract {
  readonly number: number;
  readonly parts: readonly { readonly part: ExtractPart; readonly lines: Buffer }[];
}

/** Reads the extracts of a pipeline after number `after` from its store. */
export async function readPrepared(configuration: string, after: number): Promise<PreparedExtract[]> {
  await using assembly = await assemble(await readConfiguration(configuration));
  const catalog = new Catalog(assembly.settings.pipeline, assembly.host);
  const prepared: PreparedExtract[] = [];
  for (;;) {
    const records = await catalog.extractsAfter(after + prepared.length, PAGE);
    for (const record of records) {
      const parts = [];
      for (const piece of await readPieces(assembly.host, record, signal)) {
        for (const part of piece.manifest.parts) {
          const buffers: Buffer[] = [];
          for await (const buffer of readLines(assembly.host, piece, part, signal)) buffers.push(buffer);
          parts.push({ part, lines: Buffer.concat(buffers) });
        }
      }
      prepared.push({ number: record.number, parts });
    }
    if (records.length < PAGE) return prepared;
  }
}

/** Merges prepared extracts as the loader would, with nothing beside it: no source, no store, no catalog. */
export async function mergeAlone(
  configuration: string,
  database: string,
  prepared: readonly PreparedExtract[],
): Promise<void> {
  await using assembly = await assemble(await readConfiguration(configuration));
  const settings = {
    ...assembly.settings,
    pipeline: 'alone',
    destination: { ...assembly.settings.destination, database },
  };
  await using destination = connectSingleStore(settings.destination, {
    password: () => assembly.host.secrets.read(settings.destination.password),
    randomness: assembly.host.randomness,
    failpoint: () => Promise.resolve(),
  });
  await destination.takeLedger(settings.pipeline, 1, signal);
  let { applied } = await destination.ledger(settings.pipeline, signal);
  for (const { number, parts } of prepared) {
    await destination.merge(
      {
        pipeline: settings.pipeline,
        epoch: 1,
        extract: number,
        pipelineMark: { from: applied },
        tableMarks: [],
        parts: parts.map(({ part, lines }) => {
          const table = settings.tables.find((candidate) => tableId(candidate.table) === part.table);
          if (table === undefined) throw new Error(`${part.table} is not among the tables`);
          return {
            target: targetOf(settings, table, part.schema),
            columns: part.schema.columns.map((column) => column.name),
            truncatedAt: part.truncatedAt,
            rows: part.rows,
            hasAbsent: part.hasAbsent,
            open: () => once(lines),
            misfits: [],
          };
        }),
      },
      signal,
    );
    applied = number;
  }
}

async function* once(lines: Buffer): AsyncIterable<Buffer> {
  yield await Promise.resolve(lines);
}
