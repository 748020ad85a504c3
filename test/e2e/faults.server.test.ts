import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withLease } from '../../core/catalog/lease.ts';
import { followLog } from '../../core/extracts/follow-log.ts';
import { followContext } from '../../core/operations/contexts.ts';
import { eventually } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** What goes wrong around a pipeline: the right error at once where somebody has to act, patience where it passes by itself. */

const servers = sharedServers('postgres');

async function open(): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({
    ...servers,
    setup: `CREATE TABLE items (id integer PRIMARY KEY, n integer); INSERT INTO items VALUES (1, 1), (2, 2);
      CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 1)`,
    tables: ['public.items', 'public.other'],
    more: { extracts: { seconds: 0.1 } },
  });
  await pipeline.copied();
  await pipeline.write('UPDATE items SET n = n + 1');
  await pipeline.followed();
  return pipeline;
}

const slotOf = (pipeline: TestPipeline) => `penstock_${pipeline.name}`;

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

it('a slot that was dropped', async () => {
  await using pipeline = await open();
  await pipeline.write(`SELECT pg_drop_replication_slot('${slotOf(pipeline)}')`);
  await pipeline.write('UPDATE items SET n = 50');
  const error = await pipeline.failure(pipeline.delta());
  expect(error).toMatchObject({ code: 'PS2006', retry: 'manual' });
  expect(error.remedy).toMatch(/full extract/);
  expect((await pipeline.failure(pipeline.fullExtract(['public.items']))).code).toBe('PS2006');
  expectNoRetries(pipeline);
  await expectRecoveryByFullExtract(pipeline);
});

it('a slot that was made anew by somebody else', async () => {
  await using pipeline = await open();
  await pipeline.write(`SELECT pg_drop_replication_slot('${slotOf(pipeline)}')`);
  await pipeline.write('UPDATE items SET n = 50');
  await pipeline.write(`SELECT pg_create_logical_replication_slot('${slotOf(pipeline)}', 'pgoutput')`);
  await pipeline.write('UPDATE items SET n = 51 WHERE id = 1');
  expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS2006', retry: 'manual' });
  expect(await pipeline.rows('SELECT n FROM items')).toEqual([['2'], ['3']]);
  expectNoRetries(pipeline);
  await expectRecoveryByFullExtract(pipeline);
});

it('a publication that lost a table', async () => {
  await using pipeline = await open();
  await pipeline.write(`ALTER PUBLICATION ${slotOf(pipeline)} DROP TABLE items; UPDATE items SET n = 50`);
  const error = await pipeline.failure(pipeline.delta());
  expect(error).toMatchObject({ code: 'PS2005', retry: 'manual', table: 'public.items' });
  expect(error.remedy).toMatch(/ALTER PUBLICATION .* ADD TABLE "public"\."items".*full-extract/);
  expectNoRetries(pipeline);
  await pipeline.write(/^ALTER PUBLICATION [^;]*/.exec(error.remedy)?.[0] ?? '');
  await expectRecoveryByFullExtract(pipeline);
});

it('a wrong password, on either side', async () => {
  await using pipeline = await open();
  const { SOURCE_PASSWORD, DESTINATION_PASSWORD } = pipeline.environment;
  pipeline.environment['SOURCE_PASSWORD'] = 'wrong-secret';
  const source = await pipeline.failure(pipeline.delta());
  expect(source).toMatchObject({ code: 'PS2003', retry: 'manual' });
  expect(source.message).not.toContain('wrong-secret');
  pipeline.environment['SOURCE_PASSWORD'] = SOURCE_PASSWORD ?? '';
  pipeline.environment['DESTINATION_PASSWORD'] = 'wrong-secret';
  await pipeline.write('UPDATE items SET n = 9');
  const destination = await pipeline.failure(pipeline.delta());
  expect(destination).toMatchObject({ code: 'PS4002', retry: 'manual' });
  expect(destination.message).not.toContain('wrong-secret');
  expectNoRetries(pipeline);
  pipeline.environment['DESTINATION_PASSWORD'] = DESTINATION_PASSWORD ?? '';
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
  delete pipeline.environment['SOURCE_PASSWORD'];
  expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS1002', retry: 'manual' });
});

