import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { statementSql } from '../../core/sources/sqlserver/statements/statement-sql.ts';
import type { Statement } from '../../core/sources/sqlserver/statements/statement.ts';
import { nvarchar } from '../fixtures/tds/columns.ts';
import { versionAnswer } from '../fixtures/tds/sqlserver-access.ts';
import { startTdsServer, type TdsServer } from '../fixtures/tds/tds-server.ts';
import { eventuallyIs } from '../fixtures/eventually.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** SQL Server as a source by the pages, over a server that speaks its protocol and answers what a test says. */

/** What a database answers that lacks what change tracking needs, and one that has it. */
let isReady = false;
const ANSWERS: readonly (readonly [Statement, () => readonly (readonly (string | null)[])[]])[] = [
  [
    { tag: 'database' },
    () => {
      const version = ['16.0.4135.4', 'Developer Edition (64-bit)'];
      const changes = isReady ? ['ON', '1', '10080', '1'] : ['OFF', '0', null, null];
      return [['shop', 'G', 'F', ...version, ...changes, '0', '0', '1', 'penstock']];
    },
  ],
  [{ tag: 'trackedTables' }, () => (isReady ? [['dbo', 'orders', '77', '0']] : [])],
  [{ tag: 'databaseRights' }, () => [['1', null]]],
  [
    { tag: 'listTables' },
    () => [
      ['dbo', 'orders', '77', '1000'],
      ['dbo', 'other', '78', '20'],
    ],
  ],
  [
    { tag: 'listKeys' },
    () => [
      ['dbo', 'orders', 'id'],
      ['dbo', 'other', 'id'],
    ],
  ],
];

let world: ConsoleWorld;
let server: TdsServer;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('tds', { postgres: inject('postgres'), mariadb: inject('mariadb') });
  server = await startTdsServer({
    admits: ({ password }) =>
      password === 'right' ? null : { number: 18456, text: "Login failed for user 'penstock'.", class: 14 },
    *answer(request) {
      const found = ANSWERS.find(([statement]) => statementSql(statement).text === request.sql);
      if (found === undefined) yield* versionAnswer(request);
      const rows = found?.[1]() ?? [];
      if (rows.length > 0) yield { tag: 'rows', columns: (rows[0] ?? []).map(() => nvarchar('', 200)), rows };
    },
  });
  page = await world.openPage('/');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const follow = (name: string) => page.getByRole('link', { name, exact: true }).first().click();
const fillPassword = async (password: string) => {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Confirm password').fill(password);
};

test('the form has every setting with a name and what it means; other extract types have their own', async () => {
  await page.getByLabel('Name').fill('shop');
  await press('Create');
  await follow('Set up the source');
  await page.getByRole('button', { name: /^Source database/ }).click();
  await page.getByRole('option', { name: 'SQL Server' }).click();
  await page.getByRole('tab', { name: 'Advanced' }).click();
  await page.getByText('Seventh digit of a second', { exact: true }).waitFor();
  await page.getByText('Snapshot isolation', { exact: true }).waitFor();
  await eventuallyIs(() => page.getByText('Wait for the snapshot (seconds)', { exact: true }).count(), 0);
  await page.getByRole('button', { name: /^Extract type/ }).click();
  await page.getByRole('option', { name: /^CDC/ }).click();
  await page.getByText('Wait for the snapshot (seconds)', { exact: true }).waitFor();
  await eventuallyIs(() => page.getByText('Snapshot isolation', { exact: true }).count(), 0);
  await page.getByRole('button', { name: /^Extract type/ }).click();
  await page.getByRole('option', { name: /^Change Tracking/ }).click();
  expect(await seriousFaults(page)).toEqual([]);
});

test('a server that is not there, and a login that is refused, are said clearly', async () => {
  await page.getByRole('tab', { name: 'Database' }).click();
  await page.getByLabel('Host name').fill('127.0.0.1');
  await page.getByLabel('Port', { exact: true }).fill('1');
  await page.getByLabel('Database name').fill('shop');
  await page.getByLabel('User ID').fill('penstock');
  await fillPassword('wrong');
  await press('Test');
  await page
    .getByText(/SQL Server at 127\.0\.0\.1:1, database shop, user penstock.*ECONNREFUSED/)
    .first()
    .waitFor();
  await page.getByLabel('Port', { exact: true }).fill(String(server.port));
  await press('Test');
  await page
    .getByText(/Login failed for user 'penstock'/)
    .first()
    .waitFor();
});

test('what the database lacks is shown with the statement that mends it; then the test passes', async () => {
  await fillPassword('right');
  await press('Test');
  await page.getByText(/ALTER DATABASE \[shop\] SET ALLOW_SNAPSHOT_ISOLATION ON/).waitFor();
  await page.getByText(/ALTER DATABASE \[shop\] SET CHANGE_TRACKING = ON/).waitFor();
  isReady = true;
  await press('Test');
  await page.getByText('The test passed').waitFor();
  await press('Apply');
  await page.getByText('The source is saved').waitFor();
  expect(server.logins.at(-1)).toMatchObject({ user: 'penstock', database: 'shop', application: 'penstock' });
});

test('its tables are listed, and the dashboard names how it is read', async () => {
  await follow('Tables');
  await page.getByRole('checkbox', { name: 'Replicate dbo.orders' }).waitFor();
  await follow('Dashboard');
  await page.getByText('SQL Server – Change Tracking').waitFor();
  expect(world.complaints).toEqual([]);
});
