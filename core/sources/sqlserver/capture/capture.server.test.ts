import { describe, expect, inject, it } from 'vitest';
import { Bench } from '../../../../test/contracts/source-connector/contract.ts';
import {
  LogReader,
  NEVER,
  changesOf,
  readToNow,
  select,
  transactionsOf,
  type ReadTransaction,
} from '../../../../test/contracts/source-connector/reading.ts';
import { Replica, sortedLines } from '../../../../test/contracts/source-connector/replica.ts';
import { fakeSqlserver, type FakeUnderTest } from '../../../../test/contracts/source-connector/sqlserver/servers.ts';
import {
  BUSY,
  LOOSE,
  Workload,
  createBusyTables,
  fillBusyTables,
} from '../../../../test/contracts/source-connector/workload.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import type { SourcePosition } from '../../../changes/position.ts';
import { rowHash } from '../../../changes/row-digest.ts';
import { hasCode } from '../../../errors/penstock-error.ts';
import type { TableSelection } from '../../source-connector.ts';
import type { Statement } from '../statements/statement.ts';
import { capturedReachOf } from '../place.ts';
import { captureTable } from './reach.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_122);
const ACTIONS = 40;
/** Some thirty actions make a read fail. */
const MOST_FAILURES = 200;

const dialect = {
  longText: 'NVARCHAR(MAX)',
  literal: (text: string) => `'${text.replaceAll("'", "''")}'`,
  series: (from: number, to: number) => `generate_series(${from}, ${to}) AS numbers (i)`,
  wholeOldRows: () => [],
  analyze: (table: string) => `ANALYZE ${table}`,
  lock: () => [],
  unlock: [],
};

function database(name: string): Promise<FakeUnderTest> {
  return fakeSqlserver(inject('postgres'), 'cdc').database(name);
}

describe('whatever happens at the source', () => {
  /** One thing that happens while changes are read. */
  class Chaos {
    readonly #database: FakeUnderTest;
    readonly #random: Random;
    #instances = ['dbo_busy'];
    #made = 1;

    constructor(under: FakeUnderTest, random: Random) {
      this.#database = under;
      this.#random = random;
    }

    async happen(reached: SourcePosition): Promise<void> {
      const { admin, faults } = this.#database;
      const random = this.#random;
      const chance = random.fraction();
      if (chance < 0.25) await this.#set(`captured_at_once = ${1 + random.below(8)}`);
      else if (chance < 0.4) await this.#set(`agent_runs = NOT agent_runs`);
      else if (chance < 0.5) await this.#database.endConnections();
      else if (chance < 0.75) {
        const tags: readonly Statement['tag'][] = [
          ...(['capturedUpTo', 'captureInstances', 'capturedTransactions'] as const),
          ...(['changedInstances', 'capturedColumns', 'capturedChanges', 'capturedChanges'] as const),
        ];
        const tag = random.pick(tags);
        faults.fail(tag, tag === 'capturedChanges' && random.chance(0.3) ? 208 : 1205, { after: random.below(4) });
      } else if (chance < 0.9) await this.#switch(reached);
      else await admin.run('SELECT fake.run_capture()');
    }

    /** A second instance; where there are two, the older one goes as soon as all of it was read. */
    async #switch(reached: SourcePosition): Promise<void> {
      const { admin } = this.#database;
      const [older, newer] = this.#instances;
      if (newer === undefined) {
        const name = `busy_${++this.#made}`;
        await admin.run(captureTable({ schema: 'dbo', name: BUSY }, name));
        this.#instances.push(name);
        return;
      }
      const [row] = await admin.rows(`SELECT start_lsn FROM fake.instances WHERE name = '${newer}'`);
      const start = row?.[0] ?? null;
      if (start === null || start > capturedReachOf(reached).lsn) return;
      await admin.run(
        `EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'${BUSY}', @capture_instance = N'${older ?? ''}'`,
      );
      this.#instances = [newer];
    }

    #set(assignment: string): Promise<void> {
      return this.#database.admin.run(`UPDATE fake.settings SET ${assignment}`);
    }
  }

  it(`all commits come, whole, once and in order (seed ${SEED})`, async () => {
    await using under = await database('chaos');
    await createBusyTables(under, dialect);
    await fillBusyTables(under, dialect);
    const tables = [select(under, BUSY), select(under, LOOSE)];
    await using source = under.connect();
    const start = await source.prepare(tables, null, NEVER);
    const schemas = await source.describeTables(tables, NEVER);
    const rowsNow = async () => [
      await under.admin.rows(`SELECT id, name, n FROM ${BUSY}`),
      await under.admin.rows(`SELECT a, b FROM ${LOOSE}`),
    ];
    const initial = await rowsNow();
    await using workload = await Workload.start(under, dialect, SEED);
    const random = new Random(SEED);
    const chaos = new Chaos(under, random);
    const transactions: ReadTransaction[] = [];
    let reached = start;
    for (let actions = 0; actions < ACTIONS;) {
      const reader = await tried(() => LogReader.open(source, reached, tables));
      if (reader === null) continue;
      const batches = 1 + random.below(12);
      await tried(async () => {
        for (let batch = 0; batch < batches; batch++) {
          if (random.chance(0.4)) {
            actions++;
            await chaos.happen(reader.reached);
          }
          await reader.next();
        }
      });
      await reader[Symbol.asyncDispose]();
      transactions.push(...transactionsOf(reader.events));
      reached = reader.reached;
    }
    await workload.finish();
    await under.admin.run('UPDATE fake.settings SET agent_runs = true, captured_at_once = 1000000');
    for (let isWhole = false; !isWhole;) {
      const rest = await tried(() => readToNow(source, reached, tables));
      if (rest === null) continue;
      transactions.push(...transactionsOf(rest.events));
      isWhole = true;
    }
    const orders = transactions.map(({ order }) => order);
    expect(orders).toEqual([...new Set(orders)].sort());
    const final = await rowsNow();
    for (const [index, schema] of schemas.entries()) {
      const replica = new Replica(schema);
      replica.load(initial[index]!.map((row) => (schema.identity.tag === 'row' ? [rowHash(row), ...row] : row)));
      replica.applyBehind([], transactions);
      expect(replica.lines()).toEqual(sortedLines(final[index]!));
    }
    expect(workload.transactions).toBeGreaterThan(50);
  });

  let failures = 0;

  /** Null where it failed as it may: to be tried again, but not for ever. */
  async function tried<Result>(work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      if (hasCode(error, 'PS2010', 'PS2002') && failures++ < MOST_FAILURES) return null;
      throw error;
    }
  }
});

