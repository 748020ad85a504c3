import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { ErrorCode } from '../../core/errors/codes.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { startAwsServices, type AwsServices } from '../../test/fixtures/aws-services.ts';
import { lambdaContext } from '../../test/fixtures/deployed-pipeline.ts';
import { framed, type Invocation } from './function-frame.ts';
import type { AwsHost } from '../../hosts/aws/aws-host.ts';

let services: AwsServices;
let lines: string[];
beforeEach(async () => {
  services = await startAwsServices();
  const environment = {
    PENSTOCK_PIPELINE: 'shop',
    PENSTOCK_SETTINGS: 's3://assets/settings.json',
    PENSTOCK_BUCKET: 'bucket',
    PENSTOCK_TABLE: 'table',
    PENSTOCK_TOPIC: 'arn:aws:sns:us-east-1:123456789012:penstock',
    PENSTOCK_LOADER: 'penstock-shop-load',
    POWERTOOLS_SERVICE_NAME: 'penstock',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SNS: services.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: services.endpoint,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  lines = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await services[Symbol.asyncDispose]();
});

interface Opened extends AsyncDisposable {
  readonly number: number;
  readonly host: AwsHost;
}

/** A function that does `work` with what was opened: a number that counts openings. */
function testFunction<Result>(work: (input: { a: number }, context: Opened & Invocation) => Promise<Result>) {
  const seen = { opened: 0, closed: 0 };
  const handler = framed({ name: 'tested', input: z.strictObject({ a: z.number() }), work }, (host) =>
    Promise.resolve({
      host,
      number: ++seen.opened,
      [Symbol.asyncDispose]: () => {
        seen.closed++;
        return Promise.resolve();
      },
    }),
  );
  return { handler, seen };
}

const context = lambdaContext('tested');

test('what was opened is kept between calls, and made anew after one that failed', async () => {
  const { handler, seen } = testFunction(({ a }, { number }) =>
    a === 0 ? Promise.reject(new PenstockError('PS4001', 'away')) : Promise.resolve(number),
  );
  expect([await handler({ a: 1 }, context), await handler({ a: 2 }, context)]).toEqual([1, 1]);
  await expect(handler({ a: 0 }, context)).rejects.toThrow('PS4001');
  expect(seen).toEqual({ opened: 1, closed: 1 });
  expect(await handler({ a: 3 }, context)).toBe(2);
  await handler[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 2, closed: 2 });
});

test('input that is not valid is refused with its path, and nothing is opened', async () => {
  const { handler, seen } = testFunction(() => Promise.resolve('never'));
  const error: unknown = await handler({ a: 'hidden', b: 1 }, context).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    name: 'PenstockNever',
    message: expect.stringMatching(/PS1001 .*tested: a: /) as string,
  });
  expect(String(error)).not.toContain('hidden');
  expect(seen.opened).toBe(0);
});

describe('errors leave by their retry class, without a cause', () => {
  const cases: readonly (readonly [ErrorCode, string])[] = [
    ['PS4001', 'PenstockTimed'],
    ['PS2006', 'PenstockManual'],
    ['PS1001', 'PenstockNever'],
  ];
  test.each(cases)('%s', async (code, name) => {
    const { handler } = testFunction(() =>
      Promise.reject(new PenstockError(code, 'what', { cause: new Error('inner') })),
    );
    const error: unknown = await handler({ a: 1 }, context).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name, message: expect.stringMatching(new RegExp(`^${code} .*: what$`)) as string });
    expect(error).not.toHaveProperty('cause');
    const logged = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ level }) => level === 'ERROR');
    expect(logged).toMatchObject({ function: 'tested', pipeline: 'shop', service: 'penstock', details: { code } });
  });

  test('one that is not ours', async () => {
    const { handler } = testFunction(() => Promise.reject(new TypeError('odd')));
    await expect(handler({ a: 1 }, context)).rejects.toMatchObject({
      name: 'PenstockManual',
      message: 'PS9001 internal error: TypeError: odd',
    });
  });
});

test('the signal aborts before the time is up; work that ends by it is tried again', async () => {
  const { handler } = testFunction(async (_input, { signal, deadline }) => {
    expect(deadline).toBeLessThanOrEqual(Date.now() + 10);
    await new Promise((_resolve, reject) => {
      const stop = () => reject(new DOMException('stopped', 'AbortError'));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  });
  // A second is kept for the end: nothing is left.
  await expect(handler({ a: 1 }, lambdaContext('tested', 900))).rejects.toMatchObject({
    name: 'PenstockTimed',
    message: expect.stringContaining('PS1011') as string,
  });
});

test('alerts and wake-ups are on their way when a call ends, also one that failed', async () => {
  const { handler } = testFunction(({ a }, { host }) => {
    host.events.emit({
      ...{ type: 'HaltError', source: 'shop', sourceType: 'CDC', generated: host.clock.timestamp() },
      ...{ errorId: 'PS2006', message: `halt ${a}` },
    });
    host.wakeUps.signal('shop');
    return a === 0 ? Promise.reject(new Error('after that')) : Promise.resolve();
  });
  await handler({ a: 1 }, context);
  expect([services.published.length, services.invoked.length]).toEqual([1, 1]);
  await expect(handler({ a: 0 }, context)).rejects.toThrow('after that');
  expect([services.published.length, services.invoked.length]).toEqual([2, 2]);
});

test('a deployment that is not complete is said by the names of what is missing', async () => {
  vi.stubEnv('PENSTOCK_TABLE', undefined);
  const { handler } = testFunction(() => Promise.resolve('never'));
  await expect(handler({ a: 1 }, context)).rejects.toMatchObject({
    name: 'PenstockNever',
    message: expect.stringContaining('PENSTOCK_TABLE') as string,
  });
});
