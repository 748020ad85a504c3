import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { connectSource, type ConnectSource } from '../../core/sources/registry.ts';
import { oracleConnector } from '../../core/sources/oracle/definition.ts';
import type { SessionOpener } from '../../core/sources/oracle/server/session.ts';
import type { DatabaseAddress, OracleSettings } from '../../core/sources/oracle/settings.ts';
import { FakeOracle } from '../fixtures/oracle-fake/fake-oracle.ts';
import { startRefusingListener, type RefusingListener } from '../fixtures/tns/refusing-listener.ts';
import { eventuallyIs } from '../fixtures/eventually.ts';
import { ConsoleWorld, keepPicture, seriousFaults } from './console-world.ts';

/** Oracle as a source by the pages: forms of its kinds, logins that the driver does, and the rest over a fake of the server. */

/** At this port the fake is, at others the driver looks. */
const FAKE_PORT = 1599;

let world: ConsoleWorld;
let oracle: FakeOracle;
let listener: RefusingListener;
let page: Page;

/** The fake's sessions, with the passwords that the product found. */
const connect: ConnectSource = (type, specific, context) => {
  const settings = specific as OracleSettings;
  const { rootDatabase } = settings;
  if (settings.port !== FAKE_PORT || rootDatabase === null) return connectSource(type, specific, context);
  const opener = ({ user }: DatabaseAddress, password: () => Promise<string>): SessionOpener => {
    return async (signal) => oracle.opener({ container: 'PDB1', user, password: await password() })(signal);
  };
  const open = opener(settings, context.password);
  const openRoot: SessionOpener = async (signal) => {
    const session = await opener(rootDatabase, () => context.secret(rootDatabase.password))(signal);
    await session.run({ tag: 'setRoot' });
    return session;
  };
  return Promise.resolve(oracleConnector({ settings, open, openRoot, openMining: openRoot }, context));
};