it('rights that are missing at the source', async () => {
  await using pipeline = await open();
  const user = `${pipeline.name}_user`;
  await pipeline.write(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'`);
  try {
    pipeline.configuration.source = { user };
    pipeline.environment['SOURCE_PASSWORD'] = 'secret';
    expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS2004', retry: 'manual' });
    await pipeline.write(`ALTER ROLE ${user} REPLICATION`);
    await pipeline.followed();
    const [table] = (await pipeline.fullExtract(['public.items'])).tables;
    expect(table?.error).toMatchObject({ code: 'PS2004', table: 'public.items', retry: 'manual' });
    expectNoRetries(pipeline);
    await pipeline.write(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${user}`);
    await expectRecoveryByFullExtract(pipeline);
  } finally {
    await pipeline.write(`DROP OWNED BY ${user} CASCADE; DROP ROLE ${user}`);
  }
});

it('rights that are missing at the destination', async () => {
  await using pipeline = await open();
  const user = pipeline.name;
  await pipeline.rows(`CREATE USER '${user}'@'%' IDENTIFIED BY 'secret'`);
  try {
    await pipeline.rows(`GRANT SELECT ON \`${pipeline.name}\`.* TO '${user}'@'%'`);
    pipeline.configuration.destination = { user };
    pipeline.environment['DESTINATION_PASSWORD'] = 'secret';
    await pipeline.write('UPDATE items SET n = 7');
    const error = await pipeline.failure(pipeline.delta());
    expect(error).toMatchObject({ code: 'PS4003', retry: 'manual' });
    expect(error.remedy).toMatch(/GRANT/);
    expectNoRetries(pipeline);
    await pipeline.rows(`GRANT ALL ON \`${pipeline.name}\`.* TO '${user}'@'%'`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  } finally {
    await pipeline.rows(`DROP USER '${user}'@'%'`);
  }
});

it('a table that is not there', async () => {
  await using pipeline = await open();
  pipeline.configuration.tables = ['public.items', 'public.nothing'];
  const { tables } = await pipeline.fullExtract();
  const failed = tables.filter(({ state }) => state === 'failed');
  expect(failed).toMatchObject([{ table: 'public.nothing', error: { code: 'PS1005', table: 'public.nothing' } }]);
  // The others go on without it.
  await pipeline.write('UPDATE items SET n = 6 WHERE id = 1');
  expect((await pipeline.delta()).stopped).toEqual(['public.nothing']);
  expect(await pipeline.rows('SELECT n FROM items WHERE id = 1')).toEqual([['6']]);
  expectNoRetries(pipeline);
});

it('a table that is added to the configuration later', async () => {
  await using pipeline = await open();
  await pipeline.write('CREATE TABLE added (id integer PRIMARY KEY, n integer); INSERT INTO added VALUES (1, 1)');
  await pipeline.write('CREATE TABLE waiting (id integer PRIMARY KEY)');
  pipeline.configuration.tables = ['public.items', 'public.other', 'public.added', 'public.waiting'];
  // One that was not copied yet holds up nobody.
  await pipeline.write('UPDATE items SET n = 5 WHERE id = 1');
  await pipeline.followed();
  expect(await pipeline.rows('SELECT n FROM items WHERE id = 1')).toEqual([['5']]);
  await pipeline.fullExtract(['public.added']);
  await pipeline.write('INSERT INTO added VALUES (2, 2); UPDATE items SET n = 0');
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([
    { tag: 'notComparable', table: 'public.waiting', reason: 'it was not copied yet' },
  ]);
});

it('a log sender that is killed again and again while it runs', async () => {
  await using pipeline = await open();
  await using following = pipeline.follow();
  for (let round = 1; round <= 3; round++) {
    await eventually(async () => {
      const killed = await pipeline.sourceRows(
        `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${slotOf(pipeline)}' AND active_pid IS NOT NULL`,
      );
      return killed[0]?.[0] === 't';
    });
    await pipeline.write(`INSERT INTO items SELECT n, n FROM generate_series(${round * 1000}, ${round * 1000 + 99}) n`);
    await eventually(
      async () => (await pipeline.rows(`SELECT id FROM items WHERE id = ${round * 1000 + 99}`)).length === 1,
    );
  }
  await following.stop();
  expect(await pipeline.differences()).toEqual([]);
  const retries = pipeline.events.filter((event) => event.type === 'RetryError');
  expect(retries.length).toBeGreaterThanOrEqual(3);
  expect(retries.every(({ errorId }) => ['PS2010', 'PS2007', 'PS2002'].includes(errorId))).toBe(true);
});

it('a second process on the same pipeline', async () => {
  await using pipeline = await open();
  await using following = pipeline.follow();
  await eventually(async () => {
    const error = await pipeline.failure(pipeline.delta()).catch(() => null);
    return error?.code === 'PS1007';
  });
  expect((await pipeline.failure(pipeline.fullExtract())).code).toBe('PS1007');
  await pipeline.write('UPDATE items SET n = 77');
  await eventually(async () => (await pipeline.rows('SELECT id FROM items WHERE n = 77')).length === 2);
  await following.stop();
  await pipeline.followed();
});

it('a ledger that was emptied', async () => {
  await using pipeline = await open();
  await pipeline.rows('DELETE FROM penstock_ledger');
  await pipeline.write('UPDATE items SET n = 9');
  expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS4011', retry: 'manual' });
  expectNoRetries(pipeline);
  await expectRecoveryByFullExtract(pipeline);
});

it('a state directory that was lost', async () => {
  await using pipeline = await open();
  await pipeline.write('UPDATE items SET n = 11');
  await pipeline.followed();
  rmSync(join(pipeline.folder, 'state'), { recursive: true });
  expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS1004' });
  expectNoRetries(pipeline);
  await expectRecoveryByFullExtract(pipeline);
});

/** Reads the log up to its end and loads nothing. */
async function extractOnly(pipeline: TestPipeline): Promise<void> {
  await pipeline.operate((context) =>
    withLease(context.host, context.settings.pipeline, 'reader', context.signal, async (lease, signal) =>
      followLog(await followContext(context, lease, await context.source.currentPosition(signal), signal)),
    ),
  );
}

it('an extract that is damaged or gone', async () => {
  await using pipeline = await open();
  const store = join(pipeline.folder, 'state', 'store');
  const files = () =>
    readdirSync(store, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const before = new Set(files());
  await pipeline.write('UPDATE items SET n = n + 5; UPDATE other SET n = 9');
  await extractOnly(pipeline);
  const [file] = files().filter((path) => !before.has(path));
  const bytes = readFileSync(file ?? '');
  const counted = bytes.indexOf('"updates":') + '"updates":'.length;
  for (const place of [0, 20, Math.floor(bytes.length / 2), counted]) {
    const damaged = Buffer.from(bytes);
    damaged[place] = (damaged[place] ?? 0) ^ 1;
    writeFileSync(file ?? '', damaged);
    expect(await pipeline.failure(pipeline.delta()), `byte ${place} of ${bytes.length}`).toMatchObject({
      code: 'PS3001',
      retry: 'manual',
    });
  }
  writeFileSync(file ?? '', bytes.subarray(0, bytes.length - 40));
  expect((await pipeline.failure(pipeline.delta())).code).toBe('PS3001');
  rmSync(file ?? '');
  expect((await pipeline.failure(pipeline.delta())).code).toBe('PS3001');
  expectNoRetries(pipeline);
  expect(await pipeline.rows('SELECT n FROM other')).toEqual([['1']]);
  writeFileSync(file ?? '', bytes);
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
});

it('a destination table that was dropped, or whose rows were', async () => {
  await using pipeline = await open();
  await pipeline.rows('DROP TABLE items');
  await pipeline.write('UPDATE items SET n = 9; UPDATE other SET n = 9');
  expect((await pipeline.delta()).stopped).toEqual(['public.items']);
  const state = await pipeline.stateOf('public.items');
  expect(state).toMatchObject({ tag: 'stopped' });
  expect(state.tag === 'stopped' && state.remedy).toMatch(/full-extract/);
  expect(await pipeline.rows('SELECT n FROM other')).toEqual([['9']]);
  expectNoRetries(pipeline);
  await expectRecoveryByFullExtract(pipeline);
});

it('somebody else who reads the slot', async () => {
  await using pipeline = await open();
  const other = await pipeline.connectSource();
  try {
    await other.run(
      `SELECT * FROM pg_logical_slot_get_binary_changes('${slotOf(pipeline)}', NULL, NULL, 'proto_version', '1', 'publication_names', '${slotOf(pipeline)}')`,
    );
    await pipeline.write('UPDATE items SET n = 10');
    await other.run(
      `SELECT * FROM pg_logical_slot_get_binary_changes('${slotOf(pipeline)}', NULL, NULL, 'proto_version', '1', 'publication_names', '${slotOf(pipeline)}')`,
    );
  } finally {
    await other.end();
  }
  expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS2006' });
  await expectRecoveryByFullExtract(pipeline);
});
