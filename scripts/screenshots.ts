import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { comesToRest, ConsoleWorld } from '../test/browser/console-world.ts';
import buildPages from '../test/browser/console.global-setup.ts';
import { operateConsole } from '../test/fixtures/console-client.ts';
import { eventually } from '../test/fixtures/eventually.ts';
import { startMariaDb } from '../test/fixtures/mariadb-server.ts';
import { startPostgres } from '../test/fixtures/postgres-server.ts';

/** Pictures of the console's pages, light and dark, on real databases with a little data: into docs/screenshots. */

const FOLDER = join(import.meta.dirname, '../docs/screenshots');
const QUALITY = 45;

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly heading: string;
  /** Of the window; default 1000. */
  readonly height?: number;
  /** What is done before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'start', path: '/', heading: 'Instances', height: 640 },
  { name: 'dashboard', path: '/instances/shop', heading: 'Dashboard', height: 1690, prepare: chartIsThere },
  { name: 'source', path: '/instances/shop/source', heading: 'Source', height: 1330, prepare: test },
  { name: 'destination', path: '/instances/shop/destination', heading: 'Destination', height: 1100, prepare: test },
  { name: 'tables', path: '/instances/shop/tables', heading: 'Tables', height: 1300, prepare: openOrders },
  { name: 'schedule', path: '/instances/shop/schedule', heading: 'Schedule', height: 1060, prepare: chooseWeekly },
  {
    name: 'operations',
    path: '/instances/shop/operations',
    heading: 'Operations',
    height: 1420,
    prepare: showVerified,
  },
  { name: 'rollback', path: '/instances/shop/operations', heading: 'Operations', prepare: lookAtRollback },
  { name: 'quarantine', path: '/instances/shop/quarantine', heading: 'Quarantine', height: 640, prepare: rowsAreThere },
  { name: 'reports', path: '/instances/shop/reports', heading: 'Reports', height: 640 },
  { name: 'performance', path: '/instances/shop/reports', heading: 'Reports', height: 1120, prepare: showPerformance },
  { name: 'logs', path: '/instances/shop/logs', heading: 'Logs', height: 620 },
  { name: 'settings', path: '/instances/shop/settings', heading: 'Settings', height: 640 },
];

async function chartIsThere(page: Page): Promise<void> {
  await page.getByRole('application', { name: /Records transferred/ }).waitFor();
  await page.getByText('in quarantine').waitFor();
}

async function test(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('The test passed').waitFor();
}

async function openOrders(page: Page): Promise<void> {
  await page.getByText('public.orders', { exact: true }).click();
  await page.getByRole('heading', { name: 'public.orders' }).waitFor();
  await page.getByRole('button', { name: 'Verification' }).click();
}

async function chooseWeekly(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'Weekly' }).check();
}

async function showVerified(page: Page): Promise<void> {
  const list = page.getByRole('table', { name: 'Operations' });
  await list.getByRole('link', { name: 'Verify' }).first().click();
  await page.getByRole('table', { name: 'Verified tables' }).waitFor();
  await page.mouse.move(0, 0);
}

async function lookAtRollback(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Rollback', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Available').first().waitFor();
  await dialog
    .getByRole('radio', { name: /^Extract/ })
    .last()
    .check();
  await dialog.getByRole('button', { name: 'Select' }).click();
  await dialog.getByText(/This redoes all extractions/).waitFor();
}

async function rowsAreThere(page: Page): Promise<void> {
  await page.getByText('before 1000-01-01').first().waitFor();
}

async function showPerformance(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Report/ }).click();
  await page.getByRole('option', { name: 'Performance for Day' }).click();
  await page.getByRole('application', { name: /Where the time went/ }).waitFor();
}

/** A pipeline that copied, followed, was verified, and set some rows aside. */
async function setUp(world: ConsoleWorld, page: Page): Promise<void> {
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text, placed varchar(8), note text);
    INSERT INTO orders SELECT n, 'customer ' || n, '20260115', 'note' FROM generate_series(1, 20000) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price numeric(10,2));
    INSERT INTO prices SELECT 'sku' || n, n FROM generate_series(1, 300) n;
    CREATE TABLE shipments (id bigint PRIMARY KEY, sent date);
    INSERT INTO shipments SELECT n, CASE WHEN n % 60 = 0 THEN date '0044-03-15' ELSE date '2026-01-15' END FROM generate_series(1, 300) n;
    CREATE TABLE customers (id bigint PRIMARY KEY, name text, birthday date); ANALYZE`);
  await world.setUpShop({
    policies: { misfits: 'quarantine' },
    tables: [
      { table: 'public.orders', selected: true, options: { mask: ['note'], typeChange: { placed: '@D(yyyyMMdd)' } } },
      { table: 'public.prices', selected: true, options: { transfer: 'history' } },
      { table: 'public.shipments', selected: true },
    ],
  });
  await world.startShop();
  await page.goto(`${world.served.url}/instances/shop`);
  await page.getByText('Replicating').waitFor();
  const changes = [
    `UPDATE orders SET customer = 'x' WHERE id < 3000; DELETE FROM orders WHERE id > 19000`,
    `INSERT INTO orders SELECT n, 'new', '20260116', '' FROM generate_series(30000, 35000) n`,
    `UPDATE prices SET price = price * 2`,
  ];
  for (const [index, statement] of changes.entries()) {
    await world.source.query(statement);
    const all = `Extracts loaded\n${index + 1} of ${index + 1}`;
    await eventually(async () => (await page.locator('body').innerText()).includes(all));
  }
  await operateConsole(world.served.url, 'shop', { kind: 'verify' });
}

/** A script that shows folders as somebody has them at home, and databases without the number of this process. */
function withoutPlaces(home: string): string {
  return `for (const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walker.nextNode();) {
    const { currentNode: node } = walker;
    const text = node.data.replaceAll(${JSON.stringify(home)}, '~/penstock').replaceAll('shop_${process.pid}', 'shop');
    if (text !== node.data) node.data = text;
  }`;
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
await setUp(world, await world.openPage('/'));
for (const scheme of ['light', 'dark'] as const) {
  const page = await world.openPage('/', scheme);
  for (const { name, path, heading, height = 1000, prepare } of SHOTS) {
    await page.setViewportSize({ width: 1440, height });
    await page.goto(`${world.served.url}${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await prepare?.(page);
    await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
    await page.evaluate('scrollTo(0, 0)');
    await comesToRest(page);
    await page.evaluate(withoutPlaces(world.home));
    await take(page, `${name}-${scheme}`);
  }
}