describe('while SQL Server Agent is stopped', () => {
  it('the place stays where it is, and nothing is lost when it runs again', async () => {
    await using under = await database('agent');
    await under.admin.run('CREATE TABLE kept (id INTEGER NOT NULL, PRIMARY KEY (id))');
    const tables = [select(under, 'kept')];
    await using source = under.connect();
    const start = await source.prepare(tables, null, NEVER);
    await using reader = await LogReader.open(source, start, tables);
    await reader.readTo(await source.currentPosition(NEVER));
    await under.admin.run('UPDATE fake.settings SET agent_runs = false', 'INSERT INTO kept VALUES (1)');
    const { order } = reader.reached;
    for (let look = 0; look < 3; look++) await reader.next();
    expect(reader.reached.order).toBe(order);
    expect(changesOf(reader.events)).toEqual([]);
    await under.admin.run('UPDATE fake.settings SET agent_runs = true');
    await reader.readTo(await source.currentPosition(NEVER));
    expect(changesOf(reader.events).map(({ after }) => after)).toEqual([['1']]);
  });
});

describe('columns that change tables do not hold whole', () => {
  it('large values are never taken for NULL, also of the old kinds and where the key moves', async () => {
    await using bench = await Bench.open(fakeSqlserver(inject('postgres'), 'cdc'), 'large');
    await bench.run(
      'CREATE TABLE doc (id INTEGER NOT NULL, a NVARCHAR(MAX), b NTEXT, c IMAGE, n INTEGER, PRIMARY KEY (id))',
      `INSERT INTO doc VALUES (1, 'a1', 'b1', 0x0102, 1), (2, NULL, NULL, NULL, 2), (3, '', '', 0x, 3)`,
    );
    const table: TableSelection = select(bench.database, 'doc');
    const start = await bench.prepareAnew([table]);
    const [schema] = await bench.source.describeTables([table], NEVER);
    const replica = new Replica(schema!);
    const now = () =>
      bench.database.admin.rows(`SELECT id::text, a, b::text, upper(encode(c, 'hex')), n::text FROM doc`);
    const rows = await now();
    replica.load(rows);
    await bench.run(
      'UPDATE doc SET n = n + 10',
      `UPDATE doc SET a = 'a1 changed' WHERE id = 1`,
      `UPDATE doc SET b = 'b2 set', a = NULL WHERE id = 1`,
      `UPDATE doc SET c = 0xFF WHERE id = 2`,
      'UPDATE doc SET id = id + 100 WHERE id < 3',
      'DELETE FROM doc WHERE id = 3',
      `INSERT INTO doc VALUES (4, 'a4', 'b4', 0x04, 4)`,
    );
    const { events } = await readToNow(bench.source, start, [table]);
    replica.applyBehind([], transactionsOf(events));
    expect(replica.lines()).toEqual(sortedLines(await now()));
    // What did not change and is not there is absent.
    const [first] = changesOf(events);
    expect(first).toMatchObject({ op: 'update', before: null });
    for (const { before } of changesOf(events))
      for (const place of [1, 2, 3, 4]) expect(before?.[place]).toBeUndefined();
  });

  it('computed columns are not replicated', async () => {
    await using bench = await Bench.open(fakeSqlserver(inject('postgres'), 'cdc'), 'computed');
    await bench.run(
      'CREATE TABLE priced (id INTEGER NOT NULL, n INTEGER, twice INTEGER GENERATED ALWAYS AS (n * 2) STORED, PRIMARY KEY (id))',
    );
    const table = select(bench.database, 'priced');
    const start = await bench.prepareAnew([table]);
    await bench.run('INSERT INTO priced (id, n) VALUES (1, 4)', 'UPDATE priced SET n = 5');
    const { events } = await readToNow(bench.source, start, [table]);
    expect(changesOf(events).map(({ after }) => after)).toEqual([
      ['1', '4'],
      ['1', '5'],
    ]);
  });
});
