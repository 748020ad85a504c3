import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildReader } from '../containers/reader/build.ts';
import { FUNCTIONS } from '../infra/pipeline/function-table.ts';
import { bundleOptions } from '../infra/pipeline/bundle.ts';

/**
 * Prints what each deployed bundle weighs, and how long a new Node process needs until its handler is there: the part of a cold start
 * that the code decides. Nothing is asserted: the figures are this machine's. `node scripts/measure-bundles.ts [runs]`
 */

const RUNS = Number(process.argv[2] ?? 7);

async function startMilliseconds(file: string): Promise<number> {
  const begin = performance.now();
  const script = `await import(${JSON.stringify(pathToFileURL(file).href)}); process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
  await once(child, 'close');
  return performance.now() - begin;
}

async function median(file: string): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await startMilliseconds(file));
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

async function report(name: string, file: string, nothing: number): Promise<void> {
  const { size } = await stat(file);
  const milliseconds = name === 'reader' ? '' : `${Math.round((await median(file)) - nothing)} ms`.padStart(8);
  process.stdout.write(`${name.padEnd(20)}${`${(size / 1e6).toFixed(2)} MB`.padStart(9)}${milliseconds}\n`);
}

const folder = await mkdtemp(join(tmpdir(), 'penstock-bundles-'));
try {
  // A process that imports nothing: Node's own part, which is taken off.
  const nothing = await median(await emptyModule());
  for (const { name, entry } of functions()) {
    const target = join(folder, name);
    await build(bundleOptions(entry, target));
    await report(name, join(target, 'index.mjs'), nothing);
  }
  await buildReader(join(folder, 'reader'));
  await report('reader', join(folder, 'reader/main.mjs'), nothing);
} finally {
  await rm(folder, { recursive: true });
}

async function emptyModule(): Promise<string> {
  const file = join(folder, 'empty.mjs');
  await writeFile(file, 'export {};');
  return file;
}

function functions(): readonly { readonly name: string; readonly entry: string }[] {
  return Object.entries(FUNCTIONS).map(([name, { entry }]) => ({ name, entry }));
}
