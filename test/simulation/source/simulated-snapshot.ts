import type { ChunkRange } from '../../../core/changes/copy-mark.ts';
import { rangeHolds } from '../../../core/changes/copy-mark.ts';
import { rowHash } from '../../../core/changes/row-digest.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import type { TableName } from '../../../core/changes/table-name.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { encodeLine } from '../../../core/extracts/row-encoding.ts';
import type { ChunkRows, Snapshot } from '../../../core/sources/source-connector.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import type { SnapshotView } from './source-server.ts';
import type { FullRow } from './source-tables.ts';

/** A process's view of the source as it was at one moment. */
export function simulatedSnapshot(view: SnapshotView, process: SimulatedProcess): Snapshot {
  const { random, weather } = process.world;
  const fails = 'PS2010';
  return {
    position: view.position,
    takenAt: view.takenAt,
    estimateRows: (selection, signal) =>
      process.call('estimate', () => view.rowsOf(selection.table.name).length, { fails, signal }),
    planChunks: (selection, schema, _bytes, signal) =>
      process.call(
        `plan chunks of ${selection.table.name}`,
        () =>
          schema.identity.tag === 'key' && random.chance(0.8)
            ? keyRanges(random.between(0, 3), () => random.between(0, 9))
            : pageRanges(random.between(1, 3)),
        { fails, signal },
      ),
    async readChunk(selection, schema, range, signal) {
      const { name } = selection.table;
      const rows = await process.call(`read chunk of ${name}`, () => chunkOf(view, selection.table, range), {
        fails,
        signal,
      });
      return chunkRows(
        rows.map((row) => lineOf(row, schema, view)),
        () => {
          if (random.chance(weather.connectionLoss)) throw new PenstockError('PS2010', 'the snapshot is gone');
          if (view.isGone()) throw new PenstockError('PS2012', name, { table: `shop.${name}` });
        },
      );
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function chunkOf(view: SnapshotView, table: TableName, range: ChunkRange): FullRow[] {
  const rows = view.rowsOf(table.name);
  switch (range.tag) {
    case 'whole':
      return [...rows];
    case 'key':
      return rows.filter((row) => rangeHolds(range, row[0] ?? ''));
    case 'pages':
      return rows.filter((row) => pageOf(row, Number(range.to)) === Number(range.from));
  }
}

/** A row's page depends on what it holds, so that it moves when it is updated, as in a heap. */
function pageOf(row: FullRow, pages: number): number {
  return Number.parseInt(rowHash(row).slice(0, 6), 16) % pages;
}

function lineOf(row: FullRow, schema: TableSchema, view: SnapshotView): string {
  const whole = schema.columns.map((_, index) =>
    index < row.length ? (row[index] ?? null) : view.backfillOf(schema.table.name, index),
  );
  return encodeLine(schema.identity.tag === 'row' ? [rowHash(whole), ...whole] : whole);
}

function chunkRows(lines: readonly string[], mayFail: () => void): ChunkRows {
  return {
    bytes: (async function* () {
      for (const line of lines) {
        await Promise.resolve();
        mayFail();
        yield Buffer.from(line, 'utf8');
      }
    })(),
    summary: () => ({ rows: lines.length, misfits: [] }),
  };
}

export function keyRanges(cuts: number, draw: () => number): ChunkRange[] {
  const bounds = [...new Set(Array.from({ length: cuts }, draw))].sort((a, b) => a - b).map(String);
  return [null, ...bounds].map((after, index) => ({
    tag: 'key',
    column: 'id',
    compareAs: 'number',
    after,
    upTo: bounds[index] ?? null,
  }));
}

function pageRanges(pages: number): ChunkRange[] {
  if (pages === 1) return [{ tag: 'whole' }];
  return Array.from({ length: pages }, (_, page) => ({ tag: 'pages', from: `${page}`, to: `${pages}` }));
}
