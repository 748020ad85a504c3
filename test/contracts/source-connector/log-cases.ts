import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowChange, SourceEvent } from '../../../core/changes/change.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { keyOrdinals } from '../../../core/changes/table-schema.ts';
import type { TableSelection } from '../../../core/sources/source-connector.ts';
import { Bench, failure, tellsNet, type Contract } from './contract.ts';
import { LiveMemory } from './live-memory.ts';
import { patience } from '../../fixtures/eventually.ts';
import { LogReader, NEVER, changesOf, describeOne, pause, readLog, readToNow, select } from './reading.ts';

const LARGE_ROWS = 200_000;
/** Enough to come in pieces, where something else proves that memory is bounded. */
const SEVERAL_ROWS = 30_000;
const LARGE_TEXT = 'x'.repeat(400);
/** All rows of the large transaction together are 80 MB: whoever kept a third of them would be found. */
const LIVE_BYTES = 24 * 1024 ** 2;
/** The garbage of a young heap comes to this; with all rows kept it grows by more than 200 MB. */
const RESIDENT_BYTES = 120 * 1024 ** 2;

/** What the log of real statements looks like. */
export function logCases(contract: Contract): void {
  describe('the log', () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'log');
      await bench.run(
        'CREATE TABLE keyed (id INTEGER NOT NULL, name VARCHAR(20), n INTEGER, PRIMARY KEY (id))',
        'CREATE TABLE paired (a INTEGER NOT NULL, b VARCHAR(10) NOT NULL, n INTEGER, PRIMARY KEY (a, b))',
        'CREATE TABLE loose (a INTEGER, b VARCHAR(20))',
        ...contract.dialect.wholeOldRows('loose'),
        'CREATE TABLE other (id INTEGER NOT NULL, PRIMARY KEY (id))',
        `CREATE TABLE large (id INTEGER NOT NULL, t ${contract.dialect.longText}, PRIMARY KEY (id))`,
      );
    });
    afterAll(() => bench[Symbol.asyncDispose]());
    const table = (name: string) => select(bench.database, name);

    async function logOf(names: readonly string[], ...statements: readonly string[]): Promise<readonly SourceEvent[]> {
      const tables = names.map(table);
      const start = await bench.prepareAnew(tables);
      await bench.run(...statements);
      return (await readToNow(bench.source, start, tables)).events;
    }

    /** Runs statements one by one, each read before the next one where the log tells the net of all. */
    async function logOfEach(
      tables: readonly TableSelection[],
      start: SourcePosition,
      ...statements: readonly string[]
    ): Promise<readonly SourceEvent[]> {
      if (!tellsNet(contract)) {
        await bench.run(...statements);
        return (await readToNow(bench.source, start, tables)).events;
      }
      await using reader = await LogReader.open(bench.source, start, tables);
      for (const statement of statements) {
        await bench.run(statement);
        await reader.readTo(await bench.source.currentPosition(NEVER));
      }
      return reader.events;
    }

    it('gives inserts, updates, key changes and deletes, in transactions as they were committed', async () => {
      const events = await logOf(
        ['keyed'],
        `INSERT INTO keyed (id, name, n) VALUES (1, 'a', 1), (2, NULL, 2)`,
        `UPDATE keyed SET name = 'b' WHERE id = 1`,
        `UPDATE keyed SET id = 3 WHERE id = 1`,
        `INSERT INTO other (id) VALUES (1)`,
        ...['BEGIN', `INSERT INTO keyed (id, name, n) VALUES (9, 'gone', 9)`, 'ROLLBACK'],
        ...['BEGIN', `DELETE FROM keyed WHERE id = 3`, `INSERT INTO keyed (id, name, n) VALUES (3, 'c', 3)`],
        ...['SAVEPOINT a', `UPDATE keyed SET n = 0`, 'ROLLBACK TO SAVEPOINT a', `UPDATE keyed SET n = 4 WHERE id = 3`],
        'COMMIT',
      );
      if (tellsNet(contract)) {
        expect(netOf(events)).toEqual([['delete 1', 'update - 2 NULL 2', 'update - 3 c 4']]);
      } else
        expect(shapeOf(events)).toEqual([
          ['insert - 1 a 1', 'insert - 2 NULL 2'],
          ['update - 1 b 1'],
          ['update 1 3 b 1'],
          ['delete 3', 'insert - 3 c 3', 'update - 3 c 4'],
        ]);
      const described = await describeOne(bench.source, table('keyed'));
      for (const { schema } of changesOf(events)) expect(schema.fingerprint).toBe(described.fingerprint);
    });

    it('gives changes of a key of two columns, and of either of them', async () => {
      const events = await logOf(
        ['paired'],
        `INSERT INTO paired (a, b, n) VALUES (1, 'x', 1), (1, 'y', 2)`,
        `UPDATE paired SET b = 'z' WHERE b = 'y'`,
        `UPDATE paired SET a = 2 WHERE b = 'x'`,
        `UPDATE paired SET a = 3, b = 'w' WHERE a = 2`,
        `DELETE FROM paired WHERE a = 1`,
      );
      if (tellsNet(contract)) {
        const gone = ['1,x', '1,y', '1,z', '2,x'].map((key) => `delete ${key}`);
        expect(netOf(events)).toEqual([[...gone, 'update - 3 w 1']]);
      } else
        expect(shapeOf(events)).toEqual([
          ['insert - 1 x 1', 'insert - 1 y 2'],
          ['update 1,y 1 z 2'],
          ['update 1,x 2 x 1'],
          ['update 2,x 3 w 1'],
          ['delete 1,z'],
        ]);
    });

    const withoutKey = contract.source.cannot.keyless === undefined ? ['loose'] : [];
    it.each(withoutKey)('gives whole old rows of a table without a key: %s', async () => {
      const events = await logOf(
        ['loose'],
        `INSERT INTO loose (a, b) VALUES (1, 'x'), (1, 'x'), (2, NULL)`,
        `UPDATE loose SET b = 'y' WHERE a = 2`,
        `DELETE FROM loose WHERE a = 1`,
      );
      expect(changesOf(events).map(({ op, before, after }) => [op, before, after])).toEqual([
        ['insert', null, ['1', 'x']],
        ['insert', null, ['1', 'x']],
        ['insert', null, ['2', null]],
        ['update', ['2', null], ['2', 'y']],
        ['delete', ['1', 'x'], null],
        ['delete', ['1', 'x'], null],
      ]);
    });

    it('tells of a truncate, and of what is written before and behind it', async () => {
      const { refusesTruncate, hidesTruncate } = contract.source;
      if (refusesTruncate !== undefined) {
        expect(await failure(bench.run('TRUNCATE TABLE keyed')), refusesTruncate).toBeInstanceOf(Error);
        return;
      }
      const events = await logOf(
        ['keyed', 'other'],
        'DELETE FROM keyed',
        `INSERT INTO keyed (id) VALUES (1)`,
        'TRUNCATE TABLE keyed',
        `INSERT INTO keyed (id) VALUES (1)`,
        `DELETE FROM other`,
        `INSERT INTO other (id) VALUES (7)`,
      );
      const told = events.flatMap((event) => {
        if (event.tag === 'truncate' || event.tag === 'obstacle') return [`${event.tag} ${event.table.name}`];
        return event.tag === 'row' ? [`${event.change.op} ${event.change.schema.table.name}`] : [];
      });
      if (contract.source.cannot.truncate !== undefined) {
        expect(told, contract.source.cannot.truncate).toContain('obstacle keyed');
        expect(told).toContain(`${tellsNet(contract) ? 'update' : 'insert'} other`);
        return;
      }
      const warned = (await bench.source.check([table('keyed')], NEVER)).filter(({ code }) =>
        code.endsWith('.truncate'),
      );
      expect(warned.map(({ severity }) => severity)).toEqual(hidesTruncate === undefined ? [] : ['warning']);
      if (hidesTruncate !== undefined) {
        const inserts = told.filter((event) => !event.startsWith('delete'));
        expect(inserts, hidesTruncate).toEqual(['insert keyed', 'insert keyed', 'insert other']);
        return;
      }
      const begin = told.indexOf('insert keyed');
      expect(told.slice(begin, begin + 3)).toEqual(['insert keyed', 'truncate keyed', 'insert keyed']);
      expect(told.at(-1)).toBe('insert other');
    });

    it('goes on behind every commit, and gives nothing twice', async () => {
      const tables = [table('other')];
      const start = await bench.prepareAnew(tables);
      const inserts = [101, 102, 103, 104, 105].map((id) => `INSERT INTO other (id) VALUES (${id})`);
      const events = await logOfEach(tables, start, ...inserts);
      const end = await bench.source.currentPosition(NEVER);
      const commits = events.flatMap((event) => (event.tag === 'commit' ? [event.position] : []));
      expect(new Set(commits.map(({ order }) => order)).size).toBe(5);
      for (const [index, position] of commits.entries()) {
        const rest = await readLog(bench.source, position, tables, end);
        const ids = changesOf(rest.events).map(({ after }) => after?.[0]);
        // Of one look, in no order.
        if (tellsNet(contract)) ids.sort();
        expect(ids).toEqual(['101', '102', '103', '104', '105'].slice(index + 1));
      }
    });

    it('may be acknowledged at any time, and goes on behind what was acknowledged', async () => {
      const tables = [table('other')];
      const start = await bench.prepareAnew(tables);
      const [first = '', ...others] = [201, 202, 203].map((id) => `INSERT INTO other (id) VALUES (${id})`);
      await bench.run(first, ...(tellsNet(contract) ? [] : others));
      const acknowledged: SourcePosition[] = [];
      {
        await using reader = await LogReader.open(bench.source, start, tables);
        reader.stream.acknowledge(start);
        if (tellsNet(contract)) {
          await reader.readTo(await bench.source.currentPosition(NEVER));
          await bench.run(...others);
        }
        while (changesOf(reader.events).length < 2) await reader.next();
        const commit = reader.events.find((event) => event.tag === 'commit');
        acknowledged.push(commit!.position);
        reader.stream.acknowledge(commit!.position);
        reader.stream.acknowledge(commit!.position);
      }
      await using other = bench.database.connect();
      expect(await other.prepare(tables, acknowledged[0]!, NEVER)).toEqual(acknowledged[0]);
      const rest = await readToNow(other, acknowledged[0]!, tables);
      const ids = changesOf(rest.events).map(({ after }) => after?.[0]);
      expect(tellsNet(contract) ? ids.sort() : ids).toEqual(['202', '203']);
    });

    it('reaches the current position beside an open transaction, which comes when it is committed', async () => {
      const tables = [table('other')];
      const start = await bench.prepareAnew(tables);
      await using session = await bench.database.session();
      await session.run('BEGIN', 'INSERT INTO other (id) VALUES (301)');
      await bench.run('INSERT INTO other (id) VALUES (302)');
      const first = await readToNow(bench.source, start, tables);
      expect(changesOf(first.events).map(({ after }) => after?.[0])).toEqual(['302']);
      await session.run('INSERT INTO other (id) VALUES (303)', 'COMMIT');
      const second = await readToNow(bench.source, first.reached, tables);
      const ids = changesOf(second.events).map(({ after }) => after?.[0]);
      expect(tellsNet(contract) ? ids.sort() : ids).toEqual(['301', '303']);
    });

    it('is no fuller when only tables are written that nobody chose, and moves on', async () => {
      const tables = [table('keyed')];
      const start = await bench.prepareAnew(tables);
      await bench.run(`INSERT INTO large (id, t) SELECT i, '${LARGE_TEXT}' FROM ${contract.dialect.series(-3000, -1)}`);
      const { events, reached } = await readToNow(bench.source, start, tables);
      expect(reached.order > start.order).toBe(true);
      expect(events.filter(({ tag }) => tag === 'row' || tag === 'schema')).toEqual([]);
    });

    it('is measured', async () => {
      await bench.prepareAnew([table('keyed')]);
      const before = await bench.source.logHealth(NEVER);
      await bench.run(
        `INSERT INTO large (id, t) SELECT i, '${LARGE_TEXT}' FROM ${contract.dialect.series(-9000, -4001)}`,
      );
      const { retainedBytes, headroomBytes, expiresAt } = await bench.source.logHealth(NEVER);
      if (retainedBytes !== null) expect(retainedBytes).toBeGreaterThan((before.retainedBytes ?? 0) + 1_000_000);
      for (const bytes of [retainedBytes, headroomBytes]) if (bytes !== null) expect(bytes).toBeGreaterThanOrEqual(0);
      if (expiresAt !== null) expect(expiresAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    });

    const isProvedHere = contract.source.memoryProvedBy === undefined;
    const rows = isProvedHere ? LARGE_ROWS : SEVERAL_ROWS;
    const inMemory = isProvedHere ? 'in bounded memory, ' : '';
    it(`gives a transaction of ${rows} rows in pieces, ${inMemory}at the consumer's pace`, async () => {
      const tables = [table('large')];
      await bench.run('DELETE FROM large');
      const start = await bench.prepareAnew(tables);
      await bench.run(`INSERT INTO large (id, t) SELECT i, '${LARGE_TEXT}' FROM ${contract.dialect.series(1, rows)}`);
      const end = await bench.source.currentPosition(NEVER);
      await using stream = await bench.source.openStream(start, tables, patience('the large transaction'));
      const memory = new LiveMemory();
      const seen = { rows: 0, batches: 0, most: 0, sum: 0, reached: start };
      for await (const events of stream) {
        const ids = changesOf(events).map(({ after }) => Number(after?.[0]));
        seen.rows += ids.length;
        seen.batches++;
        seen.most = Math.max(seen.most, events.length);
        for (const id of ids) seen.sum += id;
        // A pause in which a source without back-pressure would fill the memory.
        if (seen.batches === 20) await pause(1000);
        if (isProvedHere && seen.batches % 20 === 0) memory.look();
        for (const event of events)
          if (event.tag === 'commit' || event.tag === 'heartbeat') seen.reached = event.position;
        if (seen.reached.order >= end.order) break;
      }
      expect(seen.rows).toBe(rows);
      expect(seen.sum).toBe((rows * (rows + 1)) / 2);
      expect(seen.most).toBeLessThan(rows / 10);
      expect(seen.batches).toBeGreaterThan(20);
      if (!isProvedHere) return;
      expect(memory.looks).toBeGreaterThan(1);
      expect(memory.liveGrowth).toBeLessThan(LIVE_BYTES);
      if (contract.source.sharesProcess === undefined) expect(memory.residentGrowth).toBeLessThan(RESIDENT_BYTES);
    });
  });
}

/** Transactions with changes, each row as text: operation, the key before it or `-`, the values after it. */
function shapeOf(events: readonly SourceEvent[]): string[][] {
  const shape: string[][] = [];
  let rows: string[] = [];
  for (const event of events) {
    if (event.tag === 'begin') rows = [];
    if (event.tag === 'row') rows.push(rowText(event.change));
    if (event.tag === 'commit' && rows.length > 0) shape.push(rows);
  }
  return shape;
}

/** As {@link shapeOf}; the rows of a transaction have no order. */
function netOf(events: readonly SourceEvent[]): string[][] {
  return shapeOf(events).map((rows) => rows.sort());
}

function rowText({ op, before, after, schema }: RowChange): string {
  const key =
    before === null
      ? '-'
      : keyOrdinals(schema)
          .map((ordinal) => before[ordinal])
          .join(',');
  return [op, key, ...(after ?? []).map((value) => value ?? 'NULL')].join(' ');
}
