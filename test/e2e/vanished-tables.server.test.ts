import { describe, expect, it } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource } from '../fixtures/test-source.ts';

/** A table that is dropped or renamed at the source stops; the others go on, also when the reader starts again. */
describe.each(SOURCE_TYPES)('a followed table that vanishes from %s', (type) => {
  const kind = testSource(type);
  const open = async (): Promise<TestPipeline> => {
    const table = (name: string) =>
      `CREATE TABLE ${name} (id integer PRIMARY KEY, n integer); INSERT INTO ${name} SELECT n, 0 FROM ${kind.series(1, 20)}`;
    const pipeline = await TestPipeline.open({ ...sharedServers(type), setup: `${table('items')}; ${table('gone')}` });
    pipeline.configuration.tables = ['items', 'gone'];
    await pipeline.copied();
    return pipeline;
  };
  const loaded = (pipeline: TestPipeline, n: number): Promise<boolean> =>
    eventually(async () => (await pipeline.rows('SELECT n FROM items WHERE id = 1'))[0]?.[0] === String(n));
  const stopped = (pipeline: TestPipeline): Promise<boolean> =>
    eventually(async () => (await pipeline.stateOf('gone')).tag === 'stopped');

  it.each([
    ['dropped', 'DROP TABLE gone'],
    ['renamed', 'ALTER TABLE gone RENAME TO elsewhere'],
  ])('is %s before the reader starts', async (_, statement) => {
    await using pipeline = await open();
    await pipeline.write('UPDATE gone SET n = 1 WHERE id = 1');
    await pipeline.write(statement);
    const { stopped: first, to } = await pipeline.delta();
    expect(first).toEqual([pipeline.idOf('gone')]);
    expect(await pipeline.stateOf('gone')).toMatchObject({
      ...{ code: 'PS4012', message: expect.stringContaining(pipeline.idOf('gone')) as string },
      remedy: expect.stringContaining('full-extract') as string,
    });
    await pipeline.write('UPDATE items SET n = 1 WHERE id = 1');
    // It is told once, not with each start.
    expect((await pipeline.delta()).to).toBe(to + 1);
    await loaded(pipeline, 1);
    await using following = pipeline.follow();
    await pipeline.write('UPDATE items SET n = 2 WHERE id = 1');
    await loaded(pipeline, 2);
    await following.stop();
  });

  it('is dropped while the reader is at work, and is made again', async () => {
    await using pipeline = await open();
    {
      await using following = pipeline.follow();
      await pipeline.write('UPDATE gone SET n = 1 WHERE id = 1; UPDATE items SET n = 1 WHERE id = 1');
      await loaded(pipeline, 1);
      await pipeline.write('DROP TABLE gone');
      await pipeline.write('UPDATE items SET n = 2 WHERE id = 1');
      await loaded(pipeline, 2);
      await following.stop();
    }
    await using following = pipeline.follow();
    await stopped(pipeline);
    await pipeline.write('UPDATE items SET n = 3 WHERE id = 1');
    await loaded(pipeline, 3);
    await following.stop();
    await pipeline.write('CREATE TABLE gone (id integer PRIMARY KEY, n integer); INSERT INTO gone VALUES (7, 7)');
    await pipeline.write('UPDATE items SET n = 4 WHERE id = 1');
    await pipeline.delta();
    await loaded(pipeline, 4);
    expect(await pipeline.stateOf('gone')).toMatchObject({ tag: 'stopped', code: 'PS4012' });
    await pipeline.fullExtract(['gone']);
    await pipeline.write('INSERT INTO gone VALUES (8, 8)');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('is the last one: that is an error', async () => {
    await using pipeline = await open();
    await pipeline.write('DROP TABLE gone');
    await pipeline.write('DROP TABLE items');
    expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS1005' });
  });
});
