import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { SOURCE_TYPES } from '../test/fixtures/test-source.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const results = z.object({ figures: z.record(z.string(), z.object({ value: z.number() })) });

async function bench(words: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, text };
}

test.each(SOURCE_TYPES)('every part runs, compares what it made, and writes its figures: %s', async (source) => {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-bench-test-'));
  const json = join(folder, 'deeper', 'figures.json');
  try {
    const small = '--rows 4000 --repeats 1 --lag-seconds 5 --memory-rows 4000'.split(' ');
    const { exitCode, text } = await bench(['--source', source, ...small, '--json', json]);
    expect(exitCode, text).toBe(0);
    const { figures } = results.parse(JSON.parse(await readFile(json, 'utf8')));
    const expected = [
      'full.ratio',
      'changes.ratio',
      'lag.p99',
      'memory.copyPeak',
      'memory.transactionPeak',
      'redo.ratio',
      'mining.peak',
      'mining.undonePeak',
    ];
    for (const name of expected) {
      expect(figures[name]?.value, name).toBeGreaterThan(0);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a wrong call says what was expected', async () => {
  const { exitCode, text } = await bench(['--only', 'speed']);
  expect(exitCode).toBe(2);
  expect(text).toContain('--only speed: expected one of full, changes, lag, memory');
});
