import { expect, inject, it } from 'vitest';
import { failure } from '../../../test/contracts/source-connector/contract.ts';
import { LogReader, NEVER, select } from '../../../test/contracts/source-connector/reading.ts';
import { fakeSqlserver } from '../../../test/contracts/source-connector/sqlserver/servers.ts';

// Against the tests' database that behaves as SQL Server; none of this was run on one.

it('a rowversion is not polled on a replica, not even on one that was the primary a moment ago', async () => {
  await using database = await fakeSqlserver(inject('postgres'), 'changeTracking').database('replica');
  await database.admin.run(
    'CREATE TABLE versioned (id INTEGER NOT NULL, v ROWVERSION, at DATETIME2(3), PRIMARY KEY (id))',
  );
  await using source = database.connect({ settings: { extractType: 'timestamps', pollSeconds: 0.01 } });
  const byVersion = select(database, 'versioned', { timestampColumn: 'v' });
  const byTime = select(database, 'versioned', { timestampColumn: 'at' });
  const start = await source.prepare([byVersion], null, NEVER);
  await using reader = await LogReader.open(source, start, [byVersion]);
  await reader.next();
  await database.admin.run('UPDATE fake.settings SET is_writable = false');
  const reading = async () => {
    for (;;) await reader.next();
  };
  const refusal = { code: 'PS2005', table: 'dbo.versioned' };
  expect(await failure(reading())).toMatchObject(refusal);
  expect(await failure(source.prepare([byVersion], start, NEVER))).toMatchObject(refusal);
  await source.prepare([byTime], null, NEVER);
});
