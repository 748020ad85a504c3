import { expect, it } from 'vitest';
import { SOURCE_KINDS } from './kinds.ts';
import { connectSource } from './registry.ts';
import type { ConnectorContext } from './source-definition.ts';

const context: ConnectorContext = {
  pipeline: 'billing',
  password: () => Promise.reject(new Error('nothing is connected in this test')),
  secret: () => Promise.reject(new Error('nothing is connected in this test')),
  extractThreads: 1,
  misfits: () => 'stop',
  clock: { now: () => 0, timestamp: () => '2026-01-01 00:00:00.000000', sleep: () => Promise.resolve() },
  randomness: { identifier: () => 'one', fraction: () => 0 },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  scratch: { open: () => Promise.reject(new Error('nothing is read in this test')) },
  logfileProcessed: () => undefined,
};

it.each(SOURCE_KINDS)('makes a connector of $type, and connects to nothing by that', async ({ type, settings }) => {
  const server = { host: '127.0.0.1', database: 'shop', user: 'repl' };
  // What some kinds ask for beside their own server.
  const parsed = [server, { ...server, rootDatabase: { database: 'root', user: 'c', password: { env: 'ROOT' } } }]
    .map((written) => settings.safeParse(written))
    .find(({ success }) => success)?.data;
  await using source = await connectSource(type, parsed, context);
  expect(source).toHaveProperty('openStream');
});

it('knows no kind that is not registered', async () => {
  await expect(connectSource('dbase', {}, context)).rejects.toMatchObject({ code: 'PS1001' });
});
