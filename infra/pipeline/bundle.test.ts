import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleOptions, MOST_BUNDLE_BYTES, REPOSITORY } from './bundle.ts';
import { FUNCTION_NAMES, functionEntry, type FunctionName } from './function-table.ts';

const run = promisify(execFile);
const WRITTEN = FUNCTION_NAMES.filter((name) => existsSync(join(REPOSITORY, functionEntry(name).entry)));
const sizes = new Map<FunctionName, number>();
let folder = '';

function bundleOf(name: FunctionName): string {
  return join(folder, name, 'index.mjs');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-bundles-'));
  for (const name of WRITTEN) {
    await build(bundleOptions(functionEntry(name).entry, join(folder, name)));
    sizes.set(name, (await stat(bundleOf(name))).size);
  }
  const table = [...sizes].map(([name, bytes]) => `  ${name.padEnd(18)} ${(bytes / 1e6).toFixed(2)} MB`);
  process.stdout.write(`bundles, minified and not compressed:\n${table.join('\n')}\n`);
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('bundles of functions', () => {
  it.each(WRITTEN)('%s is smaller than 3 MB', (name) => {
    expect(sizes.get(name)).toBeGreaterThan(1000);
    expect(sizes.get(name)).toBeLessThan(MOST_BUNDLE_BYTES);
  });

  it.each(WRITTEN)('%s can be imported with nothing beside it, and has a handler', async (name) => {
    const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(bundleOf(name)).href)});
      process.stdout.write(typeof handler);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder, env: {} });
    expect(stdout).toBe('function');
  });
});
