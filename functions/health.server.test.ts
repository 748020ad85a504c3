import { afterEach, expect, it, vi } from 'vitest';
import { reportReaderStatus, type ResourceUse } from '../core/operations/replication/reader-status.ts';
import { DeployedPipeline, lambdaContext } from '../test/fixtures/deployed-pipeline.ts';
import { sharedServers } from '../test/fixtures/pipeline.ts';
import { handler } from './health.ts';

const GIGABYTE = 1024 ** 3;
const NOTHING = { extracts: 0, extractedRows: 0, extractedBytes: 0 };
const STANDING = { state: 'following', reason: '', remedy: '', log: null } as const;

afterEach(() => handler[Symbol.asyncDispose]());

/** What the reader says of itself, and then a look. */
async function look(pipeline: DeployedPipeline, diskFreeBytes: number): Promise<unknown> {
  const use: ResourceUse = { diskFreeBytes, memoryUsedBytes: GIGABYTE, memoryLimitBytes: 4 * GIGABYTE };
  await pipeline.operate((context) => reportReaderStatus(context, STANDING, use, NOTHING));
  return handler({}, lambdaContext('health'));
}

it('tells the topic once that the disk runs full, with the remedy, and once that it is over', async () => {
  await using pipeline = await DeployedPipeline.open({ ...sharedServers('postgres'), tables: ['orders'] });
  vi.stubEnv('PENSTOCK_THRESHOLDS', JSON.stringify({ diskFreeGigabytes: 10 }));
  const { published } = pipeline.services;
  expect(await look(pipeline, 50 * GIGABYTE)).toEqual({ alarms: [] });
  for (const free of [9, 8, 7]) {
    expect(await look(pipeline, free * GIGABYTE)).toMatchObject({ alarms: [{ alarm: 'disk-low' }] });
  }
  expect(published).toHaveLength(1);
  expect(published[0]).toMatchObject({
    subject: `Penstock ${pipeline.name}: alarm disk-low`,
    attributes: { pipeline: pipeline.name, type: 'HealthAlarm' },
  });
  expect(published[0]?.message).toContain("9.0 GB of the reader's disk are free, fewer than 10 GB");
  expect(published[0]?.message).toContain('What to do: Choose the next larger volume');
  for (let clean = 1; clean <= 3; clean++) await look(pipeline, 50 * GIGABYTE);
  expect(published).toHaveLength(2);
  expect(published[1]?.subject).toBe(`Penstock ${pipeline.name}: alarm disk-low is over`);
  expect(await look(pipeline, 50 * GIGABYTE)).toEqual({ alarms: [] });
});

it('misses a reader that was never heard of, and refuses thresholds that nobody can mean', async () => {
  await using pipeline = await DeployedPipeline.open({ ...sharedServers('postgres'), tables: ['orders'] });
  expect(await handler({}, lambdaContext('health'))).toMatchObject({ alarms: [{ alarm: 'reader-silent' }] });
  expect(pipeline.services.published[0]?.message).toContain('the reader has never been heard of');
  vi.stubEnv('PENSTOCK_THRESHOLDS', '{"diskFreeGigabytes": -1}');
  await expect(handler({}, lambdaContext('health'))).rejects.toMatchObject({
    name: 'PenstockNever',
    message: expect.stringContaining('PENSTOCK_THRESHOLDS: diskFreeGigabytes') as string,
  });
});
