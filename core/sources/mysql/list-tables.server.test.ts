import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mysqlAccess } from '../../../test/fixtures/mysql-access.ts';
import { mysqlTestSource } from '../../../test/fixtures/mysql-source.ts';
import type { SourceClient } from '../../../test/fixtures/test-source.ts';
import { withSession } from './connection.ts';
import { listTables } from './list-tables.ts';

const NEVER = new AbortController().signal;
const [DATABASE, OTHER] = ['listed_a', 'listed_b'];

describe('list of tables', () => {
  let client: SourceClient;
  const address = inject('mariadb');
  const listed = (user: string) =>
    withSession({ ...mysqlAccess(address, DATABASE, { user }) }, NEVER, 'list tables', listTables);

  beforeAll(async () => {
    await mysqlTestSource.createDatabase(address, DATABASE);
    await mysqlTestSource.createDatabase(address, OTHER);
    client = await mysqlTestSource.connect(address, DATABASE);
    await client.run(`
      CREATE TABLE b (x int, y int, id int, PRIMARY KEY (y, id)); INSERT INTO b VALUES (1, 1, 1), (2, 2, 2); ANALYZE TABLE b;
      CREATE TABLE a (id int); CREATE TABLE Z (id int UNIQUE); CREATE TABLE hidden (id int);
      CREATE VIEW v AS SELECT 1 AS one; CREATE SEQUENCE s; CREATE TABLE ${OTHER}.t (id int PRIMARY KEY);
      DROP USER IF EXISTS lister; CREATE USER lister IDENTIFIED BY '${address.password}';
      GRANT SELECT ON ${DATABASE}.a TO lister; GRANT SELECT ON ${DATABASE}.b TO lister; GRANT INSERT ON ${DATABASE}.hidden TO lister`);
  });
  afterAll(async () => {
    await client.run('DROP USER lister');
    await client.end();
  });

  it('holds the tables of all databases but the server’s own, with their keys', async () => {
    const tables = await listed(address.user);
    const own = tables.filter(({ table }) => [DATABASE, OTHER].includes(table.schema));
    expect(own.map(({ table, key }) => [table.schema, table.name, key])).toEqual([
      [DATABASE, 'Z', null],
      [DATABASE, 'a', null],
      [DATABASE, 'b', ['y', 'id']],
      [DATABASE, 'hidden', null],
      [OTHER, 't', ['id']],
    ]);
    expect(own.find(({ table }) => table.name === 'b')?.estimatedRows).toBe(2);
    const schemas = new Set(tables.map(({ table }) => table.schema));
    for (const schema of ['mysql', 'sys', 'information_schema', 'performance_schema']) {
      expect(schemas).not.toContain(schema);
    }
  });

  it('holds only what the user may read', async () => {
    expect((await listed('lister')).map(({ table }) => table.name)).toEqual(['a', 'b']);
  });
});
