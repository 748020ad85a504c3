import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourcePosition } from '../../../core/changes/position.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { hasCode } from '../../../core/errors/penstock-error.ts';
import type { Snapshot, SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import { Random } from '../../fixtures/random.ts';
import { Bench, SEED, failure, tellsNet, type Contract } from './contract.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { LogReader, NEVER, describeOne, pause, readChunk, select } from './reading.ts';

const ROUNDS = 6;

/** A signal ends everything at once; what was at work leaves nothing behind. */
export function abortCases(contract: Contract): void {
  describe('aborts', () => {
    let bench: Bench;
    let table: TableSelection;
    let schema: TableSchema;
    let start: SourcePosition;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'aborts');
      await bench.run(
        'CREATE TABLE held (id INTEGER NOT NULL, t VARCHAR(300), PRIMARY KEY (id))',
        `INSERT INTO held (id, t) SELECT i, '${'some text '.repeat(25)}' FROM ${contract.dialect.series(1, 20_000)}`,
        contract.dialect.analyze('held'),
      );
      table = select(bench.database, 'held');
      start = await bench.prepareAnew([table]);
      schema = await describeOne(bench.source, table);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    const request = () => ({ selection: table, schema, range: { tag: 'whole' } as const });
    const CALLS: Readonly<Record<string, (source: SourceConnector, signal: AbortSignal) => Promise<unknown>>> = {
      check: (source, signal) => source.check([table], signal),
      listTables: (source, signal) => source.listTables(signal),
      describeTables: (source, signal) => source.describeTables([table], signal),
      prepare: (source, signal) => source.prepare([table], start, signal),
      'prepare anew': async (source, signal) => {
        await patiently(() => source.teardown(NEVER));
        await source.prepare([table], null, signal);
      },
      openSnapshot: async (source, signal) => {
        await using snapshot = await source.openSnapshot({ tables: [table], readers: 2 }, signal);
        return snapshot.position;
      },
      planChunks: (source, signal) =>
        inSnapshot(source, (snapshot) => snapshot.planChunks(table, schema, 10_000, signal)),
      readChunk: (source, signal) =>
        inSnapshot(source, async (snapshot) => {
          const { bytes } = await snapshot.readChunk(table, schema, { tag: 'whole' }, signal);
          for await (const buffer of bytes) if (buffer.length < 0) return;
        }),
      openStream: async (source, signal) => {
        await using reader = await LogReader.open(source, start, [table], signal);
        // Nothing is to come but heartbeats: it ends by the signal alone.
        for (;;) await reader.next();
      },
      currentPosition: (source, signal) => source.currentPosition(signal),
      checkReach: async (source, signal) => {
        try {
          await source.checkReach(start, signal);
        } catch (error) {
          // Who tells net changes cannot read anything once more, and says so.
          if (!tellsNet(contract) || !hasCode(error, 'PS2006')) throw error;
        }
      },
      logHealth: (source, signal) => source.logHealth(signal),
      checksum: (source, signal) => source.checksum(request(), signal),
      rowDigests: async (source, signal) => {
        for await (const { digest } of source.rowDigests(request(), signal)) if (digest === '') return;
      },
    };

    it.each(Object.keys(CALLS))('%s: not begun when the signal has come, ended when it comes', async (name) => {
      const call = CALLS[name]!;
      const reason = new Error('enough');
      start = await patiently(() => bench.source.prepare([table], null, NEVER));
      expect(await failure(call(bench.source, AbortSignal.abort(reason)))).toBe(reason);
      const random = new Random(SEED);
      for (let round = 0; round < ROUNDS; round++) {
        const controller = new AbortController();
        const ended = call(bench.source, controller.signal).then(
          () => null,
          (error: unknown) => error,
        );
        await pause(random.below(12));
        controller.abort(reason);
        // Whoever is faster: it was done, or it ended with the reason; never with an error of the torn connection.
        const error = await ended;
        if (error !== null) expect(error).toBe(reason);
      }
      await eventually(async () => (await bench.database.connections()) === 0, `connections of ${name} are gone`);
    });

    it.each(['checksum', 'rowDigests'])('%s: ends while it waits for a lock', async (name) => {
      await eventually(async () => (await bench.database.connections()) === 0, 'nobody is connected');
      await whileLocked((signal) => CALLS[name]!(bench.source, signal));
    });

    it('readChunk: ends while it waits for a lock', async () => {
      await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
      await whileLocked(async (signal) => {
        const { bytes } = await snapshot.readChunk(table, schema, { tag: 'whole' }, signal);
        for await (const buffer of bytes) if (buffer.length < 0) return;
      });
    });

    async function whileLocked(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
      const reason = new Error('enough');
      const controller = new AbortController();
      await using locker = await bench.database.session();
      await locker.run(...contract.dialect.lock('held'));
      const state = { isEnded: false };
      const ended = failure(call(controller.signal)).finally(() => {
        state.isEnded = true;
      });
      ended.catch(() => undefined);
      await eventually(async () => (await bench.database.connections()) > 0, 'it is connected');
      await pause(50);
      expect(state.isEnded, 'it waits').toBe(false);
      controller.abort(reason);
      expect(await ended).toBe(reason);
      await locker.run(...contract.dialect.unlock);
    }

    it('a chunk that is left or aborted in its middle does not harm the next read of the same snapshot', async () => {
      // A source whose views live and die with their connections has one reader less after each of them.
      await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 3 }, NEVER);
      const left = await snapshot.readChunk(table, schema, { tag: 'whole' }, NEVER);
      for await (const bytes of left.bytes) if (bytes.length > 0) break;
      const controller = new AbortController();
      const aborted = await snapshot.readChunk(table, schema, { tag: 'whole' }, controller.signal);
      const reading = (async () => {
        for await (const bytes of aborted.bytes) if (bytes.length > 0) controller.abort(new Error('enough'));
      })();
      expect(await failure(reading)).toMatchObject({ message: 'enough' });
      expect((await readChunk(snapshot, table, schema)).rows).toHaveLength(20_000);
    });
  });

  describe('the end', () => {
    it('closing and teardown may be repeated, at any time, and leave nothing at the source', async () => {
      await using bench = await Bench.open(contract.shared(), 'end');
      await bench.run('CREATE TABLE ended (id INTEGER NOT NULL, PRIMARY KEY (id))');
      const tables = [select(bench.database, 'ended')];
      await bench.source.teardown(NEVER);
      const start = await bench.source.prepare(tables, null, NEVER);
      const again = await bench.source.prepare(tables, null, NEVER);
      const { movesByItself, remembersMore } = contract.source;
      if (movesByItself === undefined && remembersMore === undefined) expect(again).toEqual(start);
      else if (movesByItself === undefined) {
        expect([again.lineage, again.order], remembersMore).toEqual([start.lineage, start.order]);
      } else {
        expect(again.lineage, movesByItself).toBe(start.lineage);
        expect(again.order >= start.order, movesByItself).toBe(true);
      }
      expect(await bench.source.prepare(tables, start, NEVER)).toEqual(start);
      const snapshot = await bench.source.openSnapshot({ tables, readers: 2 }, NEVER);
      const reader = await LogReader.open(bench.source, start, tables);
      for (const held of [snapshot, reader, snapshot, reader]) await held[Symbol.asyncDispose]();
      for (const time of [1, 2]) {
        await bench.source.teardown(NEVER);
        await eventually(
          async () => (await bench.database.remains()).length === 0,
          `nothing remains after teardown ${time}`,
        );
      }
      await eventually(async () => (await bench.database.connections()) === 0, 'no connection is left');
      await bench.source[Symbol.asyncDispose]();
    });
  });
}

/** What was aborted may take a moment to end at the server. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!hasCode(error, 'PS2007')) throw error;
      await pause(20);
    }
  }
}

async function inSnapshot<Result>(
  source: SourceConnector,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  await using snapshot = await source.openSnapshot({ tables: [], readers: 1 }, NEVER);
  return await work(snapshot);
}
