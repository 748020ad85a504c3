// Runs every check, says how long each took, and ends with one line: `N passed, N failed`.
// A failed step of types, lint or format counts as one failed; so does a test that was skipped.
// What failed is named once more at the end: whoever sees only the tail of a long run knows it too.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const REPORTS = join(ROOT, '.cache', 'test');
const PROGRAMS = join(ROOT, 'node_modules', '.bin');
const running = new Set();
const environment = {
  ...process.env,
  PATH: `${PROGRAMS}:${process.env.PATH ?? ''}`,
  // Hundreds of processes load the same modules: each compiles only what none before it has.
  NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled'),
};

/** Ends with the process's output, or with null where that was shown at once. */
function run(program, args, isShownAtOnce) {
  const output = isShownAtOnce ? 'inherit' : 'pipe';
  const child = spawn(join(PROGRAMS, program), args, {
    cwd: ROOT,
    stdio: ['inherit', output, output],
    env: environment,
  });
  running.add(child);
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => said.push(data));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      if (signal === 'SIGINT' || signal === 'SIGTERM') {
        for (const other of running) other.kill(signal);
        process.exit(1);
      }
      resolve({ ended: code === 0, said: isShownAtOnce ? null : Buffer.concat(said).toString() });
    });
  });
}

async function checkStep(program, ...args) {
  const { ended, said } = await run(program, args, false);
  return ended
    ? { passed: 0, failed: 0, names: [], said }
    : { passed: 0, failed: 1, names: [[program, ...args].join(' ')], said };
}

/** `projects`: those of vitest that are meant, where it is not the one of that name. */
async function testStep(project, { projects = project, isShownAtOnce = false } = {}) {
  const report = join(REPORTS, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { ended, said } = await run('vitest', ['run', '--project', projects, ...reporters], isShownAtOnce);
  const counts = { ...countsOf(report), said };
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

/**
 * Steps of a lane run one after the other, lanes beside each other: the tests on servers wait more than they compute, and most of the
 * others use one core. What a step of the first lane says is shown when it is over.
 */
const LANES = [
  [
    ['types', () => checkStep('tsc')],
    ['types of the pages', () => checkStep('tsc', '-p', 'web/console')],
    ['lint', () => checkStep('eslint', '.')],
    ['format', () => checkStep('prettier', '--check', '--log-level', 'warn', '.')],
    ['unit tests', () => testStep('unit', { projects: 'unit*' })],
    ['browser tests (the console in Chromium)', () => testStep('browser')],
    ['simulation', () => testStep('simulation')],
  ],
  [['server tests (PostgreSQL and MariaDB)', () => testStep('server', { isShownAtOnce: true })]],
];

mkdirSync(REPORTS, { recursive: true });
const lines = [];
const total = { passed: 0, failed: 0, names: [] };

async function runLane(steps) {
  for (const [name, step] of steps) {
    console.log(`\n== ${name}: begins`);
    const begin = process.hrtime.bigint();
    const { passed, failed, names, said } = await step();
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    if (said !== null) console.log(`\n== ${name}\n${said}`);
    total.passed += passed;
    total.failed += failed;
    total.names.push(...names);
    lines.push(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
  }
}

await Promise.all(LANES.map(runLane));
console.log(`\n${lines.join('\n')}\n`);
for (const name of total.names) console.log(`failed: ${name}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
