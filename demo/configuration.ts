import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ServerAddress } from '../test/fixtures/server-process.ts';
import { SHOP_TABLES, type ShopTableName } from '../test/fixtures/shop/shop-tables.ts';
import type { TestSource } from '../test/fixtures/test-source.ts';

/** The database on both sides. */
export const DATABASE = 'shop';

const CHUNK_BYTES = 500_000;

/** A table of the shop as Penstock names it: `public.orders` or `shop.orders`. */
export function shopTableId(kind: TestSource, table: ShopTableName): string {
  return `${kind.schemaOf(DATABASE)}.${table}`;
}

/** Writes `penstock.yaml` and the password files (mode 0600) into a folder. @returns the path of `penstock.yaml` */
export async function writeConfiguration(
  folder: string,
  servers: { readonly kind: TestSource; readonly source: ServerAddress; readonly destination: ServerAddress },
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const passwordFile = async (name: string, server: ServerAddress) => {
    const file = join(folder, `${name}.password`);
    await writeFile(file, `${server.password}\n`, { mode: 0o600 });
    return { file };
  };
  const configuration = {
    pipeline: 'demo',
    source: {
      type: servers.kind.type,
      extractType: 'logs',
      host: servers.source.host,
      port: servers.source.port,
      database: DATABASE,
      user: servers.source.user,
      password: await passwordFile('source', servers.source),
    },
    destination: {
      type: 'singlestore',
      host: servers.destination.host,
      port: servers.destination.port,
      database: DATABASE,
      user: servers.destination.user,
      password: await passwordFile('destination', servers.destination),
    },
    // The shop is small: with the default of 16 MB every table would be one chunk.
    extracts: { chunkBytes: CHUNK_BYTES },
    tables: SHOP_TABLES.map(({ name, transfer }) => ({ name: shopTableId(servers.kind, name), transfer })),
    state: join(folder, 'state'),
  };
  const path = join(folder, 'penstock.yaml');
  await writeFile(path, stringify(configuration));
  return path;
}
