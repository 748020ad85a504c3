import { expect, test } from 'vitest';
import { startBenchServers } from './bench-servers.ts';
import { copyAll, makeMemoryPipeline, MEMORY_GOAL_BYTES } from './memory-part.ts';

/** As text 250 MB: together with what Node takes, more than the bound, so that a copy held in memory would show. */
const ROWS = 1_000_000;

test('a copy larger than its memory stays within it', async () => {
  await using servers = await startBenchServers('postgres');
  await using pipeline = await makeMemoryPipeline(servers, ROWS, null);
  const copied = await copyAll(pipeline, ROWS);
  expect(copied.startBytes).toBeLessThan(copied.peakBytes);
  expect(copied.peakBytes).toBeLessThan(MEMORY_GOAL_BYTES);
});
