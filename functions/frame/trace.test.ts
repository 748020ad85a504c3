import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { traced } from './trace.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A daemon, and a call that Lambda traces or does not. */
async function daemon(sampled: boolean) {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const received: string[] = [];
  socket.on('message', (message) => received.push(message.toString()));
  vi.stubEnv('AWS_XRAY_DAEMON_ADDRESS', `127.0.0.1:${socket.address().port}`);
  vi.stubEnv(
    '_X_AMZN_TRACE_ID',
    `Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=${sampled ? 1 : 0}`,
  );
  return {
    received,
    next: async () => {
      if (received.length === 0) await once(socket, 'message');
      const [header, document] = received.shift()!.split('\n');
      expect(header).toBe('{"format":"json","version":1}');
      return JSON.parse(document!) as Record<string, unknown>;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

test('a traced call is one datagram under the trace of Lambda, with annotations', async () => {
  using tested = await daemon(true);
  expect(await traced('load', { pipeline: 'shop', coldStart: true }, () => Promise.resolve(7))).toBe(7);
  const sent = await tested.next();
  expect(sent).toMatchObject({
    type: 'subsegment',
    name: 'load',
    trace_id: '1-67891233-abcdef012345678912345678',
    parent_id: '53995c3f42cd8ad8',
    id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    annotations: { pipeline: 'shop', coldStart: true },
  });
  expect(sent['end_time']).toBeGreaterThanOrEqual(sent['start_time'] as number);
  expect(sent).not.toHaveProperty('fault');
});

test('a call that fails is a fault, and fails all the same', async () => {
  using tested = await daemon(true);
  await expect(traced('load', {}, () => Promise.reject(new TypeError('odd')))).rejects.toThrow('odd');
  expect(await tested.next()).toMatchObject({
    fault: true,
    cause: { exceptions: [{ type: 'TypeError', message: 'odd' }] },
  });
});

test('a call that is not traced sends nothing; one whose daemon is not there is no error', async () => {
  using tested = await daemon(false);
  await traced('load', {}, () => Promise.resolve());
  vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-2;Parent=3;Sampled=1');
  vi.stubEnv('AWS_XRAY_DAEMON_ADDRESS', '127.0.0.1:1');
  expect(await traced('load', {}, () => Promise.resolve(1))).toBe(1);
  vi.stubEnv('AWS_XRAY_DAEMON_ADDRESS', undefined);
  expect(await traced('load', {}, () => Promise.resolve(2))).toBe(2);
  expect(tested.received).toEqual([]);
});
