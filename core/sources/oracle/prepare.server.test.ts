import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FakeAdmin } from '../../../test/fixtures/oracle-fake/admin-session.ts';
import { FakeOracle } from '../../../test/fixtures/oracle-fake/fake-oracle.ts';
import { SystemClock } from '../../../hosts/node/system-clock.ts';
import { selectionOf } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { checkLogs } from './check.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { ensureDictionary } from './logs/ensure-dictionary.ts';
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

function access(more: Readonly<Record<string, unknown>> = {}): Access {
  const [variant] = ORACLE_VARIANTS;
  if (variant === undefined) throw new Error('no variant');
  const settings = oracleSettings(variant).parse({ host: '127.0.0.1', database: 'shop', user: 'X', ...more });
  const open = oracle.opener();
  return { settings, open, openRoot: open, openMining: open };
}
const prepare = (known: Parameters<typeof prepareLogs>[3] = null) =>
  prepareLogs(access(), new SystemClock(), [TABLE], known, NEVER);

it('begins with what is open, and stays where it is as long as the logs are there', async () => {
  await using other = oracle.admin();
  await other.run('BEGIN', 'INSERT INTO thing VALUES (1)');
  const start = await prepare();
  expect(minedPlaceOf(start).firstStart?.openTransactions).toHaveLength(1);
  await other.run('COMMIT', 'ALTER SYSTEM SWITCH LOGFILE', 'ALTER SYSTEM SWITCH LOGFILE');
  expect(await prepare(start)).toEqual(start);
  expect((await prepare()).order > start.order).toBe(true);
});

describe('for another database that mines the logs', () => {
  const miningDatabase = { host: 'other', database: 'mining', user: 'X', password: { env: 'MINING' } };
  const remote = () => access({ extractType: 'remoteLogMiner', miningDatabase });

  it('begins behind a dictionary in the logs, when all that is older has ended', async () => {
    await using older = oracle.admin();
    await older.run('BEGIN', 'INSERT INTO thing VALUES (3)');
    let sleeps = 0;
    const clock = {
      now: () => 0,
      timestamp: () => '',
      sleep: () => (++sleeps === 2 ? older.run('COMMIT') : Promise.resolve()),
    };
    const place = minedPlaceOf(await prepareLogs(remote(), clock, [TABLE], null, NEVER));
    expect(sleeps).toBe(2);
    expect(place.firstStart?.openTransactions).toEqual([]);
    await using root = await oracle.opener()(NEVER);
    const from = await ensureDictionary(
      root,
      { clock, archiveDestination: null, pollMilliseconds: 1, opens: () => Promise.resolve(true) },
      NEVER,
    );
    expect(BigInt(place.resume.scn)).toBeGreaterThanOrEqual(from);
  });

  it('is refused with the transaction that does not end', async () => {
    await using older = oracle.admin();
    await older.run('BEGIN', 'INSERT INTO thing VALUES (4)');
    // Another one than that of the test before, which the transaction would be behind.
    oracle.buildDictionary();
    const clock = { now: () => 0, timestamp: () => '', sleep: () => Promise.resolve() };
    await expect(prepareLogs(remote(), clock, [TABLE], null, NEVER)).rejects.toMatchObject({
      code: 'PS2010',
      message: expect.stringContaining('is open since SCN') as string,
    });
    await older.run('ROLLBACK');
  });
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

it('is refused while a distributed transaction is in doubt, of which nobody knows where it began', async () => {
  await using other = oracle.admin();
  await other.run('BEGIN', 'INSERT INTO thing VALUES (77)');
  oracle.leaveInDoubt();
  const refused = {
    code: 'PS2010',
    message: expect.stringMatching(/transaction \d+\.\d+\.\d+ is in doubt/) as string,
    remedy: expect.stringContaining('COMMIT FORCE') as string,
  };
  await expect(prepare()).rejects.toMatchObject(refused);
  const { open, settings } = access();
  const described = { misfits: () => 'stop' as const, describe: () => Promise.resolve([]) };
  const context = { access: access(), clock: new SystemClock(), ...described };
  await expect(openLogSnapshot(context, { tables: [TABLE], readers: 1 }, NEVER)).rejects.toMatchObject(refused);
  const told = await checkLogs({ settings, open, openRoot: open, openMining: open }, [TABLE], NEVER);
  expect(told.map(({ code }) => code)).toContain('oracle.in_doubt');
  await admin.run(`REVOKE SELECT ON DBA_2PC_PENDING FROM "${oracle.reader.user}"`);
  const failure = prepare();
  await expect(failure).rejects.toMatchObject({ code: 'PS2004' });
  await admin.run(`GRANT SELECT ON SYS.DBA_2PC_PENDING TO "${oracle.reader.user}"`);
  await other.run('COMMIT');
  expect(await prepare()).toBeDefined();
});

it('is refused on a standby, which knows nothing of the open transactions of its primary', async () => {
  const start = await prepare();
  await admin.run('ALTER DATABASE COMMIT TO SWITCHOVER TO PHYSICAL STANDBY');
  for (const known of [null, start]) {
    await expect(prepare(known)).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('primary') as string,
    });
  }
  await admin.run('ALTER DATABASE COMMIT TO SWITCHOVER TO PRIMARY');
  expect(await prepare(start)).toEqual(start);
});

it('is refused where the server is not as far as the position: it was set back', async () => {
  const start = await prepare();
  const later = start.order.replace(/^\d+/, (scn) => (BigInt(scn) + 1_000_000n).toString().padStart(scn.length, '0'));
  const clock = { now: () => 0, timestamp: () => '', sleep: () => Promise.resolve() };
  const set = prepareLogs(access(), clock, [TABLE], { ...start, order: later }, NEVER);
  await expect(set).rejects.toMatchObject({ code: 'PS2001' });
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
