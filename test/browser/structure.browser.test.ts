import type { RowDataPacket } from 'mysql2/promise';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** Sync Struct in a real browser: columns are dropped and tables copied anew only where that was chosen, and said before. */

let world: ConsoleWorld;
let page: Page;

beforeAll(async () => {
  world = await ConsoleWorld.open('structure', { postgres: inject('postgres'), mariadb: inject('mariadb') });
  await world.source.query(`CREATE TABLE notes (id bigint PRIMARY KEY, note text, gone text);
    INSERT INTO notes SELECT n, 'note', 'gone' FROM generate_series(1, 50) n;
    CREATE TABLE codes (id bigint PRIMARY KEY, code integer);
    INSERT INTO codes SELECT n, n FROM generate_series(1, 70) n; ANALYZE`);
  await world.setUpShop({ tables: ['public.codes', 'public.notes'].map((table) => ({ table, selected: true })) });
  await world.startShop();
  await world.source.query(`ALTER TABLE notes DROP COLUMN gone;
    ALTER TABLE codes ALTER COLUMN code TYPE text USING 'code ' || code`);
  page = await world.openPage('/instances/shop/operations');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const dialog = () => page.getByRole('dialog');
const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click();

async function columns(table: string): Promise<string[]> {
  const [rows] = await world.destination.query<RowDataPacket[]>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    [world.database, table],
  );
  return rows.map((row) => String(row['name'])).filter((name) => !name.startsWith('penstock'));
}

test('what is done with dropped columns, and what only a copy mends, is said before', async () => {
  await page.getByRole('button', { name: 'Sync Struct' }).click();
  await press('Compare');
  await dialog().getByText('column gone was dropped').waitFor();
  await dialog().getByText('Safe', { exact: true }).waitFor();
  await dialog().getByText('Only a copy makes 1 table the same').waitFor();
  expect(await dialog().getByText('Make good?').count()).toBe(0);
  await dialog().getByLabel('Drop columns').check();
  // What was seen was about another request.
  await dialog().getByText('column gone was dropped').waitFor({ state: 'detached' });
  await dialog().getByLabel('Copy anew').check();
  await press('Compare');
  await dialog().getByText('the destination drops it, with the values that it has').waitFor();
  await dialog().getByText('1 unsafe difference: dropped columns are gone with their values.').waitFor();
  await dialog().getByText('1 table will be copied anew, with all rows.').waitFor();
  expect(await columns('notes')).toContain('gone');
  expect(await seriousFaults(page)).toEqual([]);
});

test('it is done as it was said', async () => {
  await press('Make good');
  const newest = page.getByRole('table', { name: 'Operations' }).getByRole('row').nth(1);
  await newest.getByText('Sync Struct, dropping columns, copying anew', { exact: true }).waitFor();
  await newest.getByText('Succeeded').waitFor();
  await newest.getByText('1 difference made good, 1 table copied anew').waitFor();
  await page.getByRole('table', { name: 'Tables copied anew' }).getByText('public.codes').waitFor();
  expect(await columns('notes')).toEqual(['id', 'note']);
  const [[row]] = await world.destination.query<RowDataPacket[]>(
    `SELECT count(*) AS found, min(code) AS code FROM \`${world.database}\`.codes`,
  );
  expect(row).toMatchObject({ found: 70, code: 'code 1' });
  expect(world.complaints).toEqual([]);
});
