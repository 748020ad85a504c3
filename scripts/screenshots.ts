import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ConsoleWorld } from '../test/browser/console-world.ts';
import buildPages from '../test/browser/console.global-setup.ts';
import { eventually } from '../test/fixtures/eventually.ts';
import { startMariaDb } from '../test/fixtures/mariadb-server.ts';
import { startPostgres } from '../test/fixtures/postgres-server.ts';

/** Pictures of the console's pages, light and dark, on real databases with a little data: into docs/screenshots. */

const FOLDER = join(import.meta.dirname, '../docs/screenshots');
const QUALITY = 60;
const PAGES = [
  ['start', '/', 'Instances'],
  ['dashboard', '/instances/shop', 'Dashboard'],
  ['source', '/instances/shop/source', 'Source'],
  ['destination', '/instances/shop/destination', 'Destination'],
  ['tables', '/instances/shop/tables', 'Tables'],
  ['reports', '/instances/shop/reports', 'Reports'],
  ['settings', '/instances/shop/settings', 'Settings'],
] as const;

/** Sets an instance up as its pages do, by the API. */
async function setUp(
  world: ConsoleWorld,
  page: Page,
  passwords: { source: string; destination: string },
): Promise<void> {
  const at = (path: string) => `${world.served.url}/api/v1/instances${path}`;
  const version = async () =>
    ((await (await page.request.get(at('/shop/configuration'))).json()) as { version: string }).version;
  const done = async (answer: ReturnType<typeof page.request.put>) => {
    const response = await answer;
    if (!response.ok()) throw new Error(`${response.url()}: ${await response.text()}`);
  };
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text, placed varchar(8), note text);
    INSERT INTO orders SELECT n, 'customer ' || n, '20260115', 'note' FROM generate_series(1, 20000) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price numeric(10,2));
    INSERT INTO prices SELECT 'sku' || n, n FROM generate_series(1, 300) n;
    CREATE TABLE customers (id bigint PRIMARY KEY, name text, birthday date); ANALYZE`);
  const { database, addresses } = world;
  const section = (type: string, { host, port, user }: typeof addresses.postgres) => ({
    type,
    host,
    port,
    user,
    database,
  });
  await done(page.request.post(at(''), { data: { name: 'shop' } }));
  const sections = [
    ['source', section('postgres', addresses.postgres), passwords.source],
    ['destination', section('singlestore', addresses.mariadb), passwords.destination],
  ] as const;
  for (const [name, value, password] of sections) {
    await done(
      page.request.put(at(`/shop/configuration/${name}`), { data: { value, password, version: await version() } }),
    );
  }
  const changes = [
    { table: 'public.orders', selected: true, options: { mask: ['note'], typeChange: { placed: '@D(yyyyMMdd)' } } },
    { table: 'public.prices', selected: true, options: { transfer: 'history' } },
  ];
  await done(page.request.patch(at('/shop/tables'), { data: { changes, version: await version() } }));
  await done(page.request.post(at('/shop/operations'), { data: { kind: 'full-extract' } }));
  await done(page.request.put(at('/shop/scheduler'), { data: { on: true } }));
  await page.goto(`${world.served.url}/instances/shop`);
  await page.getByText('Replicating').waitFor();
  await world.source.query(`UPDATE orders SET customer = 'x' WHERE id < 3000; DELETE FROM orders WHERE id > 19000;
    INSERT INTO orders SELECT n, 'new', '20260116', '' FROM generate_series(30000, 35000) n`);
  await eventually(async () => (await page.locator('body').innerText()).includes('Extracts loaded\n1 of 1'));
}

/** By Chromium's own encoder: small, and no other program is needed. */
async function take(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  const bytes = Buffer.from(data, 'base64');
  await writeFile(join(FOLDER, `${name}.webp`), bytes);
  process.stderr.write(`${name}.webp  ${Math.round(bytes.byteLength / 1000)} kB\n`);
}

await using stack = new AsyncDisposableStack();
await buildPages();
await mkdir(FOLDER, { recursive: true });
const [postgres, mariadb] = [await startPostgres(), await startMariaDb()];
stack.defer(() => postgres.stop());
stack.defer(() => mariadb.stop());
const world = await ConsoleWorld.open('shop', { postgres: postgres.address, mariadb: mariadb.address });
stack.use(world);
const first = await world.openPage('/');
await setUp(world, first, { source: postgres.address.password, destination: mariadb.address.password });
for (const scheme of ['light', 'dark'] as const) {
  const page = await world.openPage('/', scheme);
  for (const [name, path, heading] of PAGES) {
    await page.setViewportSize({ width: 1440, height: name === 'dashboard' ? 1560 : 1000 });
    await page.goto(`${world.served.url}${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    if (name === 'source') {
      await page.getByRole('button', { name: 'Test', exact: true }).click();
      await page.getByText('The test passed').waitFor();
    }
    if (name === 'tables') {
      await page.getByText('public.orders', { exact: true }).click();
      await page.getByRole('heading', { name: 'public.orders' }).waitFor();
    }
    if (name === 'reports') {
      await page.getByRole('button', { name: /^Report/ }).click();
      await page.getByRole('option', { name: 'Performance for Day' }).click();
      await page.getByRole('application', { name: /Where the time went/ }).waitFor();
    }
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
    await page.evaluate('scrollTo(0, 0)');
    await take(page, `${name}-${scheme}`);
  }
}
