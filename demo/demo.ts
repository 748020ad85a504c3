import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../cli/assemble.ts';
import { count, counted } from '../cli/output/quantities.ts';
import { readConfiguration } from '../cli/read-configuration.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';
import { fillShop } from '../test/fixtures/shop/fill-shop.ts';
import { SHOP_TABLES, shopSize, totalRows, type ShopSize } from '../test/fixtures/shop/shop-tables.ts';
import { compare } from './compare.ts';
import { DATABASE, writeConfiguration } from './configuration.ts';
import { copyShop } from './copy-shop.ts';
import { followShop } from './follow-shop.ts';
import { keepRunning } from './keep-running.ts';
import type { DemoOptions } from './options.ts';
import { secondsSince, timeNow, type Screen } from './screen.ts';
import { startServers, type DemoServers } from './servers.ts';
import { tamper } from './tamper.ts';
import { Workload } from './workload.ts';

const WRITERS = 2;
const TRANSACTIONS_PER_SECOND = 120;

/**
 * The product's main job on real servers, from nothing to the proof that the copy is equal.
 * @returns whether it is
 * @throws the signal's reason when it aborts, and whatever fails
 */
export async function runDemo(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<boolean> {
  const began = performance.now();
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'penstock-demo-'));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  screen.line(`Penstock demo, ${timeNow()}`);
  const servers = held.use(await startServers(options.source));
  screen.line(`  source       ${servers.names.source} on port ${servers.source.port}`);
  screen.line(
    `  destination  ${servers.names.destination} on port ${servers.destination.port}, standing in for SingleStore`,
  );
  signal.throwIfAborted();
  const size = await makeShop(servers, options, screen);
  signal.throwIfAborted();

  const configuration = await writeConfiguration(folder, servers);
  const assembly = held.use(await assemble(await readConfiguration(configuration), { log: screen.log }));
  const workload = held.use(await startWorkload(servers, size, options));
  screen.line(
    `  workload     ${WRITERS} writers, ${TRANSACTIONS_PER_SECOND} transactions/s over all tables, seed ${options.seed}`,
  );
  const context: OperationContext = {
    ...assembly,
    signal: AbortSignal.any([signal, workload.failed]),
    progress: () => undefined,
  };
  await copyShop(context, screen);
  await using following = await followShop(context, { screen, workload, seconds: options.seconds });
  if (options.tamper) screen.line(`Tampering at the destination: ${await tamper(servers.destination)}`);
  const isEqual = await compare({ ...context, signal: following.signal }, servers, screen);
  screen.line('');
  screen.line(`${isEqual ? 'Equal' : 'NOT EQUAL'}, after ${secondsSince(began)} in all.`);
  if (options.keep) await keepRunning({ servers, configuration, screen, signal: following.signal });
  return isEqual;
}

async function makeShop(servers: DemoServers, options: DemoOptions, screen: Screen): Promise<ShopSize> {
  const began = performance.now();
  const size = shopSize(options.rows);
  const client = await servers.kind.connect(servers.source, DATABASE);
  try {
    await fillShop(options.source, client, size);
  } finally {
    await client.end();
  }
  const tables = counted(SHOP_TABLES.length, 'table');
  screen.line(`  shop         ${count(totalRows(size))} rows in ${tables}, made in ${secondsSince(began)}`);
  return size;
}

async function startWorkload(servers: DemoServers, size: ShopSize, options: DemoOptions): Promise<Workload> {
  return Workload.start({
    source: options.source,
    address: servers.source,
    database: DATABASE,
    size,
    seed: options.seed,
    writers: WRITERS,
    transactionsPerSecond: TRANSACTIONS_PER_SECOND,
  });
}
