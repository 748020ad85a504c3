import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { eventually, eventuallyIs } from '../fixtures/eventually.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** Verification in a real browser: of a destination that somebody changed by hand. */

let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('verified', { postgres: inject('postgres'), mariadb: inject('mariadb') });
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text, total integer);
    INSERT INTO orders SELECT n, 'customer ' || n, n FROM generate_series(1, 400) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price integer); INSERT INTO prices VALUES ('a', 1);
    CREATE TABLE ticks (id integer PRIMARY KEY, tick integer); INSERT INTO ticks VALUES (1, 1); ANALYZE`);
  const tables = ['public.orders', 'public.prices', 'public.ticks'].map((table) => ({ table, selected: true }));
  await world.setUpShop({ tables });
  await world.startShop();
  const orders = `\`${world.database}\`.orders`;
  await world.destination.query(`UPDATE ${orders} SET total = -1 WHERE id IN (7, 9)`);
  await world.destination.query(`DELETE FROM ${orders} WHERE id = 11`);
  page = await world.openPage('/instances/shop/operations');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

/** What goes on at the source meanwhile tells how far it was read. */
async function meanwhile(there: Locator): Promise<void> {
  await eventually(async () => {
    await world.source.query('UPDATE ticks SET tick = tick + 1');
    return there.isVisible();
  });
}

async function verify(isRepair: boolean): Promise<void> {
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Only some tables').check();
  await dialog.getByRole('button', { name: /^Which tables/ }).click();
  for (const table of ['public.orders', 'public.prices']) await page.getByRole('option', { name: table }).click();
  await page.keyboard.press('Escape');
  if (isRepair) await dialog.getByLabel('Repair').check();
  await dialog.getByRole('button', { name: 'Start' }).click();
  await meanwhile(page.getByRole('table', { name: 'Verified tables' }));
}

const row = (table: string) =>
  page.getByRole('table', { name: 'Verified tables' }).getByRole('row').filter({ hasText: table });

async function fact(label: string): Promise<string> {
  const text = await page.locator('.beside').innerText();
  const lines = text.split('\n');
  return lines[lines.indexOf(label) + 1] ?? '';
}

test('a verification tells rows and columns that differ, where and when that was seen', async () => {
  await verify(false);
  await row('public.orders').getByText('Different', { exact: true }).waitFor();
  await row('public.orders').getByText('3 rows in total').waitFor();
  await row('public.orders')
    .getByText(/^at [0-9a-f]{16}$/)
    .waitFor();
  expect(await row('public.orders').innerText()).toMatch(/400\s+399\s+0/);
  await page.getByText('1 of 2 tables equal, 1 different').first().waitFor();
  await row('public.prices').getByText('Equal', { exact: true }).waitFor();
});

test('the dashboard says which tables differ, and leads to them', async () => {
  await page.getByRole('link', { name: 'Dashboard', exact: true }).first().click();
  await eventually(async () => (await page.locator('body').innerText()).includes('Verified equal\n1 of 3'));
  await page.getByRole('link', { name: '1 table differs' }).click();
  await page.getByRole('heading', { name: 'Tables', level: 1 }).waitFor();
  await page.getByText('public.orders', { exact: true }).waitFor();
  await page.getByText('(1)', { exact: true }).waitFor();
});

test('a table tells what its last verification found', async () => {
  await page.getByText('public.orders', { exact: true }).click();
  await page.getByText('Columns that differ').waitFor();
  const names = [
    'Verdict',
    'Rows at the source that fit',
    'Rows at the destination',
    'Rows that differ',
    'Unsettled rows',
  ];
  const facts = await Promise.all([...names, 'Repaired rows', 'Columns that differ'].map(fact));
  expect(facts).toEqual(['Different', '400', '399', '3', '0', '0', 'total']);
  expect(await fact('Position in the log')).toMatch(/^[0-9a-f]{16}$/);
  expect(await seriousFaults(page)).toEqual([]);
});

test('once it is repaired, it is equal everywhere', async () => {
  await page.getByRole('link', { name: 'Operations', exact: true }).first().click();
  await verify(true);
  await row('public.orders').getByText('Equal', { exact: true }).waitFor();
  expect(await row('public.orders').innerText()).toMatch(/400\s+400\s+3/);
  await page.getByRole('link', { name: 'Dashboard', exact: true }).first().click();
  await eventually(async () => (await page.locator('body').innerText()).includes('Verified equal\n2 of 3'));
  await eventuallyIs(() => page.getByText('1 table differs').count(), 0);
  await page.goto(`${world.served.url}/instances/shop/tables?standing=verified-equal`);
  await page.getByText('(2)', { exact: true }).waitFor();
  await page.getByText('public.orders', { exact: true }).click();
  await page.getByRole('button', { name: 'Verification' }).click();
  await eventually(async () => (await fact('Repaired rows')) === '3');
  await page.getByText('Tree', { exact: true }).click();
  await page.getByText(/public \(2 of 2 replicated\)/).waitFor();
  expect(world.complaints).toEqual([]);
});
