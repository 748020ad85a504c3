import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { FakeOracle, ROOT } from '../../../test/fixtures/oracle-fake/fake-oracle.ts';
import { selectionOf } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { SystemClock } from '../../../hosts/node/system-clock.ts';
import { currentPosition } from './current-position.ts';
import { minedPlaceOf } from './mining/mined-place.ts';
import { openLogSnapshot, type OpeningContext } from './open-snapshot.ts';
import { describeTables, prepareLogs } from './prepare.ts';
import { ORACLE_VARIANTS } from './server/variants.ts';
import { oracleSettings } from './settings.ts';

const NEVER = new AbortController().signal;
const TABLE = selectionOf('THING', { table: { schema: 'APP', name: 'THING' } });

let oracle: FakeOracle;
beforeAll(async () => {
  oracle = await FakeOracle.open(inject('postgres'), 'oracle_hand_off', { pluggable: ['SHOP', 'OTHER'] });
  for (const container of ['SHOP', 'OTHER']) {
    await oracle.admin({ container }).run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))');
  }
});
afterAll(() => oracle[Symbol.asyncDispose]());

function context(): OpeningContext {
  const variant = ORACLE_VARIANTS.find(({ type }) => type === 'oraclePluggable');
  if (variant === undefined) throw new Error('no variant');
  const settings = oracleSettings(variant).parse({
    ...{ host: '127.0.0.1', database: 'shop', user: 'X' },
    rootDatabase: { database: 'cdb', user: 'X', password: { env: 'ROOT' } },
  });
  const open = oracle.opener({ container: 'SHOP' });
  const openRoot = oracle.opener({ container: ROOT });
  return {
    access: { settings, open, openRoot, openMining: openRoot },
    misfits: () => 'stop',
    clock: new SystemClock(),
    describe: (session, tables) => describeTables(session, tables, { fromLogs: true, policies: settings }),
  };
}

it('is refused where the user sees nothing of the pluggable database in the root, whose open transactions would be lost', async () => {
  oracle.facts.containerData = 'DEFAULT';
  const refused = { code: 'PS2004', remedy: expect.stringContaining('SET CONTAINER_DATA') as string };
  await expect(openLogSnapshot(context(), { tables: [TABLE], readers: 1 }, NEVER)).rejects.toMatchObject(refused);
  await expect(prepareLogs(context().access, new SystemClock(), [TABLE], null, NEVER)).rejects.toMatchObject(refused);
  oracle.facts.containerData = 'ALL';
});

it('knows the transactions of all containers that were open, and copies none of them', async () => {
  const shop = oracle.admin({ container: 'SHOP' });
  const other = oracle.admin({ container: 'OTHER' });
  await shop.run('INSERT INTO thing VALUES (1)', 'BEGIN', 'INSERT INTO thing VALUES (2)');
  await other.run('BEGIN', 'INSERT INTO thing VALUES (3)');
  await using snapshot = await openLogSnapshot(context(), { tables: [TABLE], readers: 1 }, NEVER);
  await shop.run('COMMIT');
  await other.run('COMMIT');
  const { resume, firstStart, startScn } = minedPlaceOf(snapshot.position);
  expect(firstStart?.openTransactions.map((key) => key.split(':')[0]).sort()).toEqual(['3', '4']);
  const { openFloorScn = '0' } = firstStart ?? {};
  expect(BigInt(resume.scn)).toBeLessThan(BigInt(openFloorScn));
  expect(BigInt(openFloorScn)).toBeLessThanOrEqual(BigInt(startScn));
  const later = await currentPosition(context().access, NEVER);
  expect(later.lineage).toBe(snapshot.position.lineage);
  expect(later.order > snapshot.position.order).toBe(true);
  expect(snapshot.position.lineage).toMatch(/^oracle\/\d+\/\d+@\d+\/SHOP@\d+\//);
  const schema = await context()
    .access.open(NEVER)
    .then(async (session) => {
      const [table] = await context().describe(session, [TABLE]);
      await session[Symbol.asyncDispose]();
      return table?.schema;
    });
  if (schema === undefined) throw new Error('no schema');
  const texts: string[] = [];
  const { bytes } = await snapshot.readChunk(TABLE, schema, { tag: 'whole' }, NEVER);
  for await (const piece of bytes) texts.push(piece.toString('utf8'));
  expect(texts.join('')).toBe('1\n');
});

it('waits until the SCN is surely behind the last change of structure, and can be stopped', async () => {
  const shop = oracle.admin({ container: 'SHOP' });
  await shop.run('ALTER TABLE thing ADD (more VARCHAR2(5))');
  await using snapshot = await openLogSnapshot(context(), { tables: [TABLE], readers: 1 }, NEVER);
  expect(minedPlaceOf(snapshot.position).firstStart?.openTransactions).toEqual([]);
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  await expect(openLogSnapshot(context(), { tables: [TABLE], readers: 1 }, controller.signal)).rejects.toThrow(
    'enough',
  );
});
