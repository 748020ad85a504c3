import { LocalWakeUps } from '../../hosts/local/local-wake-ups.ts';
import { wakeUpsContract } from './wake-ups.ts';

wakeUpsContract('within a process', () => {
  const wakeUps = new LocalWakeUps();
  return Promise.resolve({
    wakeUps,
    woken: () => wakeUps.wait('pipeline', 3_600_000, new AbortController().signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
