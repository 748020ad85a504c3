// Runs every check, says how long each took, and ends with one line: `N passed, N failed`.
// A failed step of types, lint or format counts as one failed; so does a test that was skipped.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const REPORTS = join(ROOT, '.cache', 'test');
const PROGRAMS = join(ROOT, 'node_modules', '.bin');
const environment = { ...process.env, PATH: `${PROGRAMS}:${process.env.PATH ?? ''}` };

function run(program, args) {
  const { status, signal } = spawnSync(join(PROGRAMS, program), args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: environment,
  });
  if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(1);
  return status === 0;
}

function checkStep(program, ...args) {
  return { passed: 0, failed: run(program, args) ? 0 : 1 };
}

function testStep(project) {
  const report = join(REPORTS, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ended = run('vitest', ['run', '--project', project, ...reporters]);
  const counts = countsOf(report);
  // Vitest also fails for errors outside tests: they must not vanish behind passed tests.
  return !ended && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function countsOf(report) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const notRun = results.numPendingTests + results.numTodoTests;
  if (notRun > 0) console.log(`${notRun} tests did not run: counted as failed`);
  return { passed: results.numPassedTests, failed: results.numFailedTests + brokenFiles.length + notRun };
}

const STEPS = [
  ['types', () => checkStep('tsc')],
  ['types of the pages', () => checkStep('tsc', '-p', 'web/console')],
  ['lint', () => checkStep('eslint', '.')],
  ['format', () => checkStep('prettier', '--check', '--log-level', 'warn', '.')],
  ['unit tests', () => testStep('unit')],
  ['server tests (PostgreSQL and MariaDB)', () => testStep('server')],
  ['browser tests (the console in Chromium)', () => testStep('browser')],
  ['simulation', () => testStep('simulation')],
];

mkdirSync(REPORTS, { recursive: true });
const lines = [];
const total = { passed: 0, failed: 0 };
for (const [name, step] of STEPS) {
  console.log(`\n== ${name}`);
  const begin = process.hrtime.bigint();
  const { passed, failed } = step();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  total.passed += passed;
  total.failed += failed;
  lines.push(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
