import { Readable } from 'node:stream';
import { createConnection } from 'mysql2/promise';
import { BENCH_COLUMNS } from './bench-columns.ts';
import type { BenchServers } from './bench-servers.ts';
import type { PreparedExtract } from './merge-alone.ts';

/** The least that a merge needs, written by hand: staging, upsert, delete and commit, no ledger, no checks. */
export async function mergeBySql(
  servers: BenchServers,
  table: string,
  prepared: readonly PreparedExtract[],
): Promise<void> {
  const connection = await createConnection({ ...servers.destination, database: 'alone' });
  const columns = BENCH_COLUMNS.join(', ');
  const updates = BENCH_COLUMNS.slice(1).map((name) => `${name} = VALUES(${name})`);
  try {
    await connection.query('DROP TABLE IF EXISTS staging');
    await connection.query(
      `CREATE TABLE staging (op CHAR(1), seq BIGINT, at DATETIME(6), absent TEXT, origin BIGINT, ${BENCH_COLUMNS.map((name) => `${name} LONGTEXT`).join(', ')})`,
    );
    for (const name of BENCH_COLUMNS.slice(0, -1)) await copyType(connection, table, name);
    for (const { parts } of prepared) {
      for (const { lines } of parts) {
        await connection.query({
          sql: `LOAD DATA LOCAL INFILE 'lines' INTO TABLE staging CHARACTER SET utf8mb4 (op, seq, at, absent, origin, ${columns})`,
          infileStreamFactory: () => Readable.from([lines]),
        });
        await connection.query('START TRANSACTION');
        await connection.query(
          `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM staging WHERE op = 'U' ON DUPLICATE KEY UPDATE ${updates.join(', ')}`,
        );
        await connection.query(`DELETE t FROM ${table} t JOIN staging s ON s.id = t.id WHERE s.op = 'D'`);
        await connection.query('COMMIT');
        await connection.query('TRUNCATE staging');
      }
    }
  } finally {
    await connection.end();
  }
}

/** The staging column gets the table's own type. */
async function copyType(
  connection: Awaited<ReturnType<typeof createConnection>>,
  table: string,
  column: string,
): Promise<void> {
  const [database, name] = table.split('.');
  const [rows] = await connection.query(
    'SELECT column_type AS type FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND column_name = ?',
    [database, name, column],
  );
  const type = (rows as { type: string }[])[0]?.type;
  if (type === undefined) throw new Error(`${table} has no column ${column}`);
  await connection.query(`ALTER TABLE staging MODIFY ${column} ${type}`);
}
