import { testSource } from '../test/fixtures/test-source.ts';
import { BENCH_TABLE, destinationTable } from './bench-table.ts';
import { SOURCE_DATABASE, type BenchServers } from './bench-servers.ts';

/** The least that any copier does: the source's own output piped into `LOAD DATA LOCAL`, one stream, no files. @returns milliseconds */
export async function rawPipe(servers: BenchServers, rows: number): Promise<number> {
  const database = 'raw_pipe';
  await servers.connection.query(`DROP DATABASE IF EXISTS ${database}`);
  await servers.connection.query(`CREATE DATABASE ${database}`);
  const began = performance.now();
  const destination = await testSource('mysql').connect(servers.destination, database);
  try {
    await destination.run(destinationTable(BENCH_TABLE));
    const loaded = await destination.load(
      `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${BENCH_TABLE} CHARACTER SET utf8mb4`,
      servers.bench.openLines(servers.source, SOURCE_DATABASE, BENCH_TABLE),
    );
    if (loaded !== rows) throw new Error(`the raw pipe loaded ${loaded} rows of ${rows}`);
    return performance.now() - began;
  } finally {
    await destination.end();
    await servers.connection.query(`DROP DATABASE ${database}`);
  }
}
