import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../../test/fixtures/eventually.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { NEVER } from '../../../test/contracts/source-connector/reading.ts';
import { postgresTest, readEvents, selection, type PostgresTest } from '../../../test/fixtures/postgres-connector.ts';
import { connectPostgres } from '../../../test/fixtures/postgres-server.ts';

const SLOT = 'penstock_prepared';

describe('prepare', () => {
  let test: PostgresTest;
  const tables = [selection('a')];
  beforeAll(async () => {
    test = await postgresTest(inject('postgres'), 'prepared');
    await test.client.query(
      `CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY)`,
    );
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
  });
  const fresh = async (): Promise<SourcePosition> => {
    await test.source.teardown(NEVER);
    return test.source.prepare(tables, null, NEVER);
  };

  it('stops on another timeline and a server that was set back', async () => {
    const position = await fresh();
    expect(position.lineage).toMatch(/^postgres\/\d+\/1\/penstock_prepared$/);
    const promoted = { ...position, lineage: position.lineage.replace('/1/', '/2/') };
    const ahead = { ...position, order: 'f'.repeat(16), resume: 'FFFFFFFF/FFFFFFFF' };
    for (const known of [promoted, ahead]) {
      await expect(test.source.prepare(tables, known, NEVER)).rejects.toMatchObject({ code: 'PS2001' });
      await expect(test.source.openStream(known, tables, NEVER)).rejects.toMatchObject({ code: 'PS2001' });
    }
  });

  it('refuses a slot of another kind', async () => {
    await test.source.teardown(NEVER);
    await test.client.query(`SELECT pg_create_physical_replication_slot('${SLOT}')`);
    await expect(test.source.prepare(tables, null, NEVER)).rejects.toMatchObject({ code: 'PS2005' });
    await test.client.query(`SELECT pg_drop_replication_slot('${SLOT}')`);
  });

  it('stops when a table left the publication, and lets one in that is copied anew', async () => {
    const position = await fresh();
    const both = [selection('a'), selection('b')];
    await expect(test.source.prepare(both, position, NEVER)).rejects.toMatchObject({
      code: 'PS2005',
      table: 'public.b',
    });
    expect(await test.source.prepare(both, position, NEVER, new Set(['public.b']))).toEqual(position);
    expect(await test.source.prepare(both, position, NEVER)).toEqual(position);
    await test.client.query(`ALTER PUBLICATION ${SLOT} DROP TABLE a`);
    await expect(test.source.prepare(both, position, NEVER)).rejects.toMatchObject({
      code: 'PS2005',
      table: 'public.a',
    });
    await test.client.query(`DROP PUBLICATION ${SLOT}`);
    await expect(test.source.prepare(both, position, NEVER)).rejects.toMatchObject({ code: 'PS2005' });
  });

  it('refuses a publication that withholds changes, with the statement that mends it', async () => {
    const faulty: [string, string][] = [
      [`CREATE PUBLICATION ${SLOT} FOR TABLE a WITH (publish = 'insert, update')`, 'leaves out delete, truncate'],
      [`CREATE PUBLICATION ${SLOT} FOR TABLE a WHERE (id > 5)`, 'filters the rows'],
    ];
    for (const [statement, message] of faulty) {
      await test.source.teardown(NEVER);
      await test.client.query(statement);
      const failure = await test.source
        .prepare(tables, null, NEVER)
        .catch((error: unknown) => error as Error & { remedy: string });
      expect(failure).toMatchObject({ code: 'PS2005' });
      if (!(failure instanceof Error)) throw new Error('not refused');
      expect(failure.message).toContain(message);
      await test.client.query(failure.remedy);
      await test.source.prepare(tables, null, NEVER);
    }
    await test.source.teardown(NEVER);
    await test.client.query(
      `CREATE TABLE wide (id int PRIMARY KEY, x int, y int); CREATE PUBLICATION ${SLOT} FOR TABLE wide (id, x)`,
    );
    await expect(test.source.prepare([selection('wide')], null, NEVER)).rejects.toThrow(
      'leaves out columns of public.wide: y',
    );
  });

  it('says which statement somebody with the right must run', async () => {
    await test.source.teardown(NEVER);
    await test.client.query(
      `DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN REPLICATION PASSWORD 'penstock-test'; GRANT SELECT ON a TO reader`,
    );
    const reader = test.connect({ user: 'reader' });
    const refused = await reader.prepare(tables, null, NEVER).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'PS2004' });
    expect((refused as { remedy: string }).remedy).toContain(`CREATE PUBLICATION "${SLOT}" FOR TABLE "public"."a"`);
    await test.client.query(`CREATE PUBLICATION ${SLOT} FOR TABLE a`);
    const position = await reader.prepare(tables, null, NEVER);
    await test.client.query(`INSERT INTO a VALUES (100)`);
    const events = await readEvents(reader, position, tables, await reader.currentPosition(NEVER));
    expect(events.some((event) => event.tag === 'row')).toBe(true);
  });

  it('lets go at once when it is aborted while it waits for other transactions', async () => {
    await test.source.teardown(NEVER);
    const other = await connectPostgres(test.address, test.database);
    await other.query(`BEGIN; INSERT INTO b VALUES (1000)`);
    const controller = new AbortController();
    const preparing = test.source.prepare(tables, null, controller.signal);
    await eventually(
      async () =>
        (await test.client.query(`SELECT FROM pg_replication_slots WHERE slot_name = '${SLOT}'`)).rowCount === 1,
    );
    controller.abort(new Error('enough'));
    await expect(preparing).rejects.toThrow('enough');
    await eventually(
      async () =>
        (await test.client.query(`SELECT FROM pg_replication_slots WHERE slot_name = '${SLOT}'`)).rowCount === 0,
    );
    await other.query('ROLLBACK');
    await other.end();
  });
});
