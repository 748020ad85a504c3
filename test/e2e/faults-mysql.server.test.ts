import { describe, expect, it } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { testSource } from '../fixtures/test-source.ts';

const kind = testSource('mysql');

/** What goes wrong at a MySQL source: the right error at once where somebody has to act, patience where it passes by itself. */

async function open(): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({
    ...sharedServers('mysql'),
    setup: `CREATE TABLE items (id INT PRIMARY KEY, n INT); INSERT INTO items VALUES (1, 1), (2, 2);
      CREATE TABLE other (id INT PRIMARY KEY, n INT); INSERT INTO other VALUES (1, 1)`,
    tables: ['items', 'other'],
    more: { extracts: { seconds: 0.1 } },
  });
  await pipeline.copied();
  await pipeline.write('UPDATE items SET n = n + 1');
  await pipeline.followed();
  return pipeline;
}

/** Nothing was tried again: somebody has to act. */
function expectNoRetries(pipeline: TestPipeline): void {
  expect(pipeline.events.filter(({ type }) => type === 'RetryError')).toEqual([]);
}

async function expectRecoveryByFullExtract(pipeline: TestPipeline): Promise<void> {
  await pipeline.copied();
  await pipeline.write('UPDATE items SET n = n + 100; DELETE FROM other; INSERT INTO other VALUES (5, 5)');
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
}

it('a wrong password', async () => {
  await using pipeline = await open();
  const { SOURCE_PASSWORD } = pipeline.environment;
  pipeline.environment['SOURCE_PASSWORD'] = 'wrong-secret';
  const error = await pipeline.failure(pipeline.delta());
  expect(error).toMatchObject({ code: 'PS2003', retry: 'manual' });
  expect(error.message).not.toContain('wrong-secret');
  expectNoRetries(pipeline);
  pipeline.environment['SOURCE_PASSWORD'] = SOURCE_PASSWORD ?? '';
  await pipeline.followed();
});

it('rights that are missing', async () => {
  await using pipeline = await open();
  const user = `${pipeline.name}_user`;
  await pipeline.write(`CREATE USER '${user}'@'%' IDENTIFIED BY 'secret'`);
  try {
    pipeline.configuration.source = { user };
    pipeline.environment['SOURCE_PASSWORD'] = 'secret';
    await pipeline.write(`GRANT SELECT ON \`${pipeline.name}\`.other TO '${user}'@'%'`);
    await pipeline.write('UPDATE other SET n = 7');
    expect(await pipeline.failure(pipeline.delta())).toMatchObject({ retry: 'manual' });
    await pipeline.write(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '${user}'@'%'`);
    pipeline.configuration.tables = ['other'];
    await pipeline.followed();
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['7']]);
    pipeline.configuration.tables = ['items', 'other'];
    const error = await pipeline.failure(pipeline.copied());
    expect(error).toMatchObject({ retry: 'manual' });
    expect(['PS2004', 'PS1005']).toContain(error.code);
    expectNoRetries(pipeline);
    await pipeline.write(`GRANT SELECT, LOCK TABLES ON \`${pipeline.name}\`.* TO '${user}'@'%'`);
    await expectRecoveryByFullExtract(pipeline);
  } finally {
    await pipeline.write(`DROP USER '${user}'@'%'`);
  }
});

it('a table that is not there, and one that is added later', async () => {
  await using pipeline = await open();
  pipeline.configuration.tables = ['items', 'nothing'];
  const nothing = pipeline.idOf('nothing');
  const { tables } = await pipeline.fullExtract();
  const failed = tables.filter(({ state }) => state === 'failed');
  expect(failed).toMatchObject([{ table: nothing, error: { code: 'PS1005', table: nothing } }]);
  // The others go on without it.
  await pipeline.write('UPDATE items SET n = 6 WHERE id = 1');
  expect((await pipeline.delta()).stopped).toEqual([nothing]);
  expect(await pipeline.rows('SELECT n FROM items WHERE id = 1')).toEqual([['6']]);
  expectNoRetries(pipeline);
  await pipeline.write('CREATE TABLE added (id INT PRIMARY KEY, n INT); INSERT INTO added VALUES (1, 1)');
  pipeline.configuration.tables = ['items', 'other', 'added'];
  await pipeline.fullExtract(['added']);
  await pipeline.write('INSERT INTO added VALUES (2, 2); UPDATE items SET n = 0');
  // The one that is not chosen any more stays listed as stopped.
  expect((await pipeline.delta()).stopped).toEqual([nothing]);
  expect(await pipeline.differences()).toEqual([]);
});

it('a log sender that is killed again and again while it runs', async () => {
  await using pipeline = await open();
  await using following = pipeline.follow();
  let killed = '0';
  for (let round = 1; round <= 3; round++) {
    await eventually(async () => {
      const [sender] = await pipeline.sourceRows(
        `SELECT id FROM information_schema.processlist WHERE command = 'Binlog Dump' AND db = DATABASE() AND id > ${killed}`,
      );
      if (typeof sender?.[0] !== 'string') return false;
      killed = sender[0];
      await pipeline.source.run(`KILL ${killed}`);
      return true;
    });
    await pipeline.write(`INSERT INTO items SELECT n, n FROM ${kind.series(round * 1000, round * 1000 + 99)}`);
    await eventually(
      async () => (await pipeline.rows(`SELECT id FROM items WHERE id = ${round * 1000 + 99}`)).length === 1,
    );
  }
  await following.stop();
  expect(await pipeline.differences()).toEqual([]);
  const retries = pipeline.events.filter((event) => event.type === 'RetryError');
  // The last one may notice its end only after it has sent the rows that woke it.
  expect(retries.length).toBeGreaterThanOrEqual(2);
  expect(retries.every(({ errorId }) => ['PS2010', 'PS2007', 'PS2002'].includes(errorId))).toBe(true);
});

describe('what the log does not tell', () => {
  it.each([
    [
      'a statement instead of rows',
      `SET SESSION binlog_format = 'STATEMENT'; UPDATE items SET n = 50; SET SESSION binlog_format = 'ROW'`,
    ],
    ['two phases', `XA START 'x'; UPDATE items SET n = 50; XA END 'x'; XA PREPARE 'x'; XA COMMIT 'x'`],
  ])('%s stops the table', async (_, sql) => {
    await using pipeline = await open();
    await pipeline.write(sql);
    await pipeline.write('UPDATE items SET n = n + 1');
    const { stopped } = await pipeline.delta();
    expect(stopped).toContain(pipeline.idOf('items'));
    expectNoRetries(pipeline);
    await expectRecoveryByFullExtract(pipeline);
  });

  it('one phase of XA is a plain commit', async () => {
    await using pipeline = await open();
    await pipeline.write(`XA START 'y'; UPDATE items SET n = 60; XA END 'y'; XA COMMIT 'y' ONE PHASE`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});
