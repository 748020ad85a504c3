import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { eventuallyIs } from '../fixtures/eventually.ts';
import { main } from '../../cli/main.ts';
import { sharedServers, TestPipeline, type Section } from '../fixtures/pipeline.ts';
import type { SourceType } from '../fixtures/test-source.ts';

/** What is wrong with what the user wrote is named, with the documented exit code; nothing is half done for it. */

interface Ended {
  readonly code: number;
  readonly json: Record<string, unknown>;
  readonly all: string;
}

/** The real command line, in this process. */
async function penstock(pipeline: TestPipeline, ...args: readonly string[]): Promise<Ended> {
  await pipeline.settings().catch(() => undefined);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const surroundings = {
    ...{ stdout, stderr, environment: pipeline.environment, version: '0', now: () => performance.now() },
    process: { on: () => undefined, off: () => undefined, exit: () => undefined },
  };
  const [verb = '', ...rest] = args;
  const code = await main([verb, '--json', '-c', `${pipeline.folder}/penstock.yaml`, ...rest], surroundings);
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { code, json: JSON.parse(out) as Record<string, unknown>, all: out + err };
}

const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, code integer NOT NULL, maybe integer, name varchar(20));
  INSERT INTO items VALUES (1, 1, 1, 'a'), (2, 2, NULL, 'b'), (3, 2, 3, 'c');
  CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 0)`;

async function open(type: SourceType, items: Section = {}, more: Section = {}): Promise<TestPipeline> {
  const tables = [{ name: 'items', ...items }, 'other'];
  return TestPipeline.open({ ...sharedServers(type), setup: SETUP, tables, more });
}

/** All that an operation could have changed at the destination, in the catalog, and at the source. */
async function everything(pipeline: TestPipeline): Promise<unknown> {
  const tables = (await pipeline.rows('SHOW TABLES')).flat();
  const contents: unknown[] = [];
  for (const table of tables) {
    const columns = table === 'penstock_ledger' ? 'pipeline, tbl, applied, copy_generation, copy_state' : '*';
    contents.push([table, (await pipeline.rows(`SELECT ${columns} FROM \`${table}\``)).sort()]);
  }
  const standing = await pipeline.catalog(async (catalog) => [
    (await catalog.head()).lastExtract,
    (await catalog.head()).position,
    (await catalog.tables()).map(({ table, state, generation, schema }) => [table, state, generation, schema]),
  ]);
  return { contents, standing, source: await sourceRows(pipeline) };
}

async function sourceRows(pipeline: TestPipeline): Promise<unknown> {
  const rows = [
    await pipeline.sourceRows('SELECT * FROM items ORDER BY id'),
    await pipeline.sourceRows('SELECT * FROM other'),
  ];
  if (pipeline.kind.type !== 'postgres') return rows;
  const slots = `SELECT slot_name FROM pg_replication_slots WHERE database = '${pipeline.name}'`;
  return [...rows, await pipeline.sourceRows(slots)];
}

