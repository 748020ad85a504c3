import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs cfn-lint on the templates that `npm run synth` wrote, where Python's cfn-lint is at hand. */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OWN = '.cache/cfn-lint';
const COMMANDS = [[`${ROOT}${OWN}/bin/cfn-lint`], ['cfn-lint'], ['python3', '-m', 'cfnlint']];
/** Older ones do not know that dashboards have tags. */
const OLDEST = [1, 58];
/** What is not looked at, and why. */
const IGNORED = {
  W3005: 'CDK also writes down dependencies that a reference implies',
  W6001: 'a reader on premises is told the names of bucket and table by an output of its pipeline',
};

const run = ([command, ...given], ...more) =>
  spawnSync(command, [...given, ...more], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });

function versionOf(command) {
  const { status, stdout } = run(command, '--version');
  const [, major, minor] = status === 0 ? (/(\d+)\.(\d+)/.exec(stdout) ?? []) : [];
  return major === undefined ? null : { command, text: stdout.trim(), numbers: [Number(major), Number(minor)] };
}

const isNewEnough = ({ numbers: [major, minor] }) => major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);

const found = COMMANDS.map(versionOf).filter((version) => version !== null);
const linter = found.find(isNewEnough);
const templates = globSync('cdk.out/*/*.template.json', { cwd: ROOT });

if (linter === undefined) {
  const why = found.length === 0 ? 'is not at hand' : `at hand is too old (${found[0].text})`;
  console.log(`cfn-lint ${why}, so no template was looked at. To get one from ${OLDEST.join('.')} on:`);
  console.log(`  python3 -m venv ${OWN} && ${OWN}/bin/pip install cfn-lint`);
} else if (templates.length === 0) {
  console.error('There are no templates: run `npm run synth` first.');
  process.exitCode = 1;
} else {
  const { status, stdout, stderr } = run(
    linter.command,
    ...['--ignore-checks', ...Object.keys(IGNORED)],
    ...['--non-zero-exit-code', 'warning', '--', ...templates],
  );
  if (stdout !== '') console.log(stdout);
  if (stderr !== '') console.error(stderr);
  console.log(`${linter.text}: ${templates.length} templates, ${status === 0 ? 'nothing found' : 'see above'}`);
  process.exitCode = status ?? 1;
}
