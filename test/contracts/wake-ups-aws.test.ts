import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../core/host/host.ts';
import { LambdaWakeUps, StreamWakeUps } from '../../hosts/aws/lambda-wake-ups.ts';
import { SystemClock } from '../../hosts/node/system-clock.ts';
import { startAwsServices } from '../fixtures/aws-services.ts';
import { wakeUpsContract } from './wake-ups.ts';

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function open(log = SILENT) {
  const services = await startAwsServices();
  const client = new LambdaClient({
    endpoint: services.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const wakeUps = new LambdaWakeUps(client, 'penstock-shop-load', new SystemClock(), log);
  return {
    services,
    wakeUps,
    woken: async () => {
      await wakeUps.settled();
      expect(services.invoked).not.toEqual([]);
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await services[Symbol.asyncDispose]();
    },
  };
}

wakeUpsContract('a call of the load function', open);

wakeUpsContract('the stream of the catalog', () =>
  Promise.resolve({
    wakeUps: new StreamWakeUps(new SystemClock()),
    // Whoever made something visible has woken the loader by that.
    woken: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

describe('a wake-up by a call', () => {
  it('is asynchronous, names the function, and is one while it is on its way', async () => {
    await using opened = await open();
    for (let signal = 0; signal < 10; signal++) opened.wakeUps.signal();
    await opened.wakeUps.settled();
    expect(opened.services.invoked).toEqual([{ name: 'penstock-shop-load', type: 'Event' }]);
    opened.wakeUps.signal();
    await opened.wakeUps.settled();
    expect(opened.services.invoked).toHaveLength(2);
  });

  it('that fails is a line in the log, and no error of who signals', async () => {
    const lines: string[] = [];
    await using opened = await open({ ...SILENT, warn: (line) => lines.push(line) });
    opened.services.failWith = 500;
    opened.wakeUps.signal();
    await opened.wakeUps.settled();
    expect(lines).toEqual(['loader not woken']);
  });
});