describe.each<SourceType>(['postgres', 'mysql'])('from %s', (type) => {
  describe('what the command line names and is not there', () => {
    it('is refused before anything is done', async () => {
      await using pipeline = await open(type);
      await pipeline.copied();
      await pipeline.write('UPDATE other SET n = 1');
      await pipeline.followed();
      const before = await everything(pipeline);
      for (const verb of ['full-extract', 'verify', 'sync-structure', 'rollback']) {
        const ended = await penstock(pipeline, verb, '--table', pipeline.idOf('itmes'));
        expect([verb, ended.code]).toEqual([verb, 2]);
        expect(ended.all).toMatch(/itmes.*did you mean .*items/);
      }
      for (const [args, named] of [
        [['rollback', '--to', '99', '--yes'], /no extract 99; it has 1 to 1/],
        [['rollback', '--to', '0', '--yes'], /0/],
        [['rollback', '--to', '1x', '--yes'], /1x/],
        [['rollback', '--to', '1'], /--yes/],
        [['sync-structure', '--redo'], /--apply/],
        [['undo'], /undo/],
        [['status', '--fast'], /--fast/],
      ] as const) {
        const ended = await penstock(pipeline, ...args);
        expect([args, ended.code > 0]).toEqual([args, true]);
        expect(ended.all).toMatch(named);
      }
      expect(await everything(pipeline)).toEqual(before);
    });

    it('deltas and rollbacks before the first full extract say what is missing', async () => {
      await using pipeline = await open(type);
      for (const args of [['delta'], ['rollback', '--to', '1', '--yes']] as const) {
        const ended = await penstock(pipeline, ...args);
        expect(ended.code).toBe(1);
        expect(ended.json['error']).toMatchObject({ code: 'PS1004' });
      }
      expect(await pipeline.rows('SHOW TABLES')).toEqual([]);
    });
  });

  it.each<[string, Section, Section, RegExp]>([
    ['a column that is masked and in the key', { key: ['id'], mask: ['id'] }, {}, /id, which is masked/],
    ['a column twice in the key', { key: ['id', 'id'] }, {}, /id twice/],
    ['another type that does not exist', { typeChange: { name: '@X' } }, {}, /@I, @L/],
    ['an option that does not exist', { wehre: 'id = 1' }, {}, /did you mean .where/],
    ['a time zone that does not exist', {}, { schedule: { type: 'daily', at: '10:00', zone: 'Mars/Base' } }, /Mars/],
    ['a policy that does not exist', { structure: { drop: 'automatic' } }, {}, /drop/],
  ])('%s is refused with exit code 2', async (_, items, more, named) => {
    await using pipeline = await open(type, items, more);
    const ended = await penstock(pipeline, 'full-extract');
    expect([ended.code, ended.json['error']]).toMatchObject([2, { code: 'PS1001' }]);
    expect(ended.all).toMatch(named);
    expect(await pipeline.rows('SHOW TABLES')).toEqual([]);
  });

  it('a table named twice is refused with exit code 2', async () => {
    await using pipeline = await open(type);
    pipeline.configuration.tables = ['items', 'other', 'items'];
    const ended = await penstock(pipeline, 'full-extract');
    expect(ended.code).toBe(2);
    expect(ended.all).toMatch(/every table once/);
  });

  const evil =
    type === 'postgres'
      ? `(SELECT 1 AS x$a$) = 1); DROP TABLE other; SELECT (1 --$a$)`
      : `1 = 1 /*! ); DROP TABLE other; -- */`;
  it.each<[string, Section, RegExp, string]>([
    ['a table that is not there', { name: 'absent' }, /absent/, 'PS1005'],
    ['a key column that is not there', { key: ['nope'] }, /nope/, 'PS1006'],
    ['a masked column that is not there', { mask: ['nope'] }, /nope/, 'PS1006'],
    ['a changed type of a column that is not there', { typeChange: { nope: '@S' } }, /nope/, 'PS1006'],
    ['a masked primary key', { mask: ['id'] }, /id cannot be masked/, 'PS1001'],
    ['a WHERE that does not parse', { where: 'id ==== 1' }, /where of/, 'PS1001'],
    ['a WHERE of a column that is not there', { where: 'nope = 1' }, /where of.*nope/s, 'PS1001'],
    ['a second statement', { where: '1=1; DROP TABLE other' }, /semicolon/, 'PS1001'],
    ['a hidden second statement', { where: evil }, /where of/, 'PS1001'],
    ['an unbalanced quote', { where: `name = 'x` }, /quote is not closed/, 'PS1001'],
    ['an unbalanced parenthesis', { where: 'id = 1) OR (1 = 1' }, /parenthesis/, 'PS1001'],
    ['an open comment', { where: 'id = 1 /*' }, /comment is not closed/, 'PS1001'],
    ['a comment alone', { where: '-- id = 1' }, /empty/, 'PS1001'],
    [
      'a subselect of a table that is not there',
      { where: 'id IN (SELECT id FROM nowhere)' },
      /nowhere/,
      type === 'mysql' ? 'PS1005' : 'PS1001',
    ],
  ])('%s is found by check, and by the copy, which goes on with the others', async (_, items, named, code) => {
    await using pipeline = await open(type, items);
    const before = await sourceRows(pipeline);
    const checked = await penstock(pipeline, 'check');
    expect([checked.code, checked.all]).toEqual([1, expect.stringMatching(named)]);
    expect(await pipeline.rows('SHOW TABLES')).toEqual([]);
    const ended = await penstock(pipeline, 'full-extract');
    expect([ended.code, ended.all]).toEqual([1, expect.stringMatching(named)]);
    expect(ended.json['tables']).toMatchObject([
      { state: 'failed', error: { code } },
      { state: 'copied', rows: 1 },
    ]);
    expect((await pipeline.rows('SHOW TABLES')).flat()).not.toContain('items');
    expect(await pipeline.stateOf(items['name'] === 'absent' ? 'absent' : 'items')).toMatchObject({
      tag: 'stopped',
      code,
    });
    expect(((await sourceRows(pipeline)) as unknown[]).slice(0, 2)).toEqual((before as unknown[]).slice(0, 2));
  });

  it('a WHERE with a subselect is a condition like others', async () => {
    await using pipeline = await open(type, { where: 'id IN (SELECT id FROM other) -- only these' });
    await pipeline.copied();
    expect(await pipeline.rows('SELECT id FROM items')).toEqual([['1']]);
  });

  it.each([[{ truncateInsteadOfDrop: false }], [{ truncateInsteadOfDrop: true }]])(
    'a chosen key that rows share stops the table, and none of them is lost in another (%j)',
    async (destination) => {
      await using pipeline = await open(type, { key: ['code'] }, { extracts: { chunkBytes: 1000 } });
      pipeline.configuration.destination = destination;
      if (type === 'postgres') await pipeline.write('ALTER TABLE items REPLICA IDENTITY FULL');
      const checked = await penstock(pipeline, 'check');
      expect(checked.all).toMatch(/code/);
      const ended = await penstock(pipeline, 'full-extract');
      expect(ended.code).toBe(1);
      expect(ended.json['tables']).toMatchObject([{ state: 'failed', error: { code: 'PS4004' } }, { state: 'copied' }]);
      expect(ended.all).toMatch(/code/);
      expect(await pipeline.stateOf('items')).toMatchObject({ tag: 'stopped', code: 'PS4004' });
    },
  );

  it('a chosen key with NULLs stops the table', async () => {
    await using pipeline = await open(type, { key: ['maybe'] });
    if (type === 'postgres') await pipeline.write('ALTER TABLE items REPLICA IDENTITY FULL');
    const checked = await penstock(pipeline, 'check');
    expect(checked.all).toMatch(/NULL in key column maybe/);
    const ended = await penstock(pipeline, 'full-extract');
    expect([ended.code, ended.all]).toEqual([1, expect.stringMatching(/maybe/)]);
    expect(ended.json['tables']).toMatchObject([{ state: 'failed' }, { state: 'copied' }]);
    expect((await pipeline.rows('SHOW TABLES')).flat()).not.toContain('items');
  });

  it('a changed type that a value does not fit stops the table', async () => {
    await using pipeline = await open(type, { typeChange: { name: '@I' } });
    const ended = await penstock(pipeline, 'full-extract');
    expect([ended.code, ended.all]).toEqual([1, expect.stringMatching(/name/)]);
    expect(ended.json['tables']).toMatchObject([{ state: 'failed', error: { code: 'PS4004' } }, { state: 'copied' }]);
    expect((await pipeline.rows('SHOW TABLES')).flat()).not.toContain('items');
  });

  it('two operations at once: the second one says who is at work, and does nothing', async () => {
    await using pipeline = await open(type);
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('UPDATE other SET n = 2');
    await eventuallyIs(() => pipeline.rows('SELECT n FROM other'), [['2']]);
    const before = await everything(pipeline);
    for (const args of [
      ['full-extract'],
      ['delta'],
      ['rollback', '--to', '1', '--yes'],
      ['sync-structure', '--apply'],
    ] as const) {
      const ended = await penstock(pipeline, ...args);
      expect([args, ended.code, ended.json['error']]).toMatchObject([args, 1, { code: 'PS1007' }]);
    }
    expect(await everything(pipeline)).toEqual(before);
    await following.stop();
  });
});
