import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { AwsEvents } from '../../hosts/aws/aws-events.ts';
import { SystemClock } from '../../hosts/node/system-clock.ts';
import { startAwsServices } from '../fixtures/aws-services.ts';
import { eventSinkContract, HALT } from './event-sink.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:penstock';

async function open() {
  const services = await startAwsServices();
  const client = new SNSClient({
    endpoint: services.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const written: string[] = [];
  const warnings: string[] = [];
  const system = new SystemClock();
  const broken = { output: false, ahead: 0 };
  const events = new AwsEvents({
    client,
    topic: TOPIC,
    clock: {
      now: () => system.now() + broken.ahead,
      timestamp: () => system.timestamp(),
      sleep: (milliseconds, signal) => system.sleep(milliseconds, signal),
    },
    log: { info: () => undefined, warn: (line) => warnings.push(line), error: () => undefined },
    write: (line) => {
      if (broken.output) throw new Error('EPIPE');
      written.push(line);
    },
  });
  return {
    services,
    events,
    written,
    warnings,
    pass: (milliseconds: number) => (broken.ahead += milliseconds),
    lines: () => Promise.resolve(written.join('').trimEnd().split('\n')),
    break: () => {
      broken.output = true;
      services.failWith = 500;
    },
    [Symbol.asyncDispose]: async () => {
      await events.settled();
      client.destroy();
      await services[Symbol.asyncDispose]();
    },
  };
}

eventSinkContract('lines of a log group and a topic', open);

describe('alerts', () => {
  it('go to the topic with a subject, the remedy, and attributes to filter by; what is only recorded does not', async () => {
    await using opened = await open();
    const { source: pipeline, generated } = HALT;
    opened.events.emit({ type: 'StructureChanged', pipeline, generated, table: 'a', change: 'add column b' });
    opened.events.emit(HALT);
    await opened.events.settled();
    expect(opened.services.published).toEqual([
      {
        topic: TOPIC,
        subject: 'Penstock shop: stopped by PS2006',
        message: expect.stringContaining('What to do: Run a full extract.') as string,
        event: HALT,
        attributes: { pipeline: 'shop', type: 'HaltError' },
      },
    ]);
  });

  it('are sent once an hour while the same thing goes on', async () => {
    await using opened = await open();
    for (let minute = 0; minute < 130; minute++) {
      opened.events.emit(HALT);
      opened.pass(60_000);
    }
    await opened.events.settled();
    expect(opened.services.published).toHaveLength(3);
    opened.events.emit({ ...HALT, message: 'another one' });
    await opened.events.settled();
    expect(opened.services.published).toHaveLength(4);
  });

  it('that could not be sent are sent the next time, and are a line in the log', async () => {
    await using opened = await open();
    opened.services.failWith = 500;
    opened.events.emit(HALT);
    await opened.events.settled();
    expect(opened.warnings).toEqual(['alert not published']);
    opened.services.failWith = null;
    opened.events.emit(HALT);
    await opened.events.settled();
    expect(opened.services.published).toHaveLength(1);
  });

  it('wait in a queue that is bounded', async () => {
    await using opened = await open();
    for (let time = 0; time < 1000; time++) opened.events.emit({ ...HALT, message: `${time}` });
    await opened.events.settled();
    // One is on its way when the queue fills.
    expect(opened.services.published).toHaveLength(51);
    expect(opened.warnings).toHaveLength(949);
  });
});
