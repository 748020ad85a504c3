import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildReader } from '../containers/reader/build.ts';
import { bundleWeight, type BundleWeight } from '../infra/pipeline/bundle-weight.ts';
import { FUNCTIONS } from '../infra/pipeline/function-table.ts';
import { bundleOptions } from '../infra/pipeline/bundle.ts';

/**
 * Prints what each deployed bundle weighs, at the start and with the heaviest driver of a source, and how long a new Node process needs until its handler is there: the part of a cold start
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

function report(name: string, { start, most }: BundleWeight, milliseconds: number | null): void {
  const sizes = [start, most].map((bytes) => `${(bytes / 1e6).toFixed(2)} MB`.padStart(9));
  const time = milliseconds === null ? '' : `${Math.round(milliseconds)} ms`.padStart(8);
  process.stdout.write(`${name.padEnd(20)}${sizes.join('')}${time}\n`);
}

const folder = await mkdtemp(join(tmpdir(), 'penstock-bundles-'));
try {
  // A process that imports nothing: Node's own part, which is taken off.
  const nothing = await median(await emptyModule());
  for (const { name, entry } of functions()) {
    const target = join(folder, name);
    const { metafile } = await build({ ...bundleOptions(entry, target), metafile: true });
    report(name, bundleWeight(metafile, entry), (await median(join(target, 'index.mjs'))) - nothing);
  }
  report('reader', bundleWeight(await buildReader(join(folder, 'reader')), 'containers/reader/main.ts'), null);
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
