import { expect, it } from 'vitest';
import { threadsPerWorker, workersFor } from './copy-workers.ts';

it.each([
  [{ chunks: 100, copyTasks: 4, mode: 'log', threads: 8 }, 4],
  [{ chunks: 100, copyTasks: 4, mode: 'log', threads: 2 }, 2],
  [{ chunks: 3, copyTasks: 4, mode: 'log', threads: 8 }, 3],
  [{ chunks: 100, copyTasks: 4, mode: 'full', threads: 8 }, 1],
  [{ chunks: 100, copyTasks: 4, mode: 'timestamps', threads: 8 }, 1],
  [{ chunks: 0, copyTasks: 4, mode: 'log', threads: 8 }, 0],
] as const)('starts as many copy workers as are of use: %o', (given, workers) => {
  expect(workersFor(given)).toBe(workers);
});

it('gives each worker its share of the threads', () => {
  expect([threadsPerWorker(8, 4), threadsPerWorker(2, 1), threadsPerWorker(5, 2), threadsPerWorker(1, 1)]).toEqual([
    2, 2, 3, 1,
  ]);
});
