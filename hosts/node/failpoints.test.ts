import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { failpoints } from './failpoints.ts';

describe('failpoints', () => {
  it('does nothing without a text', async () => {
    const pass = failpoints('');
    await pass('extract.after-put');
  });

  it('fails at the n-th passing of its name and at no other', async () => {
    const pass = failpoints('extract.after-put@2:error,load.after-mark@1:error');
    await pass('extract.after-put');
    await pass('extract.after-head');
    await expect(pass('extract.after-put')).rejects.toMatchObject({ code: 'PS3003', retry: 'timed' });
    await pass('extract.after-put');
    await expect(pass('load.after-mark')).rejects.toThrow('load.after-mark');
  });

  it('goes on after a pause', async () => {
    await failpoints('copy.after-begin@1:pause-1')('copy.after-begin');
  });

  it.each(['extract.after-put@1', 'extract.after-put@1:kill'])('kills the process at once for %s', async (text) => {
    const module = new URL('./failpoints.ts', import.meta.url).href;
    const program = `
      const { failpoints } = await import(${JSON.stringify(module)});
      const pass = failpoints(${JSON.stringify(text)});
      await new Promise((resolve) => process.send('before', resolve));
      await pass('extract.after-put');
      process.send('after');`;
    const child = fork('--input-type=module', ['-e', program], { execArgv: [], stdio: 'ignore' });
    const said: unknown[] = [];
    child.on('message', (message) => said.push(message));
    // What it said may be read only after its end.
    const [[code, signal]] = (await Promise.all([once(child, 'exit'), once(child, 'disconnect')])) as [
      unknown[],
      unknown,
    ];
    expect({ code, signal, said }).toEqual({ code: null, signal: 'SIGKILL', said: ['before'] });
  });

  it.each([
    'no.such-point@1',
    'extract.after-put',
    'extract.after-put@0',
    'extract.after-put@1:explode',
    'extract.after-put@1:pause',
    'extract.after-put@x:kill',
    'extract.after-put@1:kill,',
    ' extract.after-put@1:kill',
  ])('refuses %j', (text) => {
    expect(() => failpoints(text)).toThrow('PS1001');
  });
});
