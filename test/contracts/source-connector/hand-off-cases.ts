import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChunkRange, CopyMark } from '../../../core/changes/copy-mark.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { rowHash } from '../../../core/changes/row-digest.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import type { Snapshot, SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import { Random } from '../../fixtures/random.ts';
import { Bench, SEED, failure, replicaOf, tellsNet, type Contract } from './contract.ts';
import { patience } from '../../fixtures/eventually.ts';
import {
  LogReader,
  NEVER,
  readChunks,
  readToNow,
  select,
  transactionsOf,
  type CopiedChunk,
  type ReadTransaction,
} from './reading.ts';
import { sortedLines, type Replica } from './replica.ts';
import { BUSY, LOOSE, Workload, createBusyTables, fillBusyTables } from './workload.ts';

const READERS = 3;
const CHUNK_BYTES = 40_000;
const BUSY_COLUMNS = ['id', 'name', 'n'];
/** Sorts behind the order of every transaction. */
const AFTER_ALL = '\uffff';

/** Copies while others write, and the log behind them: together they are the source, nothing lost and nothing doubled. */
export function handOffCases(contract: Contract): void {
  describe('copy and log', () => {
    let bench: Bench;
    let tables: readonly TableSelection[];
    let schemas: readonly TableSchema[];
    const hasLoose = contract.source.cannot.keyless === undefined;

    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'hand_off');
      await createBusyTables(bench.database, contract.dialect);
      tables = [BUSY, ...(hasLoose ? [LOOSE] : [])].map((name) => select(bench.database, name));
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
      const busy = await admin.rows(`SELECT ${BUSY_COLUMNS.join(', ')} FROM ${BUSY}`);
      return hasLoose ? [busy, await admin.rows(`SELECT a, b FROM ${LOOSE}`)] : [busy];
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
        const replica = replicaOf(contract, schema);
        replica.load(initial[index]!.map((row) => (schema.identity.tag === 'row' ? [rowHash(row), ...row] : row)));
        replica.applyBehind([], before);
        return replica.lines();
      });
    }

    /** The rows at a position, by the log alone; where that tells no commits, by what the server knows. */
    async function rowsAt(
      initial: (string | null)[][][],
      transactions: readonly ReadTransaction[],
      position: SourcePosition,
    ): Promise<string[][]> {
      if (!tellsNet(contract)) return replayed(initial, transactions, position.order);
      const { database } = bench;
      if (database.rowsAt === undefined) throw new Error('whoever tells the net of changes gives rowsAt');
      return [sortedLines(await database.rowsAt(BUSY, BUSY_COLUMNS, position))];
    }

    it(`a snapshot under concurrent writes is one state, exactly that of its position; the log goes on from there (seed ${SEED})`, async () => {
      const { start, initial } = await begin();
      await using workload = await Workload.start(bench.database, contract.dialect, SEED);
      const log = new LogSoFar(bench, start, tables);
      const copies: { readonly position: SourcePosition; readonly chunks: CopiedChunk[][] }[] = [];
      for (let copy = 0; copy < 3; copy++) {
        await workload.progress(20);
        await using snapshot = await bench.source.openSnapshot({ tables, readers: READERS }, NEVER);
        await workload.progress(20);
        copies.push({ position: snapshot.position, chunks: await copyAll(snapshot) });
        if (tellsNet(contract)) await log.readOn();
      }
      await workload.progress(20);
      await workload.finish();
      await log.readOn();
      const { transactions } = log;
      const final = (await sourceRows()).map(sortedLines);
      expect(transactions.length).toBeGreaterThan(tellsNet(contract) ? copies.length : 120);
      for (const { position, chunks } of copies) {
        expect(position.lineage).toBe(start.lineage);
        for (const chunk of chunks.flat()) expect(chunk.counted).toBe(chunk.rows.length);
        const copied = schemas.map((schema, index) => {
          const replica = replicaOf(contract, schema);
          for (const { rows } of chunks[index]!) replica.load(rows);
          return replica;
        });
        // The state that the log alone says the source had at this place.
        expect(copied.map((replica) => replica.lines())).toEqual(await rowsAt(initial, transactions, position));
        for (const replica of copied)
          replica.applyBehind([{ range: { tag: 'whole' }, order: position.order }], transactions);
        expect(copied.map((replica) => replica.lines())).toEqual(final);
      }
    });

    /** A copy of the busy table of which every second chunk is there, while others write. */
    async function halfCopied(source: SourceConnector, start: SourcePosition): Promise<HalfCopy> {
      const [busy, schema] = [tables[0]!, schemas[0]!];
      await source.prepare(tables, start, NEVER);
      const snapshot = await source.openSnapshot({ tables, readers: READERS }, NEVER);
      const ranges = await snapshot.planChunks(busy, schema, CHUNK_BYTES, NEVER);
      const replica = replicaOf(contract, schema);
      const marks: CopyMark[] = [];
      const read = async (view: Snapshot, chosen: readonly ChunkRange[]) => {
        const chunks = await readChunks(view, busy, schema, chosen, READERS);
        for (const { rows } of chunks) replica.load(rows);
        marks.push(...chosen.map((range) => ({ range, order: view.position.order })));
      };
      await read(
        snapshot,
        ranges.filter((_, index) => index % 2 === 0),
      );
      const left = ranges.filter((_, index) => index % 2 === 1);
      // In the middle of the next chunk the server ends all connections of the copy.
      const half = await snapshot.readChunk(busy, schema, left[0]!, patience('half a chunk'));
      await bench.database.endConnections();
      return { snapshot, ranges, left, replica, marks, read, ended: drain(half.bytes) };
    }

    const { keepsSnapshots } = contract.source;
    const once = keepsSnapshots === undefined ? ['each chunk with its own place'] : [];
    it.each(once)(`a copy that was killed goes on from a second snapshot, %s (seed ${SEED + 1})`, async () => {
      const { start } = await begin();
      await using workload = await Workload.start(bench.database, contract.dialect, SEED + 1);
      await using first = bench.database.connect();
      const { snapshot, ranges, left, replica, marks, read, ended } = await halfCopied(first, start);
      expect(new Set(ranges.map(({ tag }) => tag)), 'ranges of an integer key can be resumed').toEqual(
        new Set(['key']),
      );
      const broken = ended.then(() => readChunks(snapshot, tables[0]!, schemas[0]!, left.slice(1), 1));
      expect(await failure(broken)).toMatchObject({ code: 'PS2010' });
      await snapshot[Symbol.asyncDispose]();
      await workload.progress(40);

      await using second = bench.database.connect();
      const log = new LogSoFar({ source: second }, start, tables);
      if (tellsNet(contract)) await log.readOn();
      await second.prepare(tables, start, NEVER);
      await using again = await second.openSnapshot({ tables, readers: READERS }, NEVER);
      expect(again.position.order > snapshot.position.order).toBe(true);
      await workload.progress(20);
      await read(again, left);
      await workload.progress(20);
      await workload.finish();
      await log.readOn();
      replica.applyBehind(marks, log.transactions);
      expect(replica.lines()).toEqual(sortedLines((await sourceRows())[0]!));
    });

    const again = keepsSnapshots === undefined ? [] : [keepsSnapshots];
    it.each(again)(`a copy whose connections were ended goes on at the same place: %s (seed ${SEED + 1})`, async () => {
      const { start } = await begin();
      await using workload = await Workload.start(bench.database, contract.dialect, SEED + 1);
      const { source } = bench;
      const { snapshot, left, replica, marks, read, ended } = await halfCopied(source, start);
      await using open = snapshot;
      // What had arrived already may be read to its end.
      await ended.catch((error: unknown) => expect(error).toMatchObject({ code: 'PS2010', retry: 'timed' }));
      await workload.progress(40);
      await read(open, left);
      await workload.progress(20);
      await workload.finish();
      const log = new LogSoFar(bench, start, tables);
      await log.readOn();
      expect(new Set(marks.map(({ order }) => order)).size, 'one place for all chunks').toBe(1);
      replica.applyBehind(marks, log.transactions);
      expect(replica.lines()).toEqual(sortedLines((await sourceRows())[0]!));
    });

    it(`a stream that is cut anywhere and goes on from the last commit gives what an uncut one gives (seed ${SEED + 2})`, async () => {
      const { start, initial } = await begin();
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
      if (tellsNet(contract)) {
        expect(pieces.map(unordered)).toEqual(whole.transactions.map(unordered));
        expect(replayed(initial, pieces, AFTER_ALL)).toEqual((await sourceRows()).map(sortedLines));
      } else expect(pieces.map(plain)).toEqual(whole.transactions.map(plain));
    });
  });
}

