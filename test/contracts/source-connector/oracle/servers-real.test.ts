import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { targetOf } from '../../../oracle/target.ts';
import { grantingLogs, grantingTables, realOracle, sourceSettings, typeOf, usersOf } from './servers-real.ts';

// What the suites would do on an Oracle, as far as it can be told without one.

it('takes the kind of source that the release and the container ask for', () => {
  expect(typeOf(18, 'continuousLogMiner', false)).toBe('oracle');
  expect(typeOf(12, 'continuousLogMiner', true)).toBe('oraclePluggable');
  expect(typeOf(19, 'continuousLogMiner', false)).toBe('oracle19c');
  expect(typeOf(23, 'continuousLogMiner', true)).toBe('oracle19cPluggable');
  expect(typeOf(23, 'timestamps', false)).toBe('oracle');
});

it('makes settings that the kind of source takes, with a common user for the root', () => {
  const target = targetOf('oracle://sys:x@db/SHOP?root=CDB&tls=true&ca=/ca.pem');
  const { reader } = usersOf('contract_copy', 'continuousLogMiner', true);
  const tested = { type: 'oracle19cPluggable', extractType: 'continuousLogMiner', reader } as const;
  expect(sourceSettings(target, tested, {})).toMatchObject({
    ...{ host: 'db', port: 1521, database: 'SHOP', user: 'C##PENSTOCK_TEST_L_COPY_R', pollSeconds: 0.05 },
    tls: { mode: 'verify', ca: '/ca.pem' },
    rootDatabase: { host: 'db', port: 1521, database: 'CDB', user: 'C##PENSTOCK_TEST_L_COPY_R' },
  });
  const alone = { type: 'oracle', extractType: 'timestamps', reader: 'R' } as const;
  const full = { settings: { extractType: 'fullExtracts' } };
  expect(sourceSettings(targetOf('oracle://sys:x@db/:ORCL'), alone, full)).toMatchObject({
    extractType: 'fullExtracts',
  });
});

it('gives users names that every release takes, another one for each database of the suites', () => {
  const names = ['contract_copy', 'contract_check', 'contract_hand_off', 'polls_timestamps', 'polls_full_extracts'];
  const users = names.map((name) => usersOf(name, 'continuousLogMiner', true));
  const all = users.flatMap(({ schema, reader, poor }) => [schema, reader, poor]);
  expect(new Set(all).size).toBe(all.length);
  for (const user of all) expect(user).toMatch(/^(C##)?PENSTOCK_TEST_[A-Z0-9_]{1,15}$/);
});

it('grants a common user what he needs in the root, and lets him see the others there', () => {
  expect(grantingTables('R', false)).not.toContainEqual(expect.stringContaining('INCARNATION'));
  expect(grantingLogs('R', false)).not.toContainEqual(expect.stringContaining('CONTAINER'));
  expect(grantingLogs('R', true).at(-1)).toBe('ALTER USER "R" SET CONTAINER_DATA = ALL CONTAINER = CURRENT');
});

it('grants what the docs ask for, and no more', async () => {
  const docs = await readFile(new URL('../../../../docs/oracle.md', import.meta.url), 'utf8');
  for (const isPluggable of [false, true]) {
    const user = isPluggable ? 'C##PENSTOCK' : 'PENSTOCK';
    for (const grant of [...grantingTables('R', isPluggable), ...grantingLogs('R', isPluggable)]) {
      const [what] = / ON SYS\.\S+|SET CONTAINER_DATA.*|LOGMINING, SELECT ANY TRANSACTION/.exec(grant) ?? [];
      expect(docs, `${grant}, for ${user}`).toContain(what);
    }
  }
  const asked = new Set([...docs.matchAll(/^GRANT \w+ ON SYS\.(\S+) TO /gm)].map(([, name]) => name ?? ''));
  const granted = [...grantingTables('R', true), ...grantingLogs('R', true)];
  for (const name of asked) expect(granted.join('\n')).toContain(`SYS.${name} TO`);
});

it('says which server it did not find, without its password', async () => {
  const server = realOracle(targetOf('oracle://sys:secret@127.0.0.1:1/ORCL'), 'continuousLogMiner');
  const failure = server.database('contract_x');
  await expect(failure).rejects.toThrow(/127\.0\.0\.1|NJS-503/);
  await expect(failure).rejects.not.toThrow('secret');
});
