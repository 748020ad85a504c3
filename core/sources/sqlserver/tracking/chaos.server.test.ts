import { expect, inject, it } from 'vitest';
import { fakeConnector } from '../../../../test/contracts/source-connector/sqlserver/servers.ts';
import { sortedLines } from '../../../../test/contracts/source-connector/replica.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import { Customers, TABLES } from '../../../../test/fixtures/sqlserver-fake/customers.ts';
import { openFakeDatabase, type FakeDatabase } from '../../../../test/fixtures/sqlserver-fake/fake-database.ts';
import { NetReader } from '../../../../test/fixtures/sqlserver-fake/net-reader.ts';
import { selectionOf } from '../../../../test/fixtures/sqlserver-scripted/catalog.ts';
import type { Statement } from '../statements/statement.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_122);
const STEPS = 40;

const STRUCK: readonly Statement['tag'][] = [
  'beginSnapshot',
  'touch',
  'trackingVersion',
  'trackedTables',
  'changedTables',
  'trackedChanges',
  'rows',
  'end',
];
/** Deadlock, update conflict, snapshot isolation off for a moment, killed, structure changed, out of memory. */
const NUMBERS = [1205, 3960, 3952, 596, 3961, 701];

/** What administrators and networks do, by name. */
function chaos(database: FakeDatabase, random: Random): Readonly<Record<string, () => Promise<void>>> {
  const admin = database.admin();
  const table = () => random.pick(TABLES);
  const readers = `datname = '${database.name}' AND application_name = 'penstock'`;
  const cut = () => admin.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${readers}`);
  return {
    nothing: () => Promise.resolve(),
    'connections lost': cut,
    'clean-up': () => admin.run('SELECT fake.clean_up()'),
    truncate: () => admin.run(`TRUNCATE TABLE ${table()}`),
    'tracking off for a while': async () => {
      const name = table();
      await admin.run(`ALTER TABLE [dbo].[${name}] DISABLE CHANGE_TRACKING`);
      await admin.run(`UPDATE ${name} SET n = n + 5`, `ALTER TABLE [dbo].[${name}] ENABLE CHANGE_TRACKING`);
    },
    restore: async () => {
      await admin.run('SELECT fake.restore()');
      await cut();
    },
    'an error of the server': () => {
      const after = random.below(6);
      database.faults.fail(random.pick(STRUCK), random.pick(NUMBERS), { after, times: 1 });
      return Promise.resolve();
    },
  };
}

it(`whatever happens, what is read is the source in the end, or the table is known to be stopped (seed ${SEED})`, async () => {
  await using database = await openFakeDatabase(inject('postgres'), 'tracking_chaos', 'changeTracking');
  const admin = database.admin();
  for (const name of TABLES) await admin.run(`CREATE TABLE ${name} (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))`);
  await using source = fakeConnector(database, 'changeTracking', { settings: { pollSeconds: 0.01 } });
  const reader = new NetReader(
    source,
    TABLES.map((name) => selectionOf(name)),
  );
  const random = new Random(SEED);
  const deeds = chaos(database, random);
  const done: string[] = [];
  {
    await using customers = new Customers(database, SEED);
    for (let step = 0; step < STEPS; step++) {
      const deed = random.pick(Object.keys(deeds));
      done.push(deed);
      const living = random.chance(0.6) ? reader.live() : Promise.resolve();
      await customers.progress(1 + random.below(3));
      await deeds[deed]?.();
      await living;
      await reader.live();
    }
    // What was planned strikes, the copies are made; then changes alone tell what becomes of the rows.
    for (let life = 0; life < 12; life++) await reader.live();
    expect(reader.isWhole, [...reader.met].join(' ')).toBe(true);
    const copies = reader.copied;
    for (let life = 0; life < 8; life++) {
      await customers.progress(20);
      await reader.live();
    }
    expect(reader.copied).toBe(copies);
  }
  await reader.live();
  for (const name of TABLES) {
    const rows = await admin.rows(`SELECT id, n FROM ${name}`);
    expect(rows.length).toBeGreaterThan(10);
    expect(reader.lines(name), `${name} after ${done.join(', ')}`).toEqual(sortedLines(rows));
  }
  expect([...reader.met.keys()]).toEqual(expect.arrayContaining(['obstacle', 'PS2001', 'PS2010']));
});
