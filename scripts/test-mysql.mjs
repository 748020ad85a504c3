import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOW_TO_SAY_IT, programAt } from '../test/mysql/given-server.ts';

/**
 * npm run test:mysql [-- files and options of vitest]     the contract suites on a real MySQL, which MYSQLD starts
 * The servers are the tests' own, with data folders of their own, and end with them. Exit 1 when a test failed, 2 when no server is named.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const VITEST = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(/package\.json$/, 'vitest.mjs');
const WRONG = 2;

function refuse(reason) {
  console.error(`${reason}. Nothing was tested. Name the server's program (MySQL 5.7 or newer):`);
  console.error(`  ${HOW_TO_SAY_IT} npm run test:mysql`);
  process.exit(WRONG);
}

const path = process.env['MYSQLD'] ?? '';
if (path === '') refuse('MYSQLD is not set');
try {
  programAt(path);
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
const given = ['run', '--config', 'test/mysql/vitest.config.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [VITEST, ...given], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
