import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { ConsoleWorld, keepPicture } from './console-world.ts';

/** The pages for somebody who may only look: everything is shown, and nothing offers what would be refused. */

let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('viewer', { postgres: inject('postgres'), mariadb: inject('mariadb') });
  await world.source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, day date);
    INSERT INTO orders VALUES (1, '2024-01-01'), (2, '0044-03-15'); ANALYZE`);
  await world.setUpShop({ policies: { misfits: 'quarantine' }, tables: [{ table: 'public.orders', selected: true }] });
  await world.startShop();
  page = await world.openPage('/', 'light', world.servedToViewer);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

async function open(path: string, heading: string): Promise<void> {
  await page.goto(`${world.servedToViewer.url}/instances/shop${path}`);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

const isDisabled = (name: string): Promise<boolean> =>
  page.getByRole('button', { name, exact: true }).first().isDisabled();

test('the dashboard is live; its switch is not theirs', async () => {
  await open('', 'Dashboard');
  await page.getByText('Replicating').first().waitFor();
  await page.getByRole('link', { name: '1 row in quarantine' }).waitFor();
  expect(await page.getByLabel(/^Scheduler turned/).isDisabled()).toBe(true);
});

test('set-up is shown and not changed', async () => {
  await open('/source', 'Source');
  await page.getByLabel('Host name').waitFor();
  expect(await page.getByLabel('Host name').isDisabled()).toBe(true);
  expect([await isDisabled('Test'), await isDisabled('Apply')]).toEqual([true, true]);
  await open('/tables', 'Tables');
  expect(await page.getByRole('checkbox', { name: 'Replicate public.orders' }).isDisabled()).toBe(true);
  await page.getByText('public.orders', { exact: true }).click();
  expect(await page.getByLabel('Replicate this table').isDisabled()).toBe(true);
  await open('/schedule', 'Schedule');
  expect(await isDisabled('Apply')).toBe(true);
});

test('operations are listed and not started; rows in quarantine are listed and stay', async () => {
  await open('/operations', 'Operations');
  await page.getByRole('table', { name: 'Operations' }).getByText('Succeeded').waitFor();
  for (const name of ['Full Extract', 'Sync New Tables', 'Sync Struct', 'Rollback', 'Manual Delta', 'Verify']) {
    expect([name, await isDisabled(name)]).toEqual([name, true]);
  }
  await open('/quarantine', 'Quarantine');
  await page.getByText('before 1000-01-01').waitFor();
  expect([await isDisabled('Retry'), await isDisabled('Drop')]).toEqual([true, true]);
});

test('what the pages do not offer is refused, too', async () => {
  const answer = await page.request.post(`${world.servedToViewer.url}/api/v1/instances/shop/quarantine/drop`, {
    data: { tables: null, dryRun: false },
  });
  expect(answer.status()).toBe(403);
  await open('/quarantine', 'Quarantine');
  await page.getByText('(1)', { exact: true }).waitFor();
  expect(world.complaints).toEqual([]);
});