interface HalfCopy {
  readonly snapshot: Snapshot;
  readonly ranges: readonly ChunkRange[];
  /** Of which nothing was kept. */
  readonly left: readonly ChunkRange[];
  /** What was kept, and with which place. */
  readonly replica: Replica;
  readonly marks: readonly CopyMark[];
  readonly read: (view: Snapshot, chosen: readonly ChunkRange[]) => Promise<void>;
  /** The chunk that was being read when the connections ended. */
  readonly ended: Promise<void>;
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

/** The log, read in pieces. */
class LogSoFar {
  readonly transactions: ReadTransaction[] = [];
  readonly #bench: Pick<Bench, 'source'>;
  readonly #tables: readonly TableSelection[];
  #reached: SourcePosition;

  constructor(bench: Pick<Bench, 'source'>, start: SourcePosition, tables: readonly TableSelection[]) {
    this.#bench = bench;
    this.#reached = start;
    this.#tables = tables;
  }

  async readOn(): Promise<void> {
    const { events, reached } = await readToNow(this.#bench.source, this.#reached, this.#tables);
    this.transactions.push(...transactionsOf(events));
    this.#reached = reached;
  }
}

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
  for await (const buffer of bytes) if (buffer.length < 0) return;
}

/** A transaction as it must come again; schemas by their fingerprint, because each stream reads them anew. */
function plain({ order, at, end, changes }: ReadTransaction): unknown {
  const rows = changes.map(({ op, before, after, schema }) => ({ op, before, after, schema: schema.fingerprint }));
  return { order, at, end: end.order, rows };
}

/** The same where a look is a transaction: it has the time of the look, and its rows come in no order. */
function unordered({ order, end, changes }: ReadTransaction): unknown {
  const rows = changes.map(({ op, before, after, schema }) => JSON.stringify([op, before, after, schema.fingerprint]));
  return { order, end: end.order, rows: rows.sort() };
}
