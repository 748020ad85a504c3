import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { startMariaDb, type ServerAddress } from '../test/fixtures/mariadb-server.ts';
import { connectPostgres, startPostgres } from '../test/fixtures/postgres-server.ts';
import { DATABASE } from './configuration.ts';

export interface DemoServers extends AsyncDisposable {
  readonly source: ServerAddress;
  readonly destination: ServerAddress;
  /** `PostgreSQL 18.1`, `MariaDB 10.11.19` */
  readonly names: { readonly source: string; readonly destination: string };
}

/** Starts the two servers of the demo, each with an empty database {@link DATABASE}. */
export async function startServers(): Promise<DemoServers> {
  await using started = new AsyncDisposableStack();
  const [postgres, mariadb] = await Promise.all([
    startPostgres().then((server) => {
      started.defer(() => server.stop());
      return server;
    }),
    startMariaDb().then((server) => {
      started.defer(() => server.stop());
      return server;
    }),
  ]);
  const names = {
    source: await preparePostgres(postgres.address),
    destination: await prepareMariaDb(mariadb.address),
  };
  const held = started.move();
  return {
    source: postgres.address,
    destination: mariadb.address,
    names,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function preparePostgres(address: ServerAddress): Promise<string> {
  const client = await connectPostgres(address);
  try {
    await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0 ENCODING 'UTF8'`);
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return `PostgreSQL ${firstWord(rows[0]?.server_version)}`;
  } finally {
    await client.end();
  }
}

async function prepareMariaDb(address: ServerAddress): Promise<string> {
  const connection = await createConnection({ ...address });
  try {
    await connection.query(`CREATE DATABASE ${DATABASE}`);
    const [rows] = await connection.query<RowDataPacket[]>('SELECT version() AS version');
    return `MariaDB ${firstWord(rows[0]?.['version']).replace(/-.*/, '')}`;
  } finally {
    await connection.end();
  }
}

function firstWord(text: unknown): string {
  return typeof text === 'string' ? (text.split(' ')[0] ?? '') : '';
}
