import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CopyMark } from '../../../core/changes/copy-mark.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { rowHash } from '../../../core/changes/row-digest.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import type { Snapshot, TableSelection } from '../../../core/sources/source-connector.ts';
import { Random } from '../../fixtures/random.ts';
import { Bench, SEED, failure, type Contract } from './contract.ts';
import {
  LogReader,
  NEVER,
  patience,
  readChunks,
  readToNow,
  select,
  transactionsOf,
  type CopiedChunk,
  type ReadTransaction,
} from './reading.ts';
import { Replica, sortedLines } from './replica.ts';
import { BUSY, LOOSE, Workload, createBusyTables, fillBusyTables } from './workload.ts';

const READERS = 3;
const CHUNK_BYTES = 40_000;

/** Copies while others write, and the log behind them: together they are the source, nothing lost and nothing doubled. */
export function handOffCases(contract: Contract): void {
  describe('copy and log', () => {
    let bench: Bench;
    let tables: readonly TableSelection[];
    let schemas: readonly TableSchema[];

    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'hand_off');
      await createBusyTables(bench.database, contract.dialect);
      tables = [select(bench.database, BUSY), select(bench.database, LOOSE)];
      schemas = await bench.source.describeTables(tables, NEVER);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    async function copyAll(snapshot: Snapshot): Promise<CopiedChunk[][]> {
      const copies: CopiedChunk[][] = [];
      for (const [index, table] of tables.entries()) {
        const schema = schemas[index]!;
        const ranges = await snapshot.planChunks(table, schema, CHUNK_BYTES, NEVER);
        if (table.table.name === BUSY) expect(ranges.length).toBeGreaterThan(3);
        copies.push(await readChunks(snapshot, table, schema, ranges, READERS));
      }
      return copies;
    }

    async function sourceRows(): Promise<(string | null)[][][]> {
      const { admin } = bench.database;
      return [await admin.rows(`SELECT id, name, n FROM ${BUSY}`), await admin.rows(`SELECT a, b FROM ${LOOSE}`)];
    }

    /** Tables with their first rows, and a log that begins behind them. */
    async function begin(): Promise<{ readonly start: SourcePosition; readonly initial: (string | null)[][][] }> {
      await fillBusyTables(bench.database, contract.dialect);
      const initial = await sourceRows();
      return { start: await bench.prepareAnew(tables), initial };
    }

    /** The first rows, moved on by the log alone to just before `order`. */
    function replayed(
      initial: (string | null)[][][],
      transactions: readonly ReadTransaction[],
      order: string,
    ): string[][] {
      const before = transactions.filter((transaction) => transaction.order < order);
      return schemas.map((schema, index) => {
        const replica = new Replica(schema);
        replica.load(initial[index]!.map((row) => (schema.identity.tag === 'row' ? [rowHash(row), ...row] : row)));
        replica.applyBehind([], before);
        return replica.lines();
      });
    }

    it(`a snapshot under concurrent writes is one state, exactly that of its position; the log goes on from there (seed ${SEED})`, async () => {
      const { start, initial } = await begin();
      await using workload = await Workload.start(bench.database, contract.dialect, SEED);
      const copies: { readonly position: SourcePosition; readonly chunks: CopiedChunk[][] }[] = [];
      for (let copy = 0; copy < 3; copy++) {
        await workload.progress(20);
        await using snapshot = await bench.source.openSnapshot({ tables, readers: READERS }, NEVER);
        await workload.progress(20);
        copies.push({ position: snapshot.position, chunks: await copyAll(snapshot) });
      }
      await workload.progress(20);
      await workload.finish();
      const transactions = transactionsOf((await readToNow(bench.source, start, tables)).events);
      const final = (await sourceRows()).map(sortedLines);
      expect(transactions.length).toBeGreaterThan(120);
      for (const { position, chunks } of copies) {
        expect(position.lineage).toBe(start.lineage);
        for (const chunk of chunks.flat()) expect(chunk.counted).toBe(chunk.rows.length);
        const copied = schemas.map((schema, index) => {
          const replica = new Replica(schema);
          for (const { rows } of chunks[index]!) replica.load(rows);
          return replica;
        });
        // The state that the log alone says the source had at this place.
        expect(copied.map((replica) => replica.lines())).toEqual(replayed(initial, transactions, position.order));
        for (const replica of copied)
          replica.applyBehind([{ range: { tag: 'whole' }, order: position.order }], transactions);
        expect(copied.map((replica) => replica.lines())).toEqual(final);
      }
    });

    it(`a copy that was killed goes on from a second snapshot, each chunk with its own place (seed ${SEED + 1})`, async () => {
      const { start } = await begin();
      await using workload = await Workload.start(bench.database, contract.dialect, SEED + 1);
      const busy = tables[0]!;
      const schema = schemas[0]!;
      const replica = new Replica(schema);
      const marks: CopyMark[] = [];
      await using first = bench.database.connect();
      await first.prepare(tables, start, NEVER);
      const snapshot = await first.openSnapshot({ tables, readers: READERS }, NEVER);
      const ranges = await snapshot.planChunks(busy, schema, CHUNK_BYTES, NEVER);
      expect(new Set(ranges.map(({ tag }) => tag)), 'ranges of an integer key can be resumed').toEqual(
        new Set(['key']),
      );
      const done = ranges.filter((_, index) => index % 2 === 0);
      const left = ranges.filter((_, index) => index % 2 === 1);
      const keep = (chunks: readonly CopiedChunk[], read: typeof ranges, order: string) => {
        for (const { rows } of chunks) replica.load(rows);
        marks.push(...read.map((range) => ({ range, order })));
      };
      keep(await readChunks(snapshot, busy, schema, done, READERS), done, snapshot.position.order);
      // In the middle of the next chunk the server ends all connections of the copy.
      const half = await snapshot.readChunk(busy, schema, left[0]!, patience('half a chunk'));
      await bench.database.endConnections();
      const broken = drain(half.bytes).then(() => readChunks(snapshot, busy, schema, left.slice(1), 1));
      expect(await failure(broken)).toMatchObject({ code: 'PS2010' });
      await snapshot[Symbol.asyncDispose]();
      await workload.progress(40);

      await using second = bench.database.connect();
      await second.prepare(tables, start, NEVER);
      await using again = await second.openSnapshot({ tables, readers: READERS }, NEVER);
      expect(again.position.order > snapshot.position.order).toBe(true);
      await workload.progress(20);
      keep(await readChunks(again, busy, schema, left, READERS), left, again.position.order);
      await workload.progress(20);
      await workload.finish();
      const transactions = transactionsOf((await readToNow(second, start, tables)).events);
      replica.applyBehind(marks, transactions);
      expect(replica.lines()).toEqual(sortedLines((await sourceRows())[0]!));
    });

    it(`a stream that is cut anywhere and goes on from the last commit gives what an uncut one gives (seed ${SEED + 2})`, async () => {
      const { start } = await begin();
      await using workload = await Workload.start(bench.database, contract.dialect, SEED + 2);
      await workload.progress(150);
      await workload.finish();
      const end = await bench.source.currentPosition(NEVER);
      const whole = await readPiece(bench, start, tables, end, Infinity);
      const random = new Random(SEED);
      const pieces: ReadTransaction[] = [];
      let cuts = 0;
      for (let after = start; after.order < end.order;) {
        const piece = await readPiece(bench, after, tables, end, cuts < 8 ? 1 + random.below(150) : Infinity);
        pieces.push(...piece.transactions);
        if (piece.isCut) cuts++;
        after = piece.reached;
      }
      expect(cuts).toBeGreaterThan(3);
      expect(pieces.map(plain)).toEqual(whole.transactions.map(plain));
    });
  });
}

/** Transactions up to `end`, or up to the last whole one before the stream is cut after `mostEvents`. */
async function readPiece(
  bench: Bench,
  after: SourcePosition,
  tables: readonly TableSelection[],
  end: SourcePosition,
  mostEvents: number,
): Promise<{ readonly transactions: readonly ReadTransaction[]; readonly reached: SourcePosition; isCut: boolean }> {
  await using reader = await LogReader.open(bench.source, after, tables);
  while (reader.reached.order < end.order && reader.events.length < mostEvents) await reader.next();
  const isCut = reader.reached.order < end.order || reader.events.length > mostEvents;
  const events = reader.events.slice(0, mostEvents);
  const last = events.findLast((event) => event.tag === 'commit' || event.tag === 'heartbeat');
  return { transactions: transactionsOf(events), reached: last?.position ?? after, isCut };
}

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
  for await (const buffer of bytes) if (buffer.length < 0) return;
}

/** A transaction as it must come again; schemas by their fingerprint, because each stream reads them anew. */
function plain({ order, at, end, changes }: ReadTransaction): unknown {
  const rows = changes.map(({ op, before, after, schema }) => ({ op, before, after, schema: schema.fingerprint }));
  return { order, at, end: end.order, rows };
}
