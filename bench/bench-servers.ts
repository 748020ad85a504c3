import { createConnection, type Connection } from 'mysql2/promise';
import { startMariaDb } from '../test/fixtures/mariadb-server.ts';
import type { ServerAddress } from '../test/fixtures/server-process.ts';
import { testSource, type SourceClient, type SourceType, type TestSource } from '../test/fixtures/test-source.ts';
import { benchSource, type BenchSource } from './bench-source.ts';

/** The source's database. At the destination every run has its own. */
export const SOURCE_DATABASE = 'bench';

/** The two servers of the benchmarks and a connection to each. */
export interface BenchServers extends AsyncDisposable {
  readonly kind: TestSource;
  readonly bench: BenchSource;
  readonly source: ServerAddress;
  readonly destination: ServerAddress;
  readonly client: SourceClient;
  readonly connection: Connection;
  readonly versions: Readonly<Record<string, string>>;
  /** Another connection to the source; the caller ends it. */
  connectSource(): Promise<SourceClient>;
}

/** Starts the servers with the settings of the tests: no sync per commit at the destination, small buffers. */
export async function startBenchServers(type: SourceType): Promise<BenchServers> {
  await using started = new AsyncDisposableStack();
  const [kind, bench] = [testSource(type), benchSource(type)];
  const source = await kind.start(bench.settings);
  started.defer(() => source.stop());
  const destination = await startMariaDb();
  started.defer(() => destination.stop());
  await kind.createDatabase(source.address, SOURCE_DATABASE);
  const connectSource = () => kind.connect(source.address, SOURCE_DATABASE);
  const client = await connectSource();
  started.defer(() => client.end());
  const connection = await createConnection({ ...destination.address, multipleStatements: false });
  started.defer(() => connection.end());
  const versions = {
    node: process.version,
    source: await kind.serverName(client),
    destination: await destinationName(destination.address),
  };
  const held = started.move();
  return {
    ...{ kind, bench, client, connection, versions, connectSource },
    source: source.address,
    destination: destination.address,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function destinationName(address: ServerAddress): Promise<string> {
  const mysql = testSource('mysql');
  const client = await mysql.connect(address);
  try {
    return await mysql.serverName(client);
  } finally {
    await client.end();
  }
}
