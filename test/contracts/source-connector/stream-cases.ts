import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChunkRows, TableSelection } from '../../../core/sources/source-connector.ts';
import { Bench, failure, type Contract } from './contract.ts';
import { patience } from '../../fixtures/eventually.ts';
import { LogReader, NEVER, changesOf, copyTable, describeOne, readChunk, readToNow, select } from './reading.ts';

/** Streams and snapshots as connections: idle, ended by the server, left by the consumer. */
export function streamCases(contract: Contract): void {
  describe('the log of an idle source', () => {
    it('reaches the current position by heartbeats alone, again and again, and nobody writes', async () => {
      await using bench = await Bench.open(contract.own(), 'idle');
      await bench.run('CREATE TABLE still (id INTEGER NOT NULL, PRIMARY KEY (id))');
      const tables = [select(bench.database, 'still')];
      const start = await bench.prepareAnew(tables);
      const objects = await bench.source.listTables(NEVER);
      let after = start;
      for (let round = 0; round < 3; round++) {
        const { events, reached } = await readToNow(bench.source, after, tables);
        expect(events.filter(({ tag }) => tag !== 'heartbeat')).toEqual([]);
        after = reached;
      }
      await bench.run('INSERT INTO still (id) VALUES (1)');
      await using reader = await LogReader.open(bench.source, after, tables);
      await reader.readTo(await bench.source.currentPosition(NEVER));
      expect(changesOf(reader.events)).toHaveLength(1);
      // The same stream, and the source is idle again.
      await reader.readTo(await bench.source.currentPosition(NEVER));
      expect(changesOf(reader.events)).toHaveLength(1);
      expect((await bench.source.listTables(NEVER)).map((listed) => listed.table)).toEqual(
        objects.map((listed) => listed.table),
      );
    });
  });

  describe('a stream', () => {
    let bench: Bench;
    let tables: readonly TableSelection[];
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'streams');
      await bench.run('CREATE TABLE followed (id INTEGER NOT NULL, PRIMARY KEY (id))');
      tables = [select(bench.database, 'followed')];
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it('ends with PS2010 when the server ends its connection, and another one goes on', async () => {
      const start = await bench.prepareAnew(tables);
      await bench.run('INSERT INTO followed (id) VALUES (1)');
      await using reader = await LogReader.open(bench.source, start, tables);
      while (changesOf(reader.events).length === 0 || reader.reached === start) await reader.next();
      const ended = failure(readForever(reader));
      await bench.database.endConnections();
      expect(await ended).toMatchObject({ code: 'PS2010', retry: 'timed' });
      await bench.run('INSERT INTO followed (id) VALUES (2)');
      const { events } = await readToNow(bench.source, reader.reached, tables);
      expect(changesOf(events).map(({ after }) => after?.[0])).toEqual(['2']);
    });

    const { keepsSnapshots } = contract.source;
    const alone = keepsSnapshots === undefined ? ['whoever reads of it next'] : [];
    it.each(alone)('and a snapshot too, %s; a new one can be read', async () => {
      const table = tables[0]!;
      const schema = await describeOne(bench.source, table);
      {
        await using snapshot = await bench.source.openSnapshot({ tables, readers: 2 }, NEVER);
        await bench.database.endConnections();
        expect(await failure(readChunk(snapshot, table, schema))).toMatchObject({ code: 'PS2010', retry: 'timed' });
      }
      expect((await copyTable(bench.source, table)).misfits).toEqual([]);
    });

    const kept = keepsSnapshots === undefined ? [] : [keepsSnapshots];
    it.each(kept)('and what was read of a snapshot, but not the snapshot: %s', async () => {
      const filler = `'${'some text '.repeat(25)}'`;
      await bench.run(
        'CREATE TABLE kept (id INTEGER NOT NULL, t VARCHAR(300), PRIMARY KEY (id))',
        `INSERT INTO kept (id, t) SELECT i, ${filler} FROM ${contract.dialect.series(1, 20_000)}`,
      );
      const table = select(bench.database, 'kept');
      const schema = await describeOne(bench.source, table);
      await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 2 }, NEVER);
      // Once while nobody reads, then in the middle of a chunk: what comes after it is the state of then all the same.
      for (const reads of [false, true]) {
        const begun = reads
          ? await snapshot.readChunk(table, schema, { tag: 'whole' }, patience('half a chunk'))
          : null;
        await bench.run(`DELETE FROM kept WHERE id <= 10`, `UPDATE kept SET id = -id WHERE id <= 20`);
        await bench.database.endConnections();
        if (begun !== null) expect(await failure(drained(begun))).toMatchObject({ code: 'PS2010', retry: 'timed' });
        const { rows } = await readChunk(snapshot, table, schema);
        expect(rows.map(([id]) => Number(id)).sort((a, b) => a - b)).toEqual(numbersTo(20_000));
      }
    });

    it.each(kept)('a snapshot is opened once more by another process, until a table is altered: %s', async () => {
      await bench.run(
        'CREATE TABLE again (id INTEGER NOT NULL, PRIMARY KEY (id))',
        'INSERT INTO again (id) VALUES (1)',
      );
      const table = select(bench.database, 'again');
      const request = { tables: [table], readers: 1 };
      const schema = await describeOne(bench.source, table);
      const first = await bench.source.openSnapshot(request, NEVER);
      const { position, takenAt } = first;
      await first[Symbol.asyncDispose]();
      await bench.run('INSERT INTO again (id) VALUES (2)');
      await using other = bench.database.connect();
      const reopen = async () => (await other.reopenSnapshot?.({ position, takenAt }, request, NEVER)) ?? null;
      {
        await using once = await reopen();
        expect(once).toMatchObject({ position, takenAt });
        expect((await readChunk(once!, table, schema)).rows).toEqual([['1']]);
      }
      await using elsewhere = await other.reopenSnapshot!(
        { position: { ...position, lineage: 'another' }, takenAt },
        request,
        NEVER,
      );
      expect(elsewhere).toBeNull();
      await bench.run('ALTER TABLE again ADD n INTEGER');
      expect(await reopen()).toBeNull();
    });

    it.each(alone)('a snapshot is not opened once more, %s', () => {
      expect(bench.source.reopenSnapshot).toBeNull();
    });

    it('may be left in the middle of a batch', async () => {
      const start = await bench.prepareAnew(tables);
      await bench.run(`INSERT INTO followed (id) SELECT i FROM ${contract.dialect.series(1000, 9000)}`);
      for (let round = 0; round < 3; round++) {
        await using stream = await bench.source.openStream(start, tables, patience('the first events'));
        for await (const events of stream) if (changesOf(events).length > 0) break;
      }
      const { events } = await readToNow(bench.source, start, tables);
      expect(changesOf(events)).toHaveLength(8001);
    });
  });
}

async function readForever(reader: LogReader): Promise<never> {
  for (;;) await reader.next();
}

async function drained({ bytes }: ChunkRows): Promise<void> {
  for await (const buffer of bytes) if (buffer.length < 0) return;
}

function numbersTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
