import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { ConsoleWorld, keepPicture } from './console-world.ts';

/** The console with ten thousand tables: nothing of it draws or asks for all of them at once. */

const TABLES = 10_000;
const postgres = inject('postgres');

let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('many', { postgres, mariadb: inject('mariadb') });
  // A thousand a transaction: each table holds a lock until its end.
  for (let from = 0; from < TABLES; from += 1000) {
    await world.source.query(`DO $$ BEGIN FOR n IN ${from}..${from + 999} LOOP
      EXECUTE format('CREATE TABLE t_%1$s (id bigint); ALTER TABLE t_%1$s REPLICA IDENTITY FULL', lpad(n::text, 5, '0')); END LOOP; END $$`);
  }
  const { url } = world.served;
  page = await world.openPage('/');
  await page.request.post(`${url}/api/v1/instances`, { data: { name: 'many' } });
  const { version } = (await (await page.request.get(`${url}/api/v1/instances/many/configuration`)).json()) as {
    version: string;
  };
  const { host, port, user, password } = postgres;
  const value = { type: 'postgres', host, port, user, database: world.database };
  await page.request.put(`${url}/api/v1/instances/many/configuration/source`, { data: { value, password, version } });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

test('the list shows a page of them, turns pages and finds one', async () => {
  await page.goto(`${world.served.url}/instances/many/tables`);
  await page.getByText('(10,000)').waitFor();
  const rows = page.getByRole('checkbox', { name: /^Replicate public/ });
  expect(await rows.count()).toBeLessThanOrEqual(100);
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('public.t_00050', { exact: true }).waitFor();
  await page.getByLabel('Find tables').fill('t_0777');
  await page.getByText('(10)').waitFor();
  await page.getByText('public.t_07770', { exact: true }).waitFor();
});

test('the tree opens a schema page by page', async () => {
  await page.getByLabel('Find tables').fill('');
  await page.getByText('(10,000)').waitFor();
  await page.getByText('Tree', { exact: true }).click();
  await page.getByRole('button', { name: /^Open public/ }).click();
  await page.getByRole('button', { name: 'More of the 9,950 tables that follow' }).click();
  await page.getByRole('button', { name: 'More of the 9,900 tables that follow' }).waitFor();
  await page.getByRole('checkbox', { name: 'Replicate public.t_00099' }).waitFor();
});

test('all of them are chosen at once, and the dashboard counts them', async () => {
  await page.getByText('List', { exact: true }).click();
  await page.getByText('(10,000)').waitFor();
  await page.getByRole('checkbox', { name: 'Mark all of this page' }).check();
  await page.getByRole('button', { name: 'Mark all 10,000' }).click();
  await page.getByText('(10,000/10,000)').waitFor();
  await page.getByRole('button', { name: 'Change marked' }).click();
  await page.getByRole('menuitem', { name: 'Replicate', exact: true }).click();
  await page.getByText('10,000 tables changed').waitFor();
  await page.getByRole('button', { name: 'Apply' }).click();
  // Every table is looked at before it is chosen.
  await page.getByText('10,000 tables changed, 10,000 tables chosen').waitFor();
  // Each of them has no key: the first are named, the others counted.
  await page.getByText('And 9,980 other findings that are not shown.').waitFor();
  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  await page.getByText('10,000 tables from 1 schema and 1 database').waitFor();
  expect(world.complaints).toEqual([]);
});
