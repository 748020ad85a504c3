import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { FakeAdmin } from '../../../test/fixtures/oracle-fake/admin-session.ts';
import { FakeOracle } from '../../../test/fixtures/oracle-fake/fake-oracle.ts';
import { selectionOf } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { minedPlaceOf } from './mining/mined-place.ts';
import { prepareLogs } from './prepare.ts';
import type { Access } from './server/guarded.ts';
import { ORACLE_VARIANTS } from './server/variants.ts';
import { oracleSettings } from './settings.ts';

const NEVER = new AbortController().signal;
const TABLE = selectionOf('THING', { table: { schema: 'APP', name: 'THING' } });

let oracle: FakeOracle;
let admin: FakeAdmin;
beforeAll(async () => {
  oracle = await FakeOracle.open(inject('postgres'), 'oracle_prepare');
  admin = oracle.admin();
  await admin.run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))');
});
afterAll(() => oracle[Symbol.asyncDispose]());

function access(): Access {
  const [variant] = ORACLE_VARIANTS;
  if (variant === undefined) throw new Error('no variant');
  const settings = oracleSettings(variant).parse({ host: '127.0.0.1', database: 'shop', user: 'X' });
  const open = oracle.opener();
  return { settings, open, openRoot: open, openMining: open };
}
const prepare = (known: Parameters<typeof prepareLogs>[2] = null) => prepareLogs(access(), [TABLE], known, NEVER);

it('begins with what is open, and stays where it is as long as the logs are there', async () => {
  await using other = oracle.admin();
  await other.run('BEGIN', 'INSERT INTO thing VALUES (1)');
  const start = await prepare();
  expect(minedPlaceOf(start).firstStart?.openTransactions).toHaveLength(1);
  await other.run('COMMIT', 'ALTER SYSTEM SWITCH LOGFILE', 'ALTER SYSTEM SWITCH LOGFILE');
  expect(await prepare(start)).toEqual(start);
  expect((await prepare()).order > start.order).toBe(true);
});

it.each([
  ['PS2005', 'ALTER DATABASE NOARCHIVELOG', 'ALTER DATABASE ARCHIVELOG'],
  ['PS2005', 'ALTER DATABASE DROP SUPPLEMENTAL LOG DATA', 'ALTER DATABASE ADD SUPPLEMENTAL LOG DATA'],
  [
    'PS2011',
    'ALTER TABLE thing DROP SUPPLEMENTAL LOG DATA (ALL) COLUMNS',
    'ALTER TABLE thing ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS',
  ],
])('is refused with %s after %s, with the remedy', async (code, breaks, mends) => {
  await admin.run(breaks);
  const failure = prepare();
  await expect(failure).rejects.toMatchObject({
    code,
    remedy: expect.stringMatching(/ARCHIVELOG|SUPPLEMENTAL/) as string,
  });
  await admin.run(mends);
  await expect(prepare()).resolves.toBeDefined();
});

it('is refused where a log is gone, and where the log is another one', async () => {
  const start = await prepare();
  await admin.run('INSERT INTO thing VALUES (2)');
  oracle.loseLogs({ isKnown: true });
  await expect(prepare(start)).rejects.toMatchObject({ code: 'PS2006' });
  const later = await prepare();
  oracle.duplicate();
  await expect(prepare(later)).rejects.toMatchObject({ code: 'PS2001' });
});
