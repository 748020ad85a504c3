import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it.each([
  [undefined, 'MSSQL_URL is not set'],
  ['mssql://sa:secret@db/shop', 'names a database'],
])('MSSQL_URL=%s: tests nothing, says why, and is no success', (url, reason) => {
  const env = { ...process.env, MSSQL_URL: url ?? '' };
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'test-sqlserver.mjs')], {
    env,
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain(reason);
  expect(stderr).toContain('Nothing was tested');
  expect(stderr).not.toContain('secret');
});
