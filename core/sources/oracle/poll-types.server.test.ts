import { expect, inject, it } from 'vitest';
import { openFake } from '../../../test/contracts/source-connector/oracle/servers.ts';
import { oracleTypes } from '../../../test/contracts/source-connector/oracle/types.ts';
import { changesOf, copyTable, NEVER, readToNow, select } from '../../../test/contracts/source-connector/reading.ts';
import { oracleConnector } from './definition.ts';

const TESTED = { type: 'oracle', extractType: 'timestamps' } as const;

it('polls tell every type as copies do, and what does not fit by the same text', async () => {
  const { database: opened } = await openFake(inject('postgres'), 'polled_types', TESTED, oracleConnector);
  await using database = opened;
  const types = oracleTypes('fake', null);
  const { admin } = database;
  for (const [index, { type }] of types.entries())
    await admin.run(`CREATE TABLE k${index} (id INTEGER NOT NULL, v ${type}, m NUMBER(9), PRIMARY KEY (id))`);
  await using source = database.connect({ settings: { extractType: 'timestamps', pollSeconds: 0.05, lagSeconds: 0 } });
  await using tolerant = database.connect({ settings: { extractType: 'fullExtracts' }, misfits: 'quarantine' });
  const tables = types.map((_, index) => select(database, `k${index}`, { timestampColumn: 'm' }));
  const start = await source.prepare(tables, null, NEVER);
  for (const [index, { values }] of types.entries()) {
    const literals = [...values.map((value) => (typeof value === 'string' ? value : value.sql)), 'NULL'];
    await admin.run(
      ...literals.map((literal, place) => `INSERT INTO k${index} (id, v, m) VALUES (${place + 1}, ${literal}, 1)`),
    );
  }
  const { events } = await readToNow(source, start, tables);
  for (const [index, { type, values }] of types.entries()) {
    const polled = changesOf(events, `k${index}`).map(({ after, misfit }) => [
      ...(after ?? []),
      misfit?.reason ?? null,
    ]);
    expect(polled, type).toHaveLength(values.length + 1);
    const { rows, misfits } = await copyTable(tolerant, select(database, `k${index}`));
    const copied = [
      ...rows.map((row) => [...row, null]),
      ...misfits.map(({ row, reason }) => [row['id'], row['v'], row['m'], reason]),
    ];
    expect(polled.sort(), type).toEqual(copied.sort());
  }
});
