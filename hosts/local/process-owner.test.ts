import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ownerIsGone, processOwner } from './process-owner.ts';

const MODULE = new URL('./process-owner.ts', import.meta.url).href;

describe('who holds a lease', () => {
  it('is not gone as long as it runs, and is once it has ended', async () => {
    const program = `
      const { processOwner } = await import(${JSON.stringify(MODULE)});
      console.log(processOwner());
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const owner = said.toString().trim();
    expect(owner).not.toBe(processOwner());
    expect(ownerIsGone(owner)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(ownerIsGone(owner)).toBe(true);
  });

  it('is not this process, which runs', () => {
    expect(ownerIsGone(processOwner())).toBe(false);
  });

  it('is gone where its pid belongs to a process that started at another time', () => {
    const [machine, pid] = processOwner().split('/');
    expect(ownerIsGone(`${machine}/${pid}/1`)).toBe(true);
  });

  it.each(['', 'a', 'a/1/2', 'another.machine/999999999/1', '/x/y'])(
    'is not certainly gone where it is %j',
    (owner) => {
      expect(ownerIsGone(owner)).toBe(false);
    },
  );
});
