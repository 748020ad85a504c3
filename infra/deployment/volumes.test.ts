import { expect, it } from 'vitest';
import { VOLUMES } from './deployment.ts';
import { SIZES } from './volumes.ts';

/** MiB that Fargate takes for each CPU size: from, to, step. */
const FARGATE: Readonly<Record<number, readonly [number, number, number]>> = {
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
};

it.each(VOLUMES)('%s: Fargate and Lambda take the sizes', (volume) => {
  const { cpu, memory, taskDisk, loadMemory, copyTasks } = SIZES[volume];
  const [least, most, step] = FARGATE[cpu]!;
  expect(memory).toBeGreaterThanOrEqual(least);
  expect(memory).toBeLessThanOrEqual(most);
  expect(memory % step).toBe(0);
  expect(taskDisk).toBeGreaterThanOrEqual(21);
  expect(taskDisk).toBeLessThanOrEqual(200);
  expect(loadMemory).toBeGreaterThanOrEqual(128);
  expect(loadMemory).toBeLessThanOrEqual(3008);
  expect(copyTasks).toBeLessThanOrEqual(64);
});

it('has the instances and disks of the seed’s table', () => {
  const seed = VOLUMES.slice(0, 3).map((volume) => [SIZES[volume].instanceType, SIZES[volume].instanceDisk]);
  expect(seed).toEqual([
    ['t3.large', 100],
    ['t3.xlarge', 500],
    ['t3.2xlarge', 500],
  ]);
});

it('grows with the volume', () => {
  for (const [index, volume] of VOLUMES.entries()) {
    const before = SIZES[VOLUMES[Math.max(0, index - 1)]!];
    expect(SIZES[volume].copyTasks).toBeGreaterThanOrEqual(before.copyTasks);
    expect(SIZES[volume].memory).toBeGreaterThanOrEqual(before.memory);
  }
});
