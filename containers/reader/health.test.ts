import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heartbeat } from './heartbeat.ts';

/** The health check's exit code, as the container runs it. */
async function health(folder: string): Promise<unknown> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'health.ts')], {
    env: { PATH: process.env['PATH'], TMPDIR: folder },
  });
  const [code] = (await once(child, 'close')) as unknown[];
  return code;
}

test('a reader is well while its heartbeat is fresh', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-health-'));
  const file = join(folder, 'penstock-heartbeat');
  try {
    expect(await health(folder)).toBe(1);
    heartbeat(file)[Symbol.dispose]();
    expect(await health(folder)).toBe(0);
    const old = Date.now() / 1000 - 120;
    await utimes(file, old, old);
    expect(await health(folder)).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
