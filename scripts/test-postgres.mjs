import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOW_TO_SAY_IT, serverIn } from '../test/postgres/given-server.ts';

/**
 * npm run test:postgres [-- files and options of vitest]     the contract suites on a real PostgreSQL, whose programs POSTGRES_BIN has
 * The servers are the tests' own, with data folders of their own, and end with them. Exit 1 when a test failed, 2 when no server is named.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const VITEST = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(/package\.json$/, 'vitest.mjs');
const WRONG = 2;

function refuse(reason) {
  console.error(`${reason}. Nothing was tested. Name the folder with postgres and initdb (PostgreSQL 10 or newer):`);
  console.error(`  ${HOW_TO_SAY_IT} npm run test:postgres`);
  process.exit(WRONG);
}

const folder = process.env['POSTGRES_BIN'] ?? '';
if (folder === '') refuse('POSTGRES_BIN is not set');
try {
  serverIn(folder);
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
const given = ['run', '--config', 'test/postgres/vitest.config.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [VITEST, ...given], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
