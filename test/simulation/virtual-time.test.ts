import { expect, it } from 'vitest';
import { Random } from './random.ts';
import { SimulatedProcess, type World } from './simulated-process.ts';
import { VirtualTime } from './virtual-time.ts';
import { calm, drawWeather } from './weather.ts';

function quietWorld(time: VirtualTime): World {
  const weather = drawWeather(new Random(1));
  calm(weather);
  return { time, random: new Random(2), weather, violation: () => undefined };
}

it('runs events by time, equal times in the order of planning, and promise reactions in between', async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.after(20, 'late', () => seen.push('late'));
  time.after(10, 'first', () => {
    Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => seen.push('reaction'))
      .catch(() => seen.push('never'));
  });
  time.after(10, 'second', () => seen.push(`second at ${time.microseconds}`));
  expect(await time.run(1_000, () => false)).toBe('idle');
  expect(seen).toEqual(['reaction', 'second at 10000', 'late']);
});

it('keeps the heap in order whatever the order of planning', async () => {
  const time = new VirtualTime();
  const random = new Random(7);
  const seen: number[] = [];
  for (let count = 0; count < 500; count++) {
    const moment = random.between(0, 100);
    time.after(moment, 'event', () => seen.push(moment));
  }
  await time.run(1_000, () => false);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen).toHaveLength(500);
});

it('never answers a crashed process, though its request may arrive', async () => {
  const arrived = { count: 0 };
  for (let seed = 1; seed <= 40; seed++) {
    const time = new VirtualTime();
    const world = { ...quietWorld(time), random: new Random(seed) };
    const process = new SimulatedProcess('p', world);
    const outcome: string[] = [];
    process
      .call('put', () => arrived.count++, { fails: null })
      .then(
        () => outcome.push('answered'),
        () => outcome.push('rejected'),
      );
    time.after(0, 'crash', () => process.crash('now'));
    await time.run(10_000, () => false);
    expect(outcome).toEqual([]);
  }
  expect(arrived.count).toBeGreaterThan(0);
  expect(arrived.count).toBeLessThan(40);
});

it('holds replies and timers back while a process is paused', async () => {
  const time = new VirtualTime();
  const process = new SimulatedProcess('p', quietWorld(time));
  const woken: number[] = [];
  process.sleep(5, new AbortController().signal).then(
    () => woken.push(time.microseconds / 1000),
    () => woken.push(-1),
  );
  time.after(1, 'pause', () => process.pause(100));
  await time.run(10_000, () => false);
  expect(woken).toHaveLength(1);
  expect(woken[0]).toBeGreaterThanOrEqual(101);
});
