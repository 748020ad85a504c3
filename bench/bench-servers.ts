import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { Client } from 'pg';
import { startMariaDb, type ServerAddress } from '../test/fixtures/mariadb-server.ts';
import { connectPostgres, startPostgres } from '../test/fixtures/postgres-server.ts';

/** The source's database. At the destination every run has its own. */
export const SOURCE_DATABASE = 'bench';

/** The two servers of the benchmarks and a connection to each. */
export interface BenchServers extends AsyncDisposable {
  readonly source: ServerAddress;
  readonly destination: ServerAddress;
  readonly client: Client;
  readonly connection: Connection;
  readonly versions: Readonly<Record<string, string>>;
}

/** Starts the servers with the settings of the tests: no sync per commit at the destination, small buffers. */
export async function startBenchServers(): Promise<BenchServers> {
  await using started = new AsyncDisposableStack();
  const postgres = await startPostgres({ settings: { max_wal_size: '8GB', checkpoint_timeout: '30min' } });
  started.defer(() => postgres.stop());
  const mariadb = await startMariaDb();
  started.defer(() => mariadb.stop());
  const admin = await connectPostgres(postgres.address);
  await admin.query(`CREATE DATABASE ${SOURCE_DATABASE} TEMPLATE template0 ENCODING 'UTF8'`);
  await admin.end();
  const client = await connectPostgres(postgres.address, SOURCE_DATABASE);
  started.defer(() => client.end());
  const connection = await createConnection({ ...mariadb.address, multipleStatements: false });
  started.defer(() => connection.end());
  const version = await client.query<{ server_version: string }>('SHOW server_version');
  const [rows] = await connection.query<RowDataPacket[]>('SELECT version() AS version');
  const held = started.move();
  return {
    source: postgres.address,
    destination: mariadb.address,
    client,
    connection,
    versions: {
      node: process.version,
      postgres: version.rows[0]?.server_version ?? '',
      mariadb: String(rows[0]?.['version']),
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