beforeAll(async () => {
  const postgres = inject('postgres');
  oracle = await FakeOracle.open(postgres, 'oracle_pages', { pluggable: ['PDB1', 'PDB2'] });
  const admin = oracle.admin({ container: 'PDB1' });
  await admin.run('CREATE TABLE orders (id INTEGER NOT NULL, note VARCHAR2(20), PRIMARY KEY (id))');
  listener = await startRefusingListener(12_514);
  world = await ConsoleWorld.open('tns', { postgres, mariadb: inject('mariadb') }, connect);
  page = await world.openPage('/');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
  await oracle[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const follow = (name: string) => page.getByRole('link', { name, exact: true }).first().click();
const tab = (name: string) => page.getByRole('tab', { name, exact: true }).click();
const fill = (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);
const isShown = (text: string) => page.getByText(text, { exact: true }).waitFor();
const isNotShown = (text: string) => eventuallyIs(() => page.getByText(text, { exact: true }).count(), 0);
const fillPassword = async (password: string) => {
  await fill('Password', password);
  await fill('Confirm password', password);
};
const chooseKind = async (label: string) => {
  await page.getByRole('button', { name: /^Source database/ }).click();
  await page.getByRole('option', { name: label, exact: true }).click();
};
const chooseExtractType = async (label: string) => {
  await page.getByRole('button', { name: /^Extract type/ }).click();
  await page.getByRole('option', { name: new RegExp(`^${label}`) }).click();
};
const LABELS = ['Oracle', 'Oracle (Pluggable Database)', 'Oracle (RAC)', 'Oracle (RAC)(Pluggable Database)'];
const LABELS_19C = ['Oracle 19c', 'Oracle 19c (Pluggable Database)'];

test('the six kinds are there by the names that people know, each with its own tabs and fields', async () => {
  await page.getByLabel('Name').fill('shop');
  await press('Create');
  await follow('Set up the source');
  for (const label of [...LABELS, ...LABELS_19C]) {
    await chooseKind(label);
    const roots = label.includes('Pluggable') ? 1 : 0;
    await eventuallyIs(() => page.getByRole('tab', { name: 'Root database' }).count(), roots);
    expect(await page.getByRole('tab', { name: 'Mining database' }).count()).toBe(0);
  }
  await chooseKind('Oracle');
  await tab('Advanced options');
  for (const label of ['Log file catchup count', 'Log catchup time (mins)', 'Log catchup offset (mins)']) {
    await isShown(label);
  }
  await isShown('Convert RAW to Hex');
  await chooseExtractType('Continuous Log Miner');
  await isNotShown('Log file catchup count');
  await isShown('Convert RAW to Hex');
  await chooseExtractType('Remote Log Miner');
  await tab('Mining database');
  await isShown('Where its log files are');
  await press('Add');
  expect(await seriousFaults(page)).toEqual([]);
});

test('a service that the listener does not know, and a server that is not there, are said clearly', async () => {
  await chooseKind('Oracle 19c (Pluggable Database)');
  await tab('Database');
  await fill('Host name', '127.0.0.1');
  await fill('Port', String(listener.port));
  await fill('Database name', 'PDB1');
  await fill('User ID', oracle.reader.user);
  await fillPassword('wrong');
  await press('Test');
  // What is missing is asked for where it stands.
  await page.getByRole('tab', { name: 'Root database', selected: true }).waitFor();
  await fill('Database name', 'ORCLCDB');
  await fill('User ID', oracle.reader.user);
  await fillPassword('wrong, too');
  expect(await seriousFaults(page)).toEqual([]);
  await press('Test');
  await page
    .getByText(/the listener does not know; write/)
    .first()
    .waitFor();
  await tab('Database');
  await fill('Port', '1');
  await press('Test');
  await page
    .getByText(/Oracle at 127\.0\.0\.1:1, service PDB1, user ORACLE_PAGES/)
    .first()
    .waitFor();
});

test('either password is asked for, and what the database lacks is shown with the statement that mends it', async () => {
  await fill('Port', String(FAKE_PORT));
  oracle.facts.minimalLogging = 'NO';
  await press('Test');
  await page
    .getByText(/user ORACLE_PAGES/)
    .first()
    .waitFor();
  await fillPassword(oracle.reader.password);
  await press('Test');
  await page.getByText('The test failed').waitFor();
  await tab('Root database');
  await fillPassword(oracle.reader.password);
  await press('Test');
  await page
    .getByText(/ALTER DATABASE ADD SUPPLEMENTAL LOG DATA/)
    .first()
    .waitFor();
  oracle.facts.minimalLogging = 'YES';
  await press('Test');
  await page.getByText('The test passed').waitFor();
});

test('it is saved with each password in a file of its own, and shown again without them', async () => {
  await press('Apply');
  await page.getByText('The source is saved').waitFor();
  const folder = join(world.home, 'shop');
  const text = readFileSync(join(folder, 'penstock.yaml'), 'utf8');
  expect(text).toContain('type: oracle19cPluggable');
  expect(text).not.toContain(oracle.reader.password);
  for (const name of ['source-password', 'source-rootDatabase-password']) {
    expect(text).toContain(`file: ./secrets/${name}`);
    const file = join(folder, 'secrets', name);
    expect([readFileSync(file, 'utf8').trim(), statSync(file).mode & 0o777]).toEqual([oracle.reader.password, 0o600]);
  }
  await tab('Root database');
  expect(await page.getByLabel('Database name', { exact: true }).inputValue()).toBe('ORCLCDB');
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
  await press('Test');
  await page.getByText('The test passed').waitFor();
});

test('its tables are listed, and the dashboard names how it is read', async () => {
  await follow('Tables');
  await page.getByRole('checkbox', { name: 'Replicate APP.ORDERS' }).waitFor();
  await follow('Dashboard');
  await page.getByText('Oracle 19c (Pluggable Database) – Continuous Log Miner').waitFor();
  expect(world.complaints).toEqual([]);
});
