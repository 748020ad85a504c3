import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOW_TO_SAY_IT, targetOf } from '../test/oracle/target.ts';

/**
 * npm run test:oracle [-- files and options of vitest]     the contract suites on a real Oracle, which ORACLE_URL names
 * They make users called PENSTOCK_TEST_… there, with their tables, and drop them. ORACLE_OWN_URL names a second server, whose archived logs they may
 * remove. Exit 1 when a test failed, 2 when no server is named.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const VITEST = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(/package\.json$/, 'vitest.mjs');
const WRONG = 2;

function refuse(reason) {
  console.error(`${reason}. Nothing was tested. Name an Oracle Database (12.1 or newer, in ARCHIVELOG mode):`);
  console.error(`  ${HOW_TO_SAY_IT} npm run test:oracle`);
  console.error(
    '  ORACLE_OWN_URL, the same for a second one: its archived logs are removed, to see what becomes of that.',
  );
  process.exit(WRONG);
}

const url = process.env['ORACLE_URL'] ?? '';
if (url === '') refuse('ORACLE_URL is not set');
try {
  targetOf(url);
  if ((process.env['ORACLE_OWN_URL'] ?? '') !== '') targetOf(process.env['ORACLE_OWN_URL'], 'ORACLE_OWN_URL');
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
const given = ['run', '--config', 'test/oracle/vitest.config.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [VITEST, ...given], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
