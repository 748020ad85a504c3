import { describe, expect, inject, it } from 'vitest';
import { changesOf, NEVER, readChunk, readToNow, select } from '../../../test/contracts/source-connector/reading.ts';
import { fakeSqlserver } from '../../../test/contracts/source-connector/sqlserver/servers.ts';

// Against the tests' database that behaves as SQL Server; none of this was run on one.

describe.each(['changeTracking', 'cdc'] as const)('extract type %s', (extractType) => {
  it('copies a table at an exact place, and reads from there what became of it', async () => {
    await using database = await fakeSqlserver(inject('postgres'), extractType).database(
      `first_${extractType.toLowerCase()}`,
    );
    await database.admin.run(
      'CREATE TABLE thing (id INTEGER NOT NULL, name VARCHAR(20), price DECIMAL(8,2), PRIMARY KEY (id))',
      `INSERT INTO thing VALUES (1, 'a', 1.5), (2, 'b', NULL), (3, 'ü''x', -0.01)`,
    );
    await using source = database.connect();
    const tables = [select(database, 'thing')];
    expect((await source.check(tables, NEVER)).filter(({ severity }) => severity === 'error')).toEqual([]);
    const [schema] = await source.describeTables(tables, NEVER);
    const start = await source.prepare(tables, null, NEVER);
    await using snapshot = await source.openSnapshot({ tables, readers: 2 }, NEVER);
    await database.admin.run(
      `UPDATE thing SET name = 'a1' WHERE id = 1`,
      'DELETE FROM thing WHERE id = 2',
      `INSERT INTO thing VALUES (4, 'd', 4)`,
    );
    const { rows } = await readChunk(snapshot, tables[0]!, schema!);
    expect(rows.map((row) => [...row]).sort()).toEqual([
      ['1', 'a', '1.50'],
      ['2', 'b', null],
      ['3', "ü'x", '-0.01'],
    ]);
    expect(start.lineage).toBe(snapshot.position.lineage);
    const { events } = await readToNow(source, snapshot.position, tables);
    const changes = changesOf(events).map(
      ({ op, before, after }) => `${op} ${String(after?.[0] ?? before?.[0])} ${String(after?.[1])}`,
    );
    expect(changes.sort()).toEqual(
      extractType === 'cdc'
        ? ['delete 2 undefined', 'insert 4 d', 'update 1 a1']
        : expect.arrayContaining([
            expect.stringMatching(/^delete 2/),
            expect.stringMatching(/4 d$/),
            expect.stringMatching(/1 a1$/),
          ]),
    );
    expect(changes).toHaveLength(3);
  });
});
