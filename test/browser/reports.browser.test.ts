import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { MailServer } from '../fixtures/mail-server.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** Reports and settings in a real browser, of a pipeline that copied and followed its tables. */

const [postgres, mariadb] = [inject('postgres'), inject('mariadb')];
let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('reports', { postgres, mariadb });
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text);
    INSERT INTO orders SELECT n, 'customer ' || n FROM generate_series(1, 1000) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price numeric(10,2));
    INSERT INTO prices SELECT 'sku' || n, n FROM generate_series(1, 20) n; ANALYZE`);
  page = await world.openPage('/');
  await setUp();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const at = (path: string) => `${world.served.url}/api/v1/instances${path}`;

/** By the API: set-up by the pages is tested elsewhere. */
async function setUp(): Promise<void> {
  await world.setUpShop({ tables: ['public.orders', 'public.prices'].map((table) => ({ table, selected: true })) });
  await world.startShop();
  await page.goto(`${world.served.url}/instances/shop`);
  await page.getByText('Replicating').first().waitFor();
  await world.source.query(`UPDATE orders SET customer = 'x' WHERE id <= 300`);
  await eventually(async () => (await page.locator('body').innerText()).includes('Extracts loaded\n1 of 1'));
}

async function choose(label: string, option: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${label}`) }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

function column(name: string) {
  return page.getByRole('columnheader', { name, exact: true });
}

test('the month has its days with their runs and records', async () => {
  await page.getByRole('link', { name: 'Reports', exact: true }).click();
  await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
  await page.getByRole('heading', { name: 'Run Reports for Month' }).waitFor();
  await page.getByText('1,320', { exact: true }).waitFor();
  await page.getByText('Days and times in Europe/Berlin').waitFor();
});

test('columns are switched off by Modify, and stay off in this browser', async () => {
  await column('Records').waitFor();
  await page.getByRole('button', { name: 'Modify' }).click();
  await page.getByRole('checkbox', { name: 'Records' }).uncheck();
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await column('Records').waitFor({ state: 'detached' });
  await page.reload();
  await column('Load duration').waitFor();
  expect(await column('Records').count()).toBe(0);
});

test('the day has the full extract and the run, of one table too, and all of it as CSV', async () => {
  await choose('Report', 'Run Reports for Day');
  await page.getByRole('gridcell', { name: '1,020', exact: true }).waitFor();
  await page.getByRole('gridcell', { name: '300', exact: true }).waitFor();
  await choose('Table', 'public.prices');
  await page.getByRole('gridcell', { name: '20', exact: true }).waitFor();
  await page.getByRole('gridcell', { name: '300', exact: true }).waitFor({ state: 'detached' });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  const [head = '', row = '', ...rest] = text.split('\r\n');
  const initial = row.split(',')[head.split(',').indexOf('initial')];
  expect([initial, rest]).toEqual(['20', ['']]);
});

test('the performance shows where the time went, in a chart and in words', async () => {
  await choose('Table', 'All tables');
  await choose('Report', 'Performance for Day');
  await page.getByRole('application', { name: /Where the time went/ }).waitFor();
  await page
    .getByText(/^2 runs\. Total .*DB delay .*Extract .*Load wait .*Load/)
    .filter({ visible: true })
    .first()
    .waitFor();
  await choose('Report', 'Performance for Month');
  await page
    .getByText(/^1 day\. Total /)
    .filter({ visible: true })
    .first()
    .waitFor();
});

test('a month without runs says so', async () => {
  await page.getByRole('textbox', { name: 'Month' }).fill('2024-01');
  await page.getByText('Nothing ran in this time.').first().waitFor();
});

async function openSettings(part: string): Promise<void> {
  await page.getByRole('tab', { name: part, exact: true }).click();
}

test('the icon of an instance is changed, and its frame shows it', async () => {
  await page.goto(`${world.served.url}/instances/shop/settings`);
  await page.getByLabel('Icon text').fill('zqx');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('The instance details are saved').waitFor();
  await eventually(async () => (await page.locator('#top img').first().getAttribute('src'))?.includes('ZQ') === true);
});

test('settings of history are saved in the configuration; what is wrong is said at its field', async () => {
  await openSettings('History');
  await page.getByLabel('Open end date').fill('2020-01-01');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page
    .getByText(/a date from 2099-01-01 on/)
    .filter({ visible: true })
    .first()
    .waitFor();
  await page.getByLabel('Open end date').fill('9999-01-01');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('The settings of history are saved').waitFor();
  const { sections } = (await (await page.request.get(at('/shop/configuration'))).json()) as {
    sections: { history: unknown };
  };
  expect(sections.history).toMatchObject({ value: { openEndDate: '9999-01-01' } });
});

test('one field of the user is kept, and deleted again', async () => {
  await openSettings('User defined');
  await page.getByLabel('Name', { exact: true }).fill('owner');
  await page.getByLabel('Value', { exact: true }).fill('sales');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The field is saved').waitFor();
  await page.reload();
  await openSettings('User defined');
  expect(await page.getByLabel('Value', { exact: true }).inputValue()).toBe('sales');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('The field is deleted').waitFor();
  await openSettings('Audit');
  await page.getByRole('cell', { name: 'userDefined' }).first().waitFor();
});

test('mail is set up and tested with a message; its password is never shown', async () => {
  await using mail = await MailServer.start({ login: { user: 'sender', password: 'a mail password' } });
  const fill = (label: string, value: string) => page.getByLabel(label, { exact: true }).fill(value);
  await openSettings('E-mail');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('Must be given').filter({ visible: true }).first().waitFor();
  await fill('Host name', '127.0.0.1');
  await fill('Port', String(mail.port));
  await fill('User ID', 'sender');
  await fill('Sender', 'penstock@example.org');
  await fill('Recipient', 'ada@example.org');
  await fill('Password', 'wrong');
  await fill('Confirm password', 'wrong');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page
    .getByText(/Correct user and password/)
    .first()
    .waitFor();
  await fill('Password', 'a mail password');
  await fill('Confirm password', 'a mail password');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('The test passed').waitFor();
  expect(mail.taken).toMatchObject([{ to: ['ada@example.org'], user: 'sender' }]);
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('The settings of mail are saved').waitFor();
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
  expect(await (await page.request.get(at('/shop/configuration'))).text()).not.toContain('a mail password');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('They are deleted').waitFor();
});

const REPORT_KINDS = ['Run Reports for Month', 'Run Reports for Day', 'Performance for Month', 'Performance for Day'];
const PARTS = ['Instance details', 'History', 'Extracts', 'Structure changes', 'Policies', 'User defined'];

test.each(['light', 'dark'] as const)('axe finds no serious fault in reports and settings, %s', async (scheme) => {
  const before = page;
  page = await world.openPage('/instances/shop/reports', scheme);
  for (const kind of REPORT_KINDS) {
    if (kind !== REPORT_KINDS[0]) await choose('Report', kind);
    await page.getByRole('heading', { name: kind, exact: true }).waitFor();
    await page.getByRole('gridcell').first().waitFor();
    if (kind.startsWith('Performance')) await page.getByRole('application').waitFor();
    expect(await seriousFaults(page), kind).toEqual([]);
  }
  await page.goto(`${world.served.url}/instances/shop/settings`);
  for (const part of [...PARTS, 'E-mail', 'AWS', 'AWS proxy', 'Elsewhere', 'Audit', 'About and licence']) {
    await openSettings(part);
    expect(await seriousFaults(page), part).toEqual([]);
  }
  await page.context().close();
  page = before;
});

test('nothing in all this made the browser complain', () => {
  expect(world.complaints).toEqual([]);
});
