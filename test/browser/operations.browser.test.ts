import type { RowDataPacket } from 'mysql2/promise';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { operateConsole } from '../fixtures/console-client.ts';
import { eventually, eventuallyIs } from '../fixtures/eventually.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** Operations, the schedule and the logs in a real browser, on real databases. The tests go on where the one before ended. */

const [postgres, mariadb] = [inject('postgres'), inject('mariadb')];
const ROWS = 2000;

let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('operations', { postgres, mariadb });
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text);
    INSERT INTO orders SELECT n, 'customer ' || n FROM generate_series(1, ${ROWS}) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price numeric(10,2)); INSERT INTO prices VALUES ('a', 1);
    ANALYZE`);
  await world.setUpShop({ tables: ['public.orders', 'public.prices'].map((table) => ({ table, selected: true })) });
  page = await world.openPage('/instances/shop/operations');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

async function see(text: string | RegExp, where: Page | Locator = page): Promise<void> {
  await where.getByText(text).first().waitFor();
}

async function press(name: string | RegExp, where: Page | Locator = page): Promise<void> {
  await where.getByRole('button', { name, exact: true }).click();
}

async function follow(name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).first().click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

const dialog = (): Locator => page.getByRole('dialog');
/** The newest row of the list of operations. */
const newest = (): Locator => page.getByRole('table', { name: 'Operations' }).getByRole('row').nth(1);

async function loaded(where = 'true'): Promise<number> {
  const [[row]] = await world.destination.query<RowDataPacket[]>(
    `SELECT count(*) AS found FROM \`${world.database}\`.orders WHERE ${where}`,
  );
  return Number(row?.['found']);
}

test('an operation says what it will do, is started and stopped, and goes on when it is started again', async () => {
  // Somebody else's lock keeps the copy from ending before it is stopped.
  await world.source.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
  await press('Full Extract');
  await see(/Replicated now: 2 tables/, dialog());
  await see('it goes on where it was', dialog());
  await press('Start', dialog());
  await see('Full Extract is started');
  await see('At work', newest());
  await press('Stop Full Extract', newest());
  await newest().getByText('Stopped', { exact: true }).waitFor();
  await world.source.query('COMMIT');
  await press('Full Extract');
  await press('Start', dialog());
  await newest().getByText('Succeeded').waitFor();
  await see(`${(ROWS + 1).toLocaleString('en')} rows of 2 tables copied`);
  expect(await loaded()).toBe(ROWS);
  expect(await page.getByRole('table', { name: 'Copied tables' }).getByRole('row').count()).toBe(3);
});

test('differences in structure are shown with their classes before they are made good', async () => {
  await press('Sync Struct');
  await press('Compare', dialog());
  await see('2 tables of 2 without a difference.', dialog());
  expect(await dialog().getByRole('button', { name: 'Make good' }).isDisabled()).toBe(true);
  await press('Cancel', dialog());
});

test('a rollback: a point is chosen, looked at, confirmed, and applied again', async () => {
  await world.source.query(`INSERT INTO orders VALUES (5001, 'later')`);
  await eventually(async () => (await loaded('id = 5001')) === 1);
  await world.destination.query(`DELETE FROM \`${world.database}\`.orders WHERE id = 5001`);
  await press('Rollback');
  const points = dialog().getByRole('table', { name: 'Rollback points' });
  await points.getByText('Available').first().waitFor();
  expect(await dialog().getByRole('button', { name: 'Rollback', exact: true }).isDisabled()).toBe(true);
  await points.getByRole('radio').last().check();
  await dialog().getByLabel('Only some tables').check();
  await press(/^Which tables/, dialog());
  await page.getByRole('option', { name: 'public.orders' }).click();
  await page.keyboard.press('Escape');
  await press('Select', dialog());
  await see(/would be applied again/, dialog());
  await see(/This redoes all extractions beginning with number/, dialog());
  expect(await loaded('id = 5001')).toBe(0);
  await press('Rollback', dialog());
  await newest().getByText('Succeeded').waitFor();
  await see('public.orders', newest());
  await see(/changes? of .* extracts? applied again/);
  expect(await loaded('id = 5001')).toBe(1);
});

test('verification is started with what may be repaired, and tells each table', async () => {
  await press('Verify');
  await dialog().getByLabel('Repair').check();
  await press('Start', dialog());
  await newest().getByText('Verify and repair').waitFor();
  await newest().getByText('Succeeded').waitFor();
  const verdicts = page.getByRole('table', { name: 'Verified tables' });
  await verdicts.getByText('public.prices').waitFor();
  expect(await verdicts.getByText('Equal', { exact: true }).count()).toBe(2);
});

