import { describe, expect, it } from 'vitest';
import { millisecondsFromTimestamp } from '../../core/changes/timestamp.ts';
import { SystemClock } from './system-clock.ts';

describe('the clock of the machine', () => {
  it('gives timestamps of one form that only ever grow, near its own time', () => {
    const clock = new SystemClock();
    const before = clock.now();
    const timestamps = Array.from({ length: 10_000 }, () => clock.timestamp());
    const after = clock.now();
    expect(timestamps[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(new Set(timestamps).size).toBe(timestamps.length);
    expect([...timestamps].sort()).toEqual(timestamps);
    for (const timestamp of timestamps) {
      expect(millisecondsFromTimestamp(timestamp)).toBeGreaterThanOrEqual(before - 5);
      expect(millisecondsFromTimestamp(timestamp)).toBeLessThanOrEqual(after + 15);
    }
  });

  it('rejects a sleep with the reason of its signal, before and during it', async () => {
    const clock = new SystemClock();
    await expect(clock.sleep(1_000_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    const abort = new AbortController();
    const sleeping = clock.sleep(1_000_000, abort.signal);
    abort.abort(new Error('during'));
    await expect(sleeping).rejects.toThrow('during');
    await clock.sleep(1, new AbortController().signal);
  });

  it('does not take a very long sleep for none', async () => {
    const abort = new AbortController();
    const sleeping = new SystemClock().sleep(2 ** 40, abort.signal).then(() => 'over');
    const first = await Promise.race([sleeping, new Promise((resolve) => setTimeout(resolve, 30, 'asleep'))]);
    abort.abort(new Error('woken'));
    await sleeping.catch(() => undefined);
    expect(first).toBe('asleep');
  });
});
