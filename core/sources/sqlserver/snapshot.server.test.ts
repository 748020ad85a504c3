import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../../test/fixtures/eventually.ts';
import { NEVER, describeOne, readChunk } from '../../../test/contracts/source-connector/reading.ts';
import { fakeConnector } from '../../../test/contracts/source-connector/sqlserver/servers.ts';
import {
  openFakeDatabase,
  type FakeAdmin,
  type FakeDatabase,
} from '../../../test/fixtures/sqlserver-fake/fake-database.ts';
import { selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { ChunkRows, Snapshot, SourceConnector } from '../source-connector.ts';

const ROWS = 20_000;
const table = selectionOf('held');
const WHOLE = { tag: 'whole' } as const;

describe('a snapshot of several readers', () => {
  let database: FakeDatabase;
  let admin: FakeAdmin;
  let source: SourceConnector;
  let schema: TableSchema;
  beforeAll(async () => {
    database = await openFakeDatabase(inject('postgres'), 'snapshot_readers', 'changeTracking');
    admin = database.admin();
    await admin.run(
      'CREATE TABLE held (id INTEGER NOT NULL, t VARCHAR(300), PRIMARY KEY (id))',
      `INSERT INTO held (id, t) SELECT i, repeat('some text ', 20) FROM generate_series(1, ${ROWS}) AS s (i)`,
    );
    source = fakeConnector(database, 'changeTracking', {});
    schema = await describeOne(source, table);
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const open = (readers: number) => source.openSnapshot({ tables: [table], readers }, NEVER);
  const sessions = async () =>
    Number(
      (
        await admin.rows(
          `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database.name}' AND application_name = 'penstock'`,
        )
      )[0]?.[0],
    );

  /** A chunk of which the first bytes were read. */
  async function begun(snapshot: Snapshot, signal = NEVER): Promise<{ rest: () => Promise<void> }> {
    const chunk: ChunkRows = await snapshot.readChunk(table, schema, WHOLE, signal);
    const bytes = chunk.bytes[Symbol.asyncIterator]();
    await bytes.next();
    return {
      rest: async () => {
        while ((await bytes.next()).done !== true);
      },
    };
  }

  it('a reader that is lost in its chunk is not replaced; the others read the same state', async () => {
    await using snapshot = await open(2);
    const lost = await begun(snapshot);
    await admin.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.name}' AND query LIKE 'FETCH%'`,
      'DELETE FROM held WHERE id = 1',
    );
    await expect(lost.rest()).rejects.toMatchObject({ code: 'PS2010', retry: 'timed' });
    expect((await readChunk(snapshot, table, schema)).rows).toHaveLength(ROWS);
    await admin.run(`INSERT INTO held (id, t) VALUES (1, 'again')`);
    expect((await readChunk(snapshot, table, schema)).rows).toHaveLength(ROWS);
  });

  it('an abort in the middle of a chunk ends that chunk alone, with the signal’s reason', async () => {
    await using snapshot = await open(2);
    const controller = new AbortController();
    const aborted = await begun(snapshot, controller.signal);
    const other = await begun(snapshot);
    controller.abort(new Error('enough'));
    await expect(aborted.rest()).rejects.toThrow('enough');
    await other.rest();
    expect((await readChunk(snapshot, table, schema)).rows).toHaveLength(ROWS);
  });

  it('an error of the server in a chunk takes the reader with it, because its state is gone', async () => {
    await using snapshot = await open(2);
    database.faults.fail('rows', 1205);
    await expect(readChunk(snapshot, table, schema)).rejects.toMatchObject({ code: 'PS2010', table: 'dbo.held' });
    expect((await readChunk(snapshot, table, schema)).rows).toHaveLength(ROWS);
    database.faults.fail('rows', 3961);
    await expect(readChunk(snapshot, table, schema)).rejects.toMatchObject({ code: 'PS2012', retry: 'timed' });
    await expect(readChunk(snapshot, table, schema)).rejects.toMatchObject({ code: 'PS2010' });
  });

  it('disposal while chunks are read, and others wait for a reader, ends them all and leaves no session', async () => {
    const snapshot = await open(2);
    const [first, second] = [await begun(snapshot), await begun(snapshot)];
    const waiting = snapshot.readChunk(table, schema, WHOLE, NEVER);
    const refused = expect(waiting).rejects.toMatchObject({ code: 'PS9001' });
    await snapshot[Symbol.asyncDispose]();
    await refused;
    for (const { rest } of [first, second]) await expect(rest()).rejects.toMatchObject({ code: 'PS2010' });
    await snapshot[Symbol.asyncDispose]();
    await expect(snapshot.estimateRows(table, NEVER)).rejects.toMatchObject({ code: 'PS9001' });
    await eventually(async () => (await sessions()) === 0, 'all sessions are gone');
  });

  it('whoever opens it and is struck leaves no session behind', async () => {
    for (const [tag, after] of [
      ['beginSnapshot', 1],
      ['touch', 0],
      ['trackingVersion', 2],
    ] as const) {
      database.faults.fail(tag, 596, { after });
      await expect(open(3)).rejects.toMatchObject({ code: 'PS2010' });
    }
    await eventually(async () => (await sessions()) === 0, 'all sessions are gone');
  });
});