test('past operations stay in the list, each with what it came to', async () => {
  await page.reload();
  await page.getByRole('table', { name: 'Operations' }).waitFor();
  const titles = page.getByRole('table', { name: 'Operations' }).getByRole('rowheader');
  await titles.last().waitFor();
  expect((await titles.allInnerTexts()).map((title) => title.replace(/ to \d+/, ''))).toEqual([
    'Verify and repair',
    'Rollback',
    'Rollback (dry run)',
    'Sync Struct (dry run)',
    'Full Extract',
    'Full Extract',
  ]);
  await titles.nth(4).getByRole('link').click();
  await page.getByRole('table', { name: 'Copied tables' }).waitFor();
});

test('the schedule is changed; what is wrong is said at its field', async () => {
  await follow('Schedule');
  await page.getByRole('radio', { name: 'Weekly' }).check();
  await press('Apply');
  await see('At least one day');
  await page.getByRole('checkbox', { name: 'Friday' }).check();
  await page.getByLabel('At', { exact: true }).fill('05:30');
  await press('Apply');
  await see('The schedule is saved');
  await see('Run weekly');
  await page.getByRole('radio', { name: 'Periodic' }).check();
  await page.getByLabel('Every, minutes').fill('10');
  await page.getByLabel('Offset, minutes').fill('20');
  await press('Apply');
  // The server knows more than the form.
  await see(/less than the period/);
  await page.getByLabel('Offset, minutes').fill('5');
  await press('Apply');
  await see('Run periodically');
});

test('restore on startup is a setting of the schedule, and leaves the rest of it', async () => {
  await follow('Operations');
  await page.getByLabel('Restore on startup').click();
  await see('Restore on startup is off');
  const answer = await page.request.get(`${world.served.url}/api/v1/instances/shop/configuration`);
  expect(await answer.json()).toMatchObject({
    sections: {
      schedule: {
        value: { type: 'periodic', every: { minutes: 10 }, offset: { minutes: 5 }, restoreOnStartup: false },
      },
    },
  });
});

test('the log is filtered, searched, followed and taken away', async () => {
  await follow('Logs');
  const log = page.getByRole('log');
  await log.waitFor();
  await page.getByRole('button', { name: 'Destination', exact: true }).click();
  await log.getByText('[destination]').first().waitFor();
  // The lines of all were there before, these among them.
  await eventuallyIs(() => log.getByText('[source]').count(), 0);
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Find lines' }).fill('rollback');
  await log.getByText('kind=rollback').first().waitFor();
  await eventually(async () => (await log.getByText('kind=full-extract').count()) === 0);
  await page.getByRole('searchbox', { name: 'Find lines' }).fill('manual-delta');
  await see('No line matches.');
  // Nobody reloads: what is written now is seen now.
  await operateConsole(world.served.url, 'shop', { kind: 'manual-delta' });
  await log.getByText('kind=manual-delta').first().waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()]);
  expect(download.suggestedFilename()).toBe('shop.log');
  let text = '';
  for await (const part of await download.createReadStream()) text += String(part);
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.every((line) => line.includes('manual-delta'))).toBe(true);
});

const PAGES = ['Operations', 'Schedule', 'Logs'] as const;

test.each(['light', 'dark'] as const)(
  'axe finds no serious fault in these pages and their dialogs, %s',
  async (scheme) => {
    const shown = await world.openPage('/', scheme);
    for (const heading of PAGES) {
      await shown.goto(`${world.served.url}/instances/shop/${heading.toLowerCase()}`);
      await shown.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await shown.waitForLoadState('load');
      expect(await seriousFaults(shown), heading).toEqual([]);
    }
    await shown.goto(`${world.served.url}/instances/shop/operations`);
    for (const name of ['Full Extract', 'Sync New Tables', 'Sync Struct', 'Rollback', 'Manual Delta', 'Verify']) {
      await shown.getByRole('button', { name, exact: true }).first().click();
      await shown.getByRole('dialog').waitFor();
      if (name === 'Rollback') await shown.getByRole('dialog').getByText('Available').first().waitFor();
      expect(await seriousFaults(shown), name).toEqual([]);
      await shown.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    }
    await shown.context().close();
  },
);

test('nothing in all this made the browser complain', () => {
  expect(world.complaints).toEqual([]);
});
