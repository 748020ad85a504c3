import { expect, inject, it } from 'vitest';
import { openFake } from '../../../../test/contracts/source-connector/oracle/servers.ts';
import {
  changesOf,
  copyTable,
  describeOne,
  NEVER,
  readToNow,
  select,
} from '../../../../test/contracts/source-connector/reading.ts';
import { lineOf, Replica, sortedLines } from '../../../../test/contracts/source-connector/replica.ts';
import { EMPTY_CLOB } from '../../../../test/fixtures/oracle-fake/printed-values.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import { oracleConnector } from '../definition.ts';

const SEED = Number(process.env['SEED'] ?? 81_003);
const TRANSACTIONS = 100;
const IDS = 3;
const TESTED = { type: 'oracle19c', extractType: 'continuousLogMiner' } as const;

it.each([SEED, SEED + 1])(
  'rows that are changed again and again in one transaction are told only in states in which they were, SEED=%i',
  async (seed) => {
    const { database: opened } = await openFake(inject('postgres'), `again_${seed % 2}`, TESTED, oracleConnector);
    await using database = opened;
    const { admin } = database;
    await admin.run(
      'CREATE TABLE again (id INTEGER NOT NULL, d BINARY_DOUBLE, t CLOB, n INTEGER, x XMLTYPE, PRIMARY KEY (id))',
      'ALTER TABLE again ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS',
    );
    await using source = database.connect();
    const tables = [select(database, 'again')];
    const start = await source.prepare(tables, null, NEVER);
    const random = new Random(seed);
    const states = new Set<string>();
    const look = async () => {
      for (const row of await admin.rows('SELECT id, d, t, n, x FROM again'))
        states.add(lineOf(row.map((text) => (text === EMPTY_CLOB ? '' : text))));
    };
    for (let transaction = 0; transaction < TRANSACTIONS; transaction++) {
      await admin.run('BEGIN');
      for (let left = 1 + random.below(9); left > 0; left--) {
        const statement = await nextStatement(
          random,
          async (id) => (await admin.rows(`SELECT id FROM again WHERE id = ${id}`)).length > 0,
        );
        if (statement !== null) await admin.run(statement);
        await look();
      }
      await admin.run(random.below(10) === 0 ? 'ROLLBACK' : 'COMMIT');
      await look();
    }
    const { events } = await readToNow(source, start, tables);
    expect(events.filter(({ tag }) => tag === 'obstacle')).toEqual([]);
    const replica = new Replica(await describeOne(source, tables[0]!));
    for (const change of changesOf(events)) {
      replica.apply(change);
      for (const line of replica.lines()) expect(states).toContain(line);
    }
    expect(replica.lines()).toEqual(sortedLines((await copyTable(source, tables[0]!)).rows));
    expect(changesOf(events).length).toBeGreaterThan(TRANSACTIONS / 2);
  },
);

async function nextStatement(random: Random, has: (id: number) => Promise<boolean>): Promise<string | null> {
  const id = 1 + random.below(IDS);
  const other = 1 + random.below(IDS);
  const number = random.below(1000);
  const double = () => (random.below(3) === 0 ? 'NULL' : `${number}.1`);
  const xml = () => (random.below(2) === 0 ? 'NULL' : `'<a>${number}</a>'`);
  const text = () => ['NULL', 'EMPTY_CLOB()', `'t ${number}'`, `'${'long '.repeat(1000)}${number}'`][random.below(4)];
  if (!(await has(id)))
    return `INSERT INTO again (id, d, t, n, x) VALUES (${id}, ${double()}, ${text()}, ${number}, ${xml()})`;
  switch (random.below(7)) {
    case 0:
      return `DELETE FROM again WHERE id = ${id}`;
    case 1:
      return (await has(other)) ? null : `UPDATE again SET id = ${other} WHERE id = ${id}`;
    case 2:
      return `UPDATE again SET d = ${double()}, n = ${number} WHERE id = ${id}`;
    case 3:
      return `UPDATE again SET t = ${text()}, n = ${number} WHERE id = ${id}`;
    case 4:
      return `UPDATE again SET t = ${text()} WHERE id = ${id}`;
    case 5:
      return `UPDATE again SET x = ${xml()}, n = ${number} WHERE id = ${id}`;
    default:
      return `UPDATE again SET n = ${number} WHERE id = ${id}`;
  }
}

it('what the undo does not reach back to any more stops the table, and is never guessed', async () => {
  const { database: opened, oracle } = await openFake(inject('postgres'), 'forgotten', TESTED, oracleConnector);
  await using database = opened;
  const { admin } = database;
  await admin.run(
    'CREATE TABLE again (id INTEGER NOT NULL, x XMLTYPE, n INTEGER, PRIMARY KEY (id))',
    'ALTER TABLE again ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS',
  );
  await using source = database.connect();
  const tables = [select(database, 'again')];
  const start = await source.prepare(tables, null, NEVER);
  await admin.run(
    `INSERT INTO again VALUES (1, '<a>1</a>', 1)`,
    ...['BEGIN', `INSERT INTO again VALUES (2, '<a>2</a>', 1)`, `INSERT INTO again VALUES (3, NULL, 1)`, 'COMMIT'],
  );
  await oracle.forgetUndo();
  await admin.run(`INSERT INTO again VALUES (4, '<a>4</a>', 1)`);
  const { events } = await readToNow(source, start, tables);
  expect(changesOf(events).map(({ after }) => after)).toEqual([
    ['3', null, '1'],
    ['4', '<a>4</a>', '1'],
  ]);
  const obstacles = events.filter(({ tag }) => tag === 'obstacle');
  expect(obstacles).toHaveLength(2);
  expect(JSON.stringify(obstacles)).toContain('ORA-01555');
});
