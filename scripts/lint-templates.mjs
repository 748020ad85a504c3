import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs cfn-lint on the templates that `npm run synth` wrote, where Python's cfn-lint is at hand. */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TEMPLATES = 'cdk.out/*/*.template.json';
const COMMANDS = [['cfn-lint'], ['.cache/cfn-lint/bin/cfn-lint'], ['python3', '-m', 'cfnlint']];

function run([command, ...given], ...more) {
  const isOwn = command.startsWith('.cache/');
  if (isOwn && !existsSync(`${ROOT}${command}`)) return { status: null, stdout: '' };
  return spawnSync(isOwn ? `${ROOT}${command}` : command, [...given, ...more], { cwd: ROOT, encoding: 'utf8' });
}

const found = COMMANDS.map((command) => ({ command, version: run(command, '--version') })).find(
  ({ version }) => version.status === 0,
);
const templates = globSync(TEMPLATES, { cwd: ROOT });

if (found === undefined) {
  console.log('cfn-lint is not at hand, so no template was looked at. To get it:');
  console.log('  python3 -m venv .cache/cfn-lint && .cache/cfn-lint/bin/pip install cfn-lint');
} else if (templates.length === 0) {
  console.error('There are no templates: run `npm run synth` first.');
  process.exitCode = 1;
} else {
  const { status, stdout, stderr } = run(found.command, '--non-zero-exit-code', 'informational', '--', ...templates);
  if (stdout !== '') console.log(stdout);
  if (stderr !== '') console.error(stderr);
  console.log(
    `${found.version.stdout.trim()}: ${templates.length} templates, ${status === 0 ? 'nothing found' : 'see above'}`,
  );
  process.exitCode = status ?? 1;
}
