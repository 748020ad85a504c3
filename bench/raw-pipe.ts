import type { Readable } from 'node:stream';
import { createConnection } from 'mysql2';
import { to as copyTo } from 'pg-copy-streams';
import { BENCH_TABLE, destinationTable } from './bench-table.ts';
import { SOURCE_DATABASE, type BenchServers } from './bench-servers.ts';
import { connectPostgres } from '../test/fixtures/postgres-server.ts';

/** The least that any copier does: `COPY … TO STDOUT` piped into `LOAD DATA LOCAL`, one stream, no files. @returns milliseconds */
export async function rawPipe(servers: BenchServers, rows: number): Promise<number> {
  const database = 'raw_pipe';
  await servers.connection.query(`DROP DATABASE IF EXISTS ${database}`);
  await servers.connection.query(`CREATE DATABASE ${database}`);
  const began = performance.now();
  const source = await connectPostgres(servers.source, SOURCE_DATABASE);
  const destination = createConnection({ ...servers.destination, database });
  try {
    await query(destination, destinationTable(BENCH_TABLE));
    const stream = source.query(copyTo(`COPY ${BENCH_TABLE} TO STDOUT`)) as Readable;
    const loaded = await load(destination, stream);
    if (loaded !== rows) throw new Error(`the raw pipe loaded ${loaded} rows of ${rows}`);
    return performance.now() - began;
  } finally {
    destination.end();
    await source.end();
    await servers.connection.query(`DROP DATABASE ${database}`);
  }
}

type CallbackConnection = ReturnType<typeof createConnection>;

function query(connection: CallbackConnection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** @returns the rows that were loaded */
function load(connection: CallbackConnection, stream: Readable): Promise<number> {
  const sql = `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${BENCH_TABLE} CHARACTER SET utf8mb4`;
  return new Promise((resolve, reject) => {
    connection.query({ sql, infileStreamFactory: () => stream }, (error, result) => {
      if (error !== null) reject(error);
      else resolve('affectedRows' in result ? result.affectedRows : 0);
    });
  });
}
