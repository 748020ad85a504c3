import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOW_TO_SAY_IT, targetOf } from '../test/sqlserver/target.ts';

/**
 * npm run test:sqlserver [-- files and options of vitest]     the contract suites on a real SQL Server, which MSSQL_URL names
 * They make databases and logins called penstock_test_… there, and drop them. Exit 1 when a test failed, 2 when no server is named.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const VITEST = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(/package\.json$/, 'vitest.mjs');
const WRONG = 2;

function refuse(reason) {
  console.error(`${reason}. Nothing was tested. Name a SQL Server (2019 or newer, with SQL Server Agent for cdc):`);
  console.error(`  ${HOW_TO_SAY_IT} npm run test:sqlserver`);
  process.exit(WRONG);
}

const url = process.env['MSSQL_URL'] ?? '';
if (url === '') refuse('MSSQL_URL is not set');
try {
  targetOf(url);
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
const given = ['run', '--config', 'test/sqlserver/vitest.config.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [VITEST, ...given], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
