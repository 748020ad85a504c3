// Makes a fresh clone ready to run: packages, Node 24, MariaDB; for the tests Chromium, too (`--browser`). Safe to repeat; a second run takes no time.
// Plain JavaScript without packages, because it runs on the machine's own Node (20 or newer) before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCKFILE = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.penstock-setup');
const NODE = join(ROOT, 'node_modules', '.bin', 'node');
const NODE_MAJOR = 24;

const say = (line) => process.stderr.write(`setup: ${line}\n`);

/** Ends the set-up with what the user can do about it. */
function giveUp(problem, instruction) {
  say(problem);
  for (const line of instruction) say(`  ${line}`);
  process.exit(1);
}

function run(command, args) {
  say(`${command} ${args.join(' ')}`);
  return spawnSync(command, args, { cwd: ROOT, stdio: ['inherit', 2, 2] }).status === 0;
}

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** By content where this script installed them; a lockfile that was merely checked out again is no reason to install again. */
function packagesAreCurrent(lockHash) {
  if (!existsSync(INSTALLED) || !existsSync(NODE)) return false;
  if (existsSync(STAMP)) return readFileSync(STAMP, 'utf8') === lockHash;
  return statSync(INSTALLED).mtimeMs >= statSync(LOCKFILE).mtimeMs - 1000;
}

function installPackages() {
  const lockHash = createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex');
  if (!packagesAreCurrent(lockHash)) {
    say('installing the npm packages (once, about a minute)');
    // Warnings would be about the machine's own Node, on which nothing but this file runs.
    if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
      giveUp('npm ci failed; its message stands above.', [
        'Check that this machine reaches its npm registry, then run the command again.',
      ]);
    }
  }
  writeFileSync(STAMP, lockHash);
}

function checkNode() {
  const { stdout } = spawnSync(NODE, ['--version'], { encoding: 'utf8' });
  const version = (stdout ?? '').trim();
  if (!version.startsWith(`v${NODE_MAJOR}.`)) {
    giveUp(`node_modules/.bin/node is ${version || 'not there'}, not Node ${NODE_MAJOR}.`, [
      'Remove the folder node_modules and run the command again.',
      `The npm package "node" brings Node ${NODE_MAJOR}; it needs its install script, so npm's ignore-scripts must be off.`,
    ]);
  }
  return version;
}

function findProgram(names) {
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    '/usr/sbin',
    '/usr/bin',
    '/usr/local/sbin',
    '/usr/local/bin',
  ];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

const MARIADB = {
  label: 'MariaDB',
  purpose: 'it stands in for SingleStore in the demo and the tests',
  package: 'mariadb-server',
  programs: ['mariadbd'],
  elsewhere: ['  Fedora:          sudo dnf install mariadb-server', '  macOS:           brew install mariadb'],
};
const CHROMIUM = {
  label: 'Chromium',
  purpose: 'the tests drive the console in it',
  package: 'chromium',
  programs: ['chromium', 'chromium-browser', 'google-chrome'],
  elsewhere: ['  Fedora:          sudo dnf install chromium', '  macOS:           brew install --cask chromium'],
};

function install(program) {
  const { label, purpose } = program;
  const instruction = [
    `${purpose[0].toUpperCase()}${purpose.slice(1)}. Install it by hand, then run the command again:`,
    `  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install --no-install-recommends ${program.package}`,
    ...program.elsewhere,
  ];
  const isRoot = process.getuid?.() === 0;
  if (!works('apt-get', ['--version'])) {
    giveUp(`${label} is missing, and there is no apt-get to install it.`, instruction);
  }
  if (!isRoot && !works('sudo', ['--version'])) {
    giveUp(`${label} is missing, and installing it needs root or sudo.`, instruction);
  }
  say(`installing ${label} from apt (once); ${purpose}`);
  const apt = (...args) => {
    const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
    return isRoot ? run('env', command.slice(1)) : run('sudo', command);
  };
  const installPackage = () => apt('install', '-y', '--no-install-recommends', program.package);
  const isKnown = works('apt-cache', ['show', program.package]);
  // An old package list knows the package, but names files that the mirror has no more: hence the second try.
  if (!(isKnown && installPackage()) && !(apt('update') && installPackage())) {
    giveUp(`apt-get could not install ${label}; its message stands above.`, instruction);
  }
  const found = findProgram(program.programs);
  if (found === undefined) giveUp(`${label} was installed, but ${program.programs[0]} is not found.`, instruction);
  return found;
}

installPackages();
const version = checkNode();
const programs = (process.argv.includes('--browser') ? [MARIADB, CHROMIUM] : [MARIADB]).map(
  (program) => findProgram(program.programs) ?? install(program),
);
say(`ready: packages, Node ${version.slice(1)}, ${programs.join(', ')}`);
