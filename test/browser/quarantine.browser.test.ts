import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** Rows that were set aside, in a real browser, of a pipeline that follows its tables. */

let world: ConsoleWorld;
let page: Page;
/** The source has such a day, the destination has not. */
const UNFIT = '0044-03-15';

beforeAll(async () => {
  world = await ConsoleWorld.open('aside', { postgres: inject('postgres'), mariadb: inject('mariadb') });
  await world.source.query(`CREATE TABLE items (id integer PRIMARY KEY, day date, secret text);
    INSERT INTO items VALUES (1, '2024-01-01', 'kept'), (2, '${UNFIT}', 'cell-of-2'), (3, '${UNFIT}', 'cell-of-3');
    CREATE TABLE loose (day date, n integer); ALTER TABLE loose REPLICA IDENTITY FULL;
    INSERT INTO loose SELECT '${UNFIT}', n FROM generate_series(1, 30) n; ANALYZE`);
  const tables = ['public.items', 'public.loose'].map((table) => ({ table, selected: true }));
  await world.setUpShop({ policies: { misfits: 'quarantine' }, tables });
  page = await world.openPage('/instances/shop/quarantine');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const dialog = () => page.getByRole('dialog');
const rows = () => page.getByRole('table', { name: 'Rows in quarantine' });

async function chooseTable(option: RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Table/ }).click();
  await page.getByRole('option', { name: option }).click();
}

test('nothing is in quarantine before a full extract, and nothing can be done', async () => {
  await page.getByText('Nothing is in quarantine.').waitFor();
  expect(await page.getByRole('button', { name: 'Retry' }).isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Drop' }).isDisabled()).toBe(true);
});

test('the dashboard counts the rows, and leads to them', async () => {
  await world.startShop();
  await page.getByRole('link', { name: 'Dashboard', exact: true }).first().click();
  await page.getByText('of 2 tables', { exact: false }).first().waitFor();
  await page.getByRole('link', { name: '32 rows in quarantine' }).click();
  await page.getByRole('heading', { name: 'Quarantine', level: 1 }).waitFor();
});

test('the rows are listed with reason and position, page by page and of one table, without what stands in them', async () => {
  await page.getByText('(32)').waitFor();
  await rows().getByText('before 1000-01-01').first().waitFor();
  expect(await rows().getByRole('row').count()).toBe(21);
  await page.getByRole('button', { name: 'Older rows' }).click();
  await eventually(async () => (await rows().getByRole('row').count()) === 13);
  await chooseTable(/public\.items/);
  await page.getByText('(2)', { exact: true }).waitFor();
  await eventually(async () => (await rows().getByRole('row').count()) === 3);
  expect(await page.locator('body').innerText()).not.toMatch(/cell-of|0044/);
});

test('a retry says what it does, and what became of each table', async () => {
  await world.source.query(`UPDATE items SET day = '2024-02-02' WHERE id = 2`);
  await page.getByRole('button', { name: 'Retry' }).click();
  await dialog().getByText('a row that still does not fit stays').waitFor();
  await dialog().getByRole('button', { name: 'Retry' }).click();
  const retried = page.getByRole('table', { name: 'Retried tables' });
  // What goes on at the source meanwhile tells how far it was read.
  await eventually(async () => {
    await world.source.query(`INSERT INTO items SELECT max(id) + 1, '2024-01-01', '' FROM items`);
    return retried.isVisible();
  });
  expect((await retried.getByRole('row').last().innerText()).split(/\s+/).slice(0, 4)).toEqual([
    ...['public.items', '2', '2', '1'],
  ]);
  await page.getByText('(1)', { exact: true }).waitFor();
});

test('a drop says first how many rows it is about, and can be left', async () => {
  await chooseTable(/All tables/);
  await page.getByText('(31)').waitFor();
  await page.getByRole('button', { name: 'Drop' }).click();
  await dialog().getByText('31 rows would be dropped for good').waitFor();
  await dialog().getByText('public.items 1, public.loose 30.').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await chooseTable(/public\.loose/);
  await page.getByText('(30)').waitFor();
  await page.getByRole('button', { name: 'Drop' }).click();
  await dialog().getByRole('button', { name: 'Drop 30 rows' }).click();
  await page.getByText('30 rows dropped from quarantine').waitFor();
  await page.getByText('Nothing is in quarantine.').waitFor();
  await chooseTable(/All tables/);
  await page.getByText('(1)', { exact: true }).waitFor();
});

test.each(['light', 'dark'] as const)('axe finds no serious fault in the page, %s', async (scheme) => {
  const shown = await world.openPage('/instances/shop/quarantine', scheme);
  await shown.getByText('before 1000-01-01').first().waitFor();
  expect(await seriousFaults(shown)).toEqual([]);
  await shown.context().close();
});

test('nothing in all this made the browser complain', () => {
  expect(world.complaints).toEqual([]);
});
