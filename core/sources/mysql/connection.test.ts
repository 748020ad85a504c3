import { describe, expect, it } from 'vitest';
import { mysqlAccess } from '../../../test/fixtures/mysql-access.ts';
import { startSha2Server } from '../../../test/fixtures/sha2-server.ts';
import { openSession, versionNumber } from './connection.ts';

const NEVER = new AbortController().signal;

describe('the login of MySQL 8 (caching_sha2_password)', () => {
  it.each([
    ['that the server has seen before', true],
    ['that the server sees for the first time, over its public key', false],
  ])('proves a password %s', async (_, isCached) => {
    await using server = await startSha2Server("p'ss wörd", isCached);
    await using session = await openSession(mysqlAccess(server.address, 'shop'), NEVER);
    expect(session).toMatchObject({ isMariaDb: false, version: 80_036 });
    expect(server.statements.join('; ')).toMatch(/time_zone = '\+00:00'.*max_execution_time = 0/s);
  });

  it.each([true, false])('is refused with another password (seen before: %s)', async (isCached) => {
    await using server = await startSha2Server('right', isCached);
    const access = { ...mysqlAccess(server.address, 'shop'), password: () => Promise.resolve('wrong') };
    await expect(openSession(access, NEVER)).rejects.toMatchObject({ code: 'PS2003' });
    expect(server.statements).toEqual([]);
  });
});

it.each([
  ['8.0.36', 80_036],
  ['5.7.44-log', 50_744],
  ['10.11.19-MariaDB-0+deb12u1-log', 101_119],
  ['5.5.5-10.11.2-MariaDB', 101_102],
  ['9.1.0', 90_100],
  ['?', 0],
])('reads the version %s', (text, version) => {
  expect(versionNumber(text)).toBe(version);
});
