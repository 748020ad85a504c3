// Runs every check, says how long each took, and ends with one line: `N passed, N failed`.
// A failed step of types, lint or format counts as one failed; so does a test that was skipped.
// What failed is named once more at the end: whoever sees only the tail of a long run knows it too.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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
  return run(program, args)
    ? { passed: 0, failed: 0, names: [] }
    : { passed: 0, failed: 1, names: [[program, ...args].join(' ')] };
}

function testStep(project) {
  const report = join(REPORTS, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ended = run('vitest', ['run', '--project', project, ...reporters]);
  const counts = countsOf(report);
  // Vitest also fails for errors outside tests: they must not vanish behind passed tests.
  if (ended || counts.failed > 0) return counts;
  return { ...counts, failed: 1, names: [`${project}: an error outside of tests`] };
}

function countsOf(report) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, names: [`no report was written: ${relative(ROOT, report)}`] };
  }
  const names = results.testResults.flatMap(failuresOf);
  const notRun = results.numPendingTests + results.numTodoTests;
  if (notRun > 0) names.push(`${notRun} tests did not run`);
  return { passed: results.numPassedTests, failed: Math.max(names.length, results.numFailedTests + notRun), names };
}

/** The file, the test's full name and the first line of why, of every test of a file that failed. */
function failuresOf(file) {
  const path = relative(ROOT, file.name);
  if (file.status === 'failed' && file.assertionResults.length === 0) return [`${path}: ${firstLine(file.message)}`];
  return file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${path} > ${fullName}: ${firstLine(failureMessages[0])}`);
}

function firstLine(message) {
  return (message ?? '').trim().split('\n', 1)[0].slice(0, 300);
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
const total = { passed: 0, failed: 0, names: [] };
for (const [name, step] of STEPS) {
  console.log(`\n== ${name}`);
  const begin = process.hrtime.bigint();
  const { passed, failed, names } = step();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  total.passed += passed;
  total.failed += failed;
  total.names.push(...names);
  lines.push(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
console.log(`\n${lines.join('\n')}\n`);
for (const name of total.names) console.log(`failed: ${name}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
