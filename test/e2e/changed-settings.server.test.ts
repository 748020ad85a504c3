import { describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES } from '../fixtures/test-source.ts';

/** Settings that are changed after a table was copied: nothing is bent, the table is stopped and says what to do. */

const SETUP = `
  CREATE TABLE person (id integer PRIMARY KEY, name varchar(40), code varchar(1));
  INSERT INTO person VALUES (1, 'one', 'a'), (2, 'two', 'b')`;
const HISTORY = { transfer: 'history' };

describe.each(SOURCE_TYPES)('%s', (type) => {
  const open = (table: object, more: Record<string, unknown> = {}) =>
    TestPipeline.open({
      ...sharedServers(type),
      setup: SETUP,
      tables: [{ name: 'person', ...table }],
      more,
    });

  it.each([
    ['the open end date', HISTORY, HISTORY, { history: { openEndDate: '2199-12-31' } }, 'history.openEndDate'],
    ['names of history columns', HISTORY, HISTORY, { history: { endColumn: 'until' } }, 'history.endColumn'],
    ['mirror to history', {}, HISTORY, {}, 'transfer was mirror'],
    ['history to mirror', HISTORY, {}, {}, 'transfer was history'],
  ] as const)(
    '%s: stopped before a row is loaded, goes on when set back, and is copied anew by the new ones',
    async (_what, before, after, more, message) => {
      await using pipeline = await open(before);
      await pipeline.copied();
      pipeline.configuration.tables = [{ name: 'person', ...after }];
      pipeline.configuration.more = more;
      await pipeline.write("UPDATE person SET name = 'changed' WHERE id = 1");
      const { stopped } = await pipeline.delta();
      expect(stopped).toEqual([pipeline.idOf('person')]);
      const state = await pipeline.stateOf('person');
      expect(state).toMatchObject({ tag: 'stopped', code: 'PS1013' });
      expect(JSON.stringify(state)).toContain(message);
      expect(await pipeline.rows("SELECT COUNT(*) FROM person WHERE name = 'changed'")).toEqual([['0']]);

      pipeline.configuration.tables = [{ name: 'person', ...before }];
      pipeline.configuration.more = {};
      await pipeline.followed();
      expect(await pipeline.rows("SELECT COUNT(*) FROM person WHERE name = 'changed'")).toEqual([['1']]);
      expect(await pipeline.differences()).toEqual([]);

      pipeline.configuration.tables = [{ name: 'person', ...after }];
      pipeline.configuration.more = more;
      expect((await pipeline.delta()).stopped).toHaveLength(1);
      await pipeline.copied();
      await pipeline.write("UPDATE person SET name = 'again' WHERE id = 2");
      await pipeline.followed();
      expect(await pipeline.differences()).toEqual([]);
    },
  );

  it('a mask that is taken away, or put on, is not carried over old and new rows: the table is copied anew', async () => {
    await using pipeline = await open({ mask: ['name', 'code'] });
    await pipeline.copied();
    pipeline.configuration.tables = ['person'];
    await pipeline.write("UPDATE person SET name = 'changed' WHERE id = 1");
    expect((await pipeline.delta()).stopped).toHaveLength(1);
    expect(await pipeline.stateOf('person')).toMatchObject({ code: 'PS1014' });
    expect(await pipeline.rows('SELECT COUNT(name), COUNT(code) FROM person')).toEqual([['0', '0']]);
    // What was read meanwhile fits neither.
    pipeline.configuration.tables = [{ name: 'person', mask: ['name', 'code'] }];
    expect((await pipeline.delta()).stopped).toHaveLength(1);
    await pipeline.copied();
    await pipeline.write("UPDATE person SET name = 'later' WHERE id = 2");
    await pipeline.followed();
    expect(await pipeline.rows('SELECT COUNT(name), COUNT(code) FROM person')).toEqual([['0', '0']]);
  });

  it('another type, and another place at the destination, are noticed too; others go on', async () => {
    await using pipeline = await open({ typeChange: { name: '@S' } });
    await pipeline.copied();
    pipeline.configuration.tables = [{ name: 'person' }];
    await pipeline.write("UPDATE person SET name = 'changed' WHERE id = 1");
    expect((await pipeline.delta()).stopped).toHaveLength(1);
    expect(await pipeline.stateOf('person')).toMatchObject({ code: 'PS1014' });
    await pipeline.copied();
    pipeline.configuration.destination = { addDatabasePrefix: true };
    expect((await pipeline.delta()).stopped).toHaveLength(1);
    expect(await pipeline.stateOf('person')).toMatchObject({ code: 'PS1013' });
    pipeline.configuration.destination = {};
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});
