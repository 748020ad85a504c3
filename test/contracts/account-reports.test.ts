import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { PenstockEvent } from '../../core/events/event.ts';
import type { AwsSettings } from '../../core/pipeline/aws-settings.ts';
import { testAccount } from '../../hosts/aws/test-account.ts';
import { EventReports, type ReportSettings } from '../../hosts/local/event-reports.ts';
import { FileEvents } from '../../hosts/local/file-events.ts';
import { SystemClock } from '../../hosts/node/system-clock.ts';
import { startAwsAccount, type AwsAccount } from '../fixtures/aws-account.ts';

const of = { pipeline: 'shop', generated: '2026-11-21T09:00:00.000000Z' };
const STOPPED: PenstockEvent = {
  ...{ ...of, type: 'TableStopped', table: 't', errorCode: 'PS4004', message: 'does not fit', remedy: 'widen it' },
};
const quarantined = (rows: number): PenstockEvent => ({
  ...of,
  type: 'RowsQuarantined',
  table: 't',
  rows,
  reason: 'r',
});

const clock = new SystemClock();
const secrets = { read: () => Promise.resolve('a secret: /@') };
const secret = { tag: 'env', name: 'X' } as const;

function settingsFor(account: AwsAccount, changed: Partial<AwsSettings> = {}): AwsSettings {
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${account.port}`;
  return {
    ...{ enabled: true, region: 'eu-central-1', key: { id: 'AKIATEST', secret }, proxy: null },
    ...{ topic: 'arn:aws:sns:eu-central-1:123456789012:shop', logs: { group: 'g', stream: 's' }, metrics: 'Shop' },
    ...changed,
  };
}
afterEach(() => {
  delete process.env['AWS_ENDPOINT_URL'];
});

/** Tells an account of events; what is left is told at the end. @returns lines of the log */
async function tell(aws: AwsSettings, events: readonly PenstockEvent[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-account-'));
  const warnings: string[] = [];
  const log = {
    info: () => undefined,
    warn: (line: string, fields?: object) => warnings.push(`${line} ${JSON.stringify(fields)}`),
    error: () => undefined,
  };
  const sink = new FileEvents(join(folder, 'events.jsonl'));
  const settings: ReportSettings = { pipeline: 'shop', email: null, aws };
  const reports = new EventReports({ events: sink, clock, log, secrets }, () => Promise.resolve(settings));
  for (const event of events) sink.emit(event);
  await reports[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  return warnings;
}

it('gets every event as a line, its numbers as metrics of one minute, and what somebody must know by its topic', async () => {
  await using account = await startAwsAccount();
  const events = [STOPPED, quarantined(3), { ...quarantined(4), reason: 'another' } as PenstockEvent];
  expect(await tell(settingsFor(account), events)).toEqual([]);
  expect(account.lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
  expect(account.published.map((message) => message.get('Subject'))).toEqual([
    'Penstock shop: table t stopped (PS4004)',
    ...['Penstock shop: rows of t in quarantine', 'Penstock shop: rows of t in quarantine'],
  ]);
  expect(account.metrics).toMatchObject([
    { MetricName: 'StoppedTables', StatisticValues: { SampleCount: 1, Sum: 1 } },
    { MetricName: 'QuarantinedRows', StatisticValues: { SampleCount: 2, Sum: 7, Minimum: 3, Maximum: 4 } },
  ]);
  expect(new Set(account.proxied)).toEqual(new Set([null]));
});

it('gets what is set up alone, and nothing while it is off', async () => {
  await using account = await startAwsAccount();
  await tell(settingsFor(account, { topic: null, metrics: null }), [STOPPED]);
  await tell(settingsFor(account, { enabled: false }), [STOPPED]);
  expect([account.lines.length, account.published.length, account.metrics.length]).toEqual([1, 0, 0]);
});

it('is reached through a proxy, which is told who asks', async () => {
  await using account = await startAwsAccount();
  const proxy = { host: '127.0.0.1', port: account.port, login: { user: 'me', password: secret } };
  const settings = settingsFor(account, { proxy });
  process.env['AWS_ENDPOINT_URL'] = 'http://aws.invalid';
  expect(await tell(settings, [STOPPED])).toEqual([]);
  const login = `Basic ${Buffer.from('me:a secret: /@').toString('base64')}`;
  expect(account.proxied).toEqual([login, login, login]);
});

it('that refuses is a line of the log without a secret, and holds nothing up', async () => {
  await using account = await startAwsAccount();
  account.failing = true;
  const warnings = await tell(settingsFor(account), [STOPPED]);
  expect(warnings.map((line) => line.replace(/ \{.*/, '')).sort()).toEqual([
    ...['alert not published', 'events not sent to CloudWatch', 'metrics not sent to CloudWatch'],
  ]);
  expect(warnings.join('\n')).not.toContain('a secret');
});

it('is tested part by part, with what mends it', async () => {
  await using account = await startAwsAccount();
  const settings = settingsFor(account);
  const severities = async () => (await testAccount(settings, { secrets, clock }, 'shop')).map((one) => one.severity);
  expect(await severities()).toEqual(['ok', 'ok', 'ok']);
  expect([account.published.length, account.lines.length, account.metrics.length]).toEqual([1, 1, 1]);
  account.failing = true;
  expect(await severities()).toEqual(['error', 'error', 'error']);
  const nothing = { ...settings, topic: null, logs: null, metrics: null };
  expect(await testAccount(nothing, { secrets, clock }, 'shop')).toMatchObject([{ code: 'aws.nothing' }]);
});
