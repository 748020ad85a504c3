import type { RowDataPacket } from 'mysql2/promise';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** From an empty home folder to a live dashboard, in a real browser, on real databases. The tests go on where the one before ended. */

const [postgres, mariadb] = [inject('postgres'), inject('mariadb')];
const READER = `reader_${process.pid}`;
const PASSWORD = `p-${process.pid}`;

let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('console', { postgres, mariadb });
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text, placed varchar(8), secret text);
    INSERT INTO orders SELECT n, 'customer ' || n, '20260115', 'secret' FROM generate_series(1, 2000) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price numeric(10,2));
    INSERT INTO prices SELECT 'sku' || n, n FROM generate_series(1, 20) n;
    CREATE TABLE unchosen (a integer); ANALYZE;
    CREATE ROLE ${READER} LOGIN PASSWORD '${PASSWORD}';
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${READER};
    ALTER TABLE orders OWNER TO ${READER}; ALTER TABLE prices OWNER TO ${READER};
    GRANT CREATE ON DATABASE ${world.database} TO ${READER}`);
  page = await world.openPage('/');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

async function see(text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

async function follow(name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).first().click();
}

async function press(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

async function fillConnection({ host, port, user, password }: Login): Promise<void> {
  await page.getByLabel('Host name').fill(host);
  await page.getByLabel('Port', { exact: true }).fill(String(port));
  await page.getByLabel('Database name').fill(world.database);
  await page.getByLabel('User ID').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Confirm password').fill(password);
}

test('a new instance is made, and its checklist leads to the source', async () => {
  await see('There is none yet.');
  await page.getByLabel('Name').fill('Not a name');
  await press('Create');
  await page.getByLabel('Name').fill('shop');
  await press('Create');
  await page.getByRole('heading', { name: 'Checklist' }).waitFor();
  await see('Set-up is not finished');
  await follow('Set up the source');
  await page.getByRole('heading', { name: 'Source', level: 1 }).waitFor();
});

test('what is missing or wrong in a form is said at its field', async () => {
  await press('Test');
  await see('Must be given');
  await fillConnection({ ...postgres, user: READER, password: PASSWORD });
  await page.getByLabel('Confirm password').fill('another');
  await press('Test');
  await see('The two passwords differ');
});

test('a test that fails shows the SQL that mends it; once it was run, the test passes', async () => {
  await fillConnection({ ...postgres, user: READER, password: PASSWORD });
  await press('Test');
  await see(/The test failed/);
  await see(`${READER} may not replicate`);
  const statement = page.getByLabel('Statement').filter({ hasText: 'ALTER ROLE' });
  await page.getByRole('button', { name: 'Copy' }).first().waitFor();
  await world.source.query((await statement.textContent()) ?? '');
  await press('Test');
  await see('The test passed');
  await press('Apply');
  await see('The source is saved');
});

test('a password that was saved is never shown, and no answer holds it', async () => {
  const answer = await page.request.get(`${world.served.url}/api/v1/instances/shop/configuration`);
  const text = await answer.text();
  expect(text).toContain(READER);
  expect(text).not.toContain(PASSWORD);
  await page.reload();
  await page.getByPlaceholder('Set; leave empty to keep it').first().waitFor();
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
});

test('the destination is set up', async () => {
  await follow('Destination');
  await fillConnection(mariadb);
  await press('Test');
  await see('The test passed');
  await press('Apply');
  await see('The destination is saved');
});

test('tables are chosen with their options, by list and by tree', async () => {
  await follow('Tables');
  await page.getByRole('checkbox', { name: 'Replicate public.prices' }).check();
  await page.getByText('public.orders', { exact: true }).click();
  await page.getByRole('heading', { name: 'public.orders' }).waitFor();
  await page.getByLabel('Replicate this table').check();
  await page.getByRole('checkbox', { name: 'Mask secret' }).check();
  await page.getByRole('button', { name: /Type of placed/ }).click();
  await page.getByRole('option', { name: 'Date (@D)' }).click();
  await see('2 tables changed');
  await press('Apply');
  await see('2 tables changed, 2 tables chosen');
  await page.getByText('Tree', { exact: true }).click();
  await see(/public \(2 of 3 replicated\)/);
  await page.getByRole('button', { name: /^Open public/ }).click();
  await page.getByRole('checkbox', { name: 'Replicate public.unchosen' }).waitFor();
  expect(await page.getByRole('checkbox', { name: 'Replicate public.orders' }).isChecked()).toBe(true);
});

test('the full extract copies the tables, the scheduler follows their changes, and the dashboard shows it live', async () => {
  await follow('Dashboard');
  await press('Full extract');
  await page.getByRole('heading', { name: 'Checklist' }).waitFor({ state: 'detached' });
  expect(await eventually(copied)).toEqual({ all_rows: 2000, secrets: 0, first: '2026-01-15' });
  const toggle = page.getByLabel(/^Scheduler turned/);
  if (!(await toggle.isChecked())) await toggle.check();
  await see('Replicating');
  await world.source.query(`INSERT INTO orders VALUES (5000, 'new', '20260116', 'x')`);
  await eventually(async () => JSON.stringify(await copied()).includes('2001'));
  // No reload: the page is told.
  await eventually(async () => {
    const match = /Extracts loaded\s*(\d+) of (\d+)/.exec(await page.locator('body').innerText());
    return match !== null && Number(match[1]) > 0 && match[1] === match[2];
  });
});

test('the chart of the dashboard has what was transferred, and its exact numbers', async () => {
  const chart = page.getByRole('application', { name: /Records transferred/ });
  await eventually(async () => {
    await page.reload();
    await chart.waitFor();
    return /2,02\d records in the last 24 hours/.test(await page.locator('body').innerText());
  });
  await page.getByText('Daily', { exact: true }).click();
  const { width, height } = (await chart.boundingBox())!;
  // The last bar is today's.
  await chart.hover({ position: { x: width * 0.97, y: height / 2 } });
  await page.getByText('2,020', { exact: true }).first().waitFor();
});

async function copied(): Promise<unknown> {
  const [[row]] = await world.destination.query<RowDataPacket[]>(
    `SELECT count(*) AS all_rows, count(secret) AS secrets, date_format(min(placed), '%Y-%m-%d') AS first
     FROM \`${world.database}\`.orders`,
  );
  return row;
}

test('the keyboard reaches the content by the first key', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('content');
});

const PAGES = [
  ['/', 'Instances'],
  ['/instances/shop', 'Dashboard'],
  ['/instances/shop/source', 'Source'],
  ['/instances/shop/destination', 'Destination'],
  ['/instances/shop/tables', 'Tables'],
] as const;

test.each(['light', 'dark'] as const)('axe finds no serious fault in any page, %s', async (scheme) => {
  const shown = await world.openPage('/', scheme);
  for (const [path, heading] of PAGES) {
    await shown.goto(`${world.served.url}${path}`);
    await shown.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await shown.waitForLoadState('load');
    if (heading === 'Tables') {
      await shown.getByText('public.orders', { exact: true }).click();
      await shown.getByRole('heading', { name: 'public.orders' }).waitFor();
    }
    expect(await seriousFaults(shown), path).toEqual([]);
  }
  await shown.context().close();
});

test('nothing in all this made the browser complain', () => {
  expect(world.complaints).toEqual([]);
});
