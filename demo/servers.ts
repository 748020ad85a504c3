import { startMariaDb } from '../test/fixtures/mariadb-server.ts';
import type { ServerAddress } from '../test/fixtures/server-process.ts';
import { testSource, type SourceType, type TestSource } from '../test/fixtures/test-source.ts';
import { DATABASE } from './configuration.ts';

export interface DemoServers extends AsyncDisposable {
  readonly kind: TestSource;
  readonly source: ServerAddress;
  readonly destination: ServerAddress;
  /** `PostgreSQL 18.1`, `MariaDB 10.11.19` */
  readonly names: { readonly source: string; readonly destination: string };
}

/** Starts the two servers of the demo, each with an empty database {@link DATABASE}. */
export async function startServers(type: SourceType): Promise<DemoServers> {
  await using started = new AsyncDisposableStack();
  const kind = testSource(type);
  const [source, destination] = await Promise.all([
    kind.start().then((server) => {
      started.defer(() => server.stop());
      return server;
    }),
    startMariaDb().then((server) => {
      started.defer(() => server.stop());
      return server;
    }),
  ]);
  const names = {
    source: await prepare(kind, source.address),
    destination: await prepare(testSource('mysql'), destination.address),
  };
  const held = started.move();
  return {
    kind,
    source: source.address,
    destination: destination.address,
    names,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** @returns the server's name and version */
async function prepare(kind: TestSource, address: ServerAddress): Promise<string> {
  await kind.createDatabase(address, DATABASE);
  const client = await kind.connect(address);
  try {
    return await kind.serverName(client);
  } finally {
    await client.end();
  }
}
