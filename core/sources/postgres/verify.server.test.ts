import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { NEVER } from '../../../test/contracts/source-connector/reading.ts';
import { postgresTest, selection, type PostgresTest } from '../../../test/fixtures/postgres-connector.ts';

let test: PostgresTest;
beforeAll(async () => {
  test = await postgresTest(inject('postgres'), 'digests', { extractType: 'fullExtracts' });
});
afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

it('digests a table with changed types by code, as the other way does', async () => {
  await test.client.query(
    `CREATE TABLE digested (id int PRIMARY KEY, n text, x double precision); INSERT INTO digested SELECT i, i::text, i / 3.0 FROM generate_series(1, 50) i`,
  );
  const asText = selection('digested', { typeChange: { n: '@S' } });
  const asNumber = selection('digested', { typeChange: { n: '@L' } });
  const digestsOf = async (table: typeof asText) => {
    const [schema] = await test.source.describeTables([table], NEVER);
    const request = { selection: table, schema: schema!, range: { tag: 'whole' } as const };
    const rows = [];
    for await (const row of test.source.rowDigests(request, NEVER)) rows.push(row);
    return { rows, checksum: await test.source.checksum(request, NEVER) };
  };
  const [bySql, byCode] = [await digestsOf(asText), await digestsOf(asNumber)];
  expect(bySql.rows).toHaveLength(50);
  expect(byCode).toEqual(bySql);
  expect(bySql.rows.map(({ key }) => key[0])).toEqual([...bySql.rows.map(({ key }) => key[0])].sort());
});
