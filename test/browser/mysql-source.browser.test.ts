import type { Page } from 'playwright-core';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { testSource, type SourceClient } from '../fixtures/test-source.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** From an empty instance to a live dashboard with a source that is read by its binlog, by the pages alone. */

const mysql = inject('mysqlSource');
const kind = testSource('mysql');

let world: ConsoleWorld;
let source: SourceClient;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('binlog', { postgres: inject('postgres'), mariadb: inject('mariadb') });
  await kind.createDatabase(mysql, world.database);
  source = await kind.connect(mysql, world.database);
  await source.run(`CREATE TABLE orders (id bigint PRIMARY KEY, customer varchar(40), total decimal(10,2));
    INSERT INTO orders SELECT n, concat('customer ', n), n FROM ${kind.series(1, 1000)};
    CREATE TABLE other (id int PRIMARY KEY)`);
  page = await world.openPage('/');
});

afterAll(async () => {
  await source.end();
  await kind.dropDatabase(mysql, world.database);
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const follow = (name: string) => page.getByRole('link', { name, exact: true }).first().click();

async function loaded(): Promise<number> {
  const [[row]] = await world.destination.query<RowDataPacket[]>(
    `SELECT count(*) AS found FROM \`${world.database}\`.orders`,
  );
  return Number(row?.['found']);
}

async function fillAndApply(login: typeof mysql): Promise<void> {
  await page.getByLabel('Host name').fill(login.host);
  await page.getByLabel('Port', { exact: true }).fill(String(login.port));
  await page.getByLabel('Database name').fill(world.database);
  await page.getByLabel('User ID').fill(login.user);
  await page.getByLabel('Password', { exact: true }).fill(login.password);
  await page.getByLabel('Confirm password').fill(login.password);
  await press('Test');
  await page.getByText('The test passed').waitFor();
  await press('Apply');
}

test('source, destination and a table are set up', async () => {
  await page.getByLabel('Name').fill('shop');
  await press('Create');
  await follow('Set up the source');
  await page.getByRole('button', { name: /^Source database/ }).click();
  await page
    .getByRole('option', { name: /^MySQL|^MariaDB/ })
    .first()
    .click();
  await fillAndApply(mysql);
  await page.getByText('The source is saved').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await follow('Destination');
  await fillAndApply(world.addresses.mariadb);
  await page.getByText('The destination is saved').waitFor();
  await follow('Tables');
  await page.getByRole('checkbox', { name: `Replicate ${world.database}.orders` }).check();
  await press('Apply');
  await page.getByText('1 table changed, 1 table chosen').waitFor();
});

test('its rows are copied, its changes are followed, and the dashboard shows it live', async () => {
  await follow('Dashboard');
  await press('Full extract');
  await page.getByRole('heading', { name: 'Checklist' }).waitFor({ state: 'detached' });
  expect(await eventually(async () => (await loaded()) === 1000)).toBe(true);
  const toggle = page.getByLabel(/^Scheduler turned/);
  if (!(await toggle.isChecked())) await toggle.check();
  await page.getByText('Replicating').first().waitFor();
  await source.run(`INSERT INTO orders VALUES (5000, 'new', 1); DELETE FROM orders WHERE id <= 100`);
  await eventually(async () => (await loaded()) === 901);
  // No reload: the page is told.
  await eventually(async () => {
    const match = /Extracts loaded\s*(\d+) of (\d+)/.exec(await page.locator('body').innerText());
    return match !== null && Number(match[1]) > 0 && match[1] === match[2];
  });
  expect(world.complaints).toEqual([]);
});
