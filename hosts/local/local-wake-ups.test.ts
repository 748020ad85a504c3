import { describe, expect, it } from 'vitest';
import { LocalWakeUps } from './local-wake-ups.ts';

const LONG = 1_000_000;
const never = new AbortController().signal;

describe('wake-ups', () => {
  it('wakes all who wait for the pipeline, and nobody else', async () => {
    const wakeUps = new LocalWakeUps();
    const abort = new AbortController();
    const waiting = [wakeUps.wait('a', LONG, never), wakeUps.wait('a', LONG, never)];
    let isWoken = false;
    const other = wakeUps.wait('b', LONG, abort.signal).then(() => (isWoken = true));
    wakeUps.signal('a');
    await Promise.all(waiting);
    expect(isWoken).toBe(false);
    abort.abort(new Error('the end'));
    await expect(other).rejects.toThrow('the end');
  });

  it('keeps one wake-up for the next who waits, however often it was given', async () => {
    const wakeUps = new LocalWakeUps();
    wakeUps.signal('a');
    wakeUps.signal('a');
    await wakeUps.wait('a', LONG, never);
    const abort = new AbortController();
    const second = wakeUps.wait('a', LONG, abort.signal);
    abort.abort(new Error('still waiting'));
    await expect(second).rejects.toThrow('still waiting');
  });

  it('ends by itself after the time', async () => {
    await new LocalWakeUps().wait('a', 1, never);
  });

  it('loses no wake-up to somebody who gave up', async () => {
    const wakeUps = new LocalWakeUps();
    const abort = new AbortController();
    const waiting = wakeUps.wait('a', LONG, abort.signal);
    abort.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    wakeUps.signal('a');
    await wakeUps.wait('a', LONG, never);
  });

  it('rejects with the reason of a signal that is aborted already, and keeps the wake-up', async () => {
    const wakeUps = new LocalWakeUps();
    wakeUps.signal('a');
    await expect(wakeUps.wait('a', LONG, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    await wakeUps.wait('a', LONG, never);
  });
});
