import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../app.ts';
import { loadDeployment } from '../deployment/load-deployment.ts';
import { SIZES } from '../deployment/volumes.ts';
import { VOLUMES } from '../deployment/deployment.ts';
import { exampleFile } from '../examples/examples.ts';
import { EVENT_METRICS } from '../../core/events/event-metrics.ts';
import { FUNCTIONS } from '../pipeline/function-table.ts';
import { synthesisePipeline, type SynthesisedPipeline } from '../../test/fixtures/synthesised-pipeline.ts';
import { copyCost } from './copy-cost.ts';
import { dollarsOf, estimate } from './estimate.ts';
import { BUSY, DAILY_WORK, IDLE, ONCE_A_DAY, STANDARD } from './examples.ts';
import { instanceHour, PRICES } from './prices.ts';
import { EXTRACT, sumOf, times } from './requests.ts';
import { alarmMetrics, ENDPOINTS, HOURS, METRICS, monthOf, type CostedDeployment } from './usage.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

function ofType({ template }: SynthesisedPipeline, type: string): Readonly<Record<string, unknown>>[] {
  const resources = Object.values(template.Resources) as Resource[];
  return resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);
}

/** The metrics that an alarm looks at: each is billed. */
function alarmMetricsOf(pipeline: SynthesisedPipeline): number {
  return ofType(pipeline, 'AWS::CloudWatch::Alarm')
    .map(({ Metrics }) => (Metrics as readonly { readonly MetricStat?: unknown }[] | undefined) ?? null)
    .reduce((sum, all) => sum + (all?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1), 0);
}

it('with runs once a day there is no standing reader: a seventh of the price, as docs/cost.md says', async () => {
  const daily = await synthesisePipeline({}, 'schedule: { type: daily, at: "02:30" }');
  expect(alarmMetricsOf(daily)).toBe(alarmMetrics(ONCE_A_DAY));
  const own = ({ scope }: { readonly scope: string }) => scope === 'pipeline';
  const cost = (deployment: CostedDeployment, work: typeof IDLE) =>
    dollarsOf(estimate(deployment, monthOf(deployment, work)), own);
  expect(cost(ONCE_A_DAY, DAILY_WORK)).toBeCloseTo(7.4, 0);
  expect(cost(ONCE_A_DAY, DAILY_WORK)).toBeLessThan(cost(STANDARD, IDLE) / 6);
});

describe('the usage of a month', () => {
  let standard: SynthesisedPipeline;
  let external: SynthesisedPipeline;

  beforeAll(async () => {
    standard = await synthesisePipeline();
    external = await synthesisePipeline({ reader: 'external' });
  });

  it('knows what a pipeline’s stack has', () => {
    const usage = monthOf(STANDARD, IDLE);
    expect(alarmMetricsOf(standard)).toBe(usage.alarmMetrics);
    expect(alarmMetricsOf(external)).toBe(alarmMetrics({ pipeline: { ...STANDARD.pipeline, reader: 'external' } }));
    expect(ofType(standard, 'AWS::SecretsManager::Secret')).toHaveLength(usage.secrets);
    expect(ofType(standard, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
    expect(ofType(standard, 'AWS::Scheduler::Schedule').map((one) => one['ScheduleExpression'])).toEqual([
      'rate(1 minute)',
      'rate(1 minute)',
    ]);
    const reader = ofType(standard, 'AWS::ECS::TaskDefinition').find(({ Family }) =>
      String(Family).endsWith('-reader'),
    );
    expect(usage.fargate.cpuHours).toBe((HOURS * Number(reader?.['Cpu'])) / 1024);
    expect(usage.fargate.memoryHours).toBe((HOURS * Number(reader?.['Memory'])) / 1024);
    const tracing = ofType(standard, 'AWS::Lambda::Function').map((one) => one['TracingConfig']);
    expect(tracing.every((mode) => JSON.stringify(mode) === '{"Mode":"Active"}')).toBe(true);
  });

  it('knows which metrics there are while something changes', () => {
    const billed = Object.values(EVENT_METRICS).map(({ when }) => when);
    expect(billed.filter((when) => when === 'busy')).toHaveLength(METRICS.busy);
    expect(billed.filter((when) => when === 'always')).toHaveLength(METRICS.always);
  });

  it('knows the network of its own', async () => {
    const loaded = await loadDeployment(exampleFile('high-availability'));
    const outdir = await mkdtemp(join(tmpdir(), 'penstock-cost-'));
    const { stacks } = buildApp(loaded, { outdir, context: { 'aws:cdk:bundling-stacks': [] } }).synth();
    const resources = stacks.flatMap(({ template }) =>
      Object.values((template as { readonly Resources: Readonly<Record<string, Resource>> }).Resources),
    );
    await rm(outdir, { recursive: true });
    const endpoints = resources.filter(
      ({ Type, Properties }) => Type === 'AWS::EC2::VPCEndpoint' && Properties?.['VpcEndpointType'] === 'Interface',
    );
    expect(endpoints).toHaveLength(ENDPOINTS.always + ENDPOINTS.withInstances);
    const { network } = loaded.deployment;
    if (network.tag !== 'new') throw new Error('the example has a network of its own');
    const usage = monthOf({ ...STANDARD, network, pipeline: { ...STANDARD.pipeline, reader: 'ec2' } }, IDLE);
    const gateways = resources.filter(({ Type }) => Type === 'AWS::EC2::NatGateway');
    expect(usage.natHours).toBe(gateways.length * HOURS);
    expect(usage.endpointHours).toBe(endpoints.length * network.availabilityZones * HOURS);
  });

  it('has a price for every instance of the volume table', () => {
    for (const volume of VOLUMES) expect(PRICES[instanceHour(SIZES[volume].instanceType)].dollars).toBeGreaterThan(0);
    expect(() => instanceHour('x1.tiny')).toThrow('x1.tiny');
  });

  it('copies with the memory that the function has', () => {
    expect(FUNCTIONS['load-chunks'].memory).toBe(2048);
    expect(copyCost('under300GB', 200).hours).toBeCloseTo(copyCost('under100GB', 100).hours);
    expect(copyCost('under100GB', 100).dollars).toBeGreaterThan(copyCost('under100GB', 50).dollars);
  });
});

describe('the estimate of a month', () => {
  const dollars = (deployment: CostedDeployment, work = IDLE): number =>
    dollarsOf(estimate(deployment, monthOf(deployment, work)));

  it('is the sum of counts times prices', () => {
    const lines = estimate(STANDARD, monthOf(STANDARD, BUSY));
    for (const { count, price, dollars: line } of lines) expect(line).toBe(count * PRICES[price].dollars);
    expect(dollarsOf(lines)).toBeCloseTo(lines.reduce((sum, line) => sum + line.dollars, 0));
  });

  it('has no network where there is one already, and no task where the reader is elsewhere', () => {
    const existing: CostedDeployment = { ...STANDARD, network: { tag: 'existing' } };
    const elsewhere: CostedDeployment = { ...existing, pipeline: { ...STANDARD.pipeline, reader: 'external' } };
    const services = (deployment: CostedDeployment) =>
      new Set(estimate(deployment, monthOf(deployment, IDLE)).map(({ service }) => service));
    expect(services(STANDARD)).toContain('Network');
    expect(services(existing)).not.toContain('Network');
    expect(services(existing)).toContain('Fargate');
    expect(services(elsewhere)).not.toContain('Fargate');
  });

  it('does not ask for more objects where more tables change, and for fewer where extracts are longer', () => {
    const puts = (changes: Partial<typeof BUSY>) => monthOf(STANDARD, { ...BUSY, ...changes }).requests;
    const [few, many] = [puts({ changingTables: 1 }), puts({ changingTables: 100 })];
    const calls = ({ puts: put, gets, lists, loads, watches }: typeof few) => ({ put, gets, lists, loads, watches });
    expect(calls(few)).toEqual(calls(many));
    // A little more to write and to read by the sums of runs, once a minute.
    expect(many.writeUnits / few.writeUnits).toBeLessThan(1.01);
    expect(puts({ extractSeconds: 10 }).puts).toBeCloseTo(puts({}).puts / 10);
    expect(puts({}).puts).toBe(HOURS * 3600);
    expect(puts({ busyHours: 0 })).toMatchObject({ puts: 0, gets: 0 });
  });

  it('counts what positions remember of tables: in what is written, removed and kept', () => {
    const none = monthOf(STANDARD, { ...BUSY, rememberedBytes: 0 });
    expect(none).toEqual(monthOf(STANDARD, BUSY));
    const most = monthOf(STANDARD, { ...BUSY, rememberedBytes: 2048 });
    // Two units more of the extract's item, when it is written and when it is deleted, and two of the head's.
    expect((most.requests.writeUnits - none.requests.writeUnits) / none.extracts).toBe(6);
    expect(most.tableGigabytes).toBeGreaterThan(2 * none.tableGigabytes);
    const idle = { ...IDLE, rememberedBytes: 2048 };
    const moves = monthOf(STANDARD, idle).requests.writeUnits - monthOf(STANDARD, IDLE).requests.writeUnits;
    expect(moves).toBe(2 * HOURS * 60);
  });

  it('doubles what runs for a standby, and nothing else but its looks', () => {
    const pair: CostedDeployment = { ...STANDARD, pipeline: { ...STANDARD.pipeline, highAvailability: true } };
    const one = monthOf(STANDARD, BUSY);
    const two = monthOf(pair, BUSY);
    expect(two.fargate.cpuHours).toBe(2 * one.fargate.cpuHours);
    expect({ ...two.requests, readUnits: 0 }).toEqual({ ...one.requests, readUnits: 0 });
    expect(dollars(pair)).toBeGreaterThan(dollars(STANDARD));
  });
});

describe('counts', () => {
  it('are added and multiplied item by item', () => {
    expect(sumOf(EXTRACT, EXTRACT)).toEqual(times(EXTRACT, 2));
    expect(times(EXTRACT, 3)).toMatchObject({ puts: 3, writeUnits: 9, lists: 0 });
  });
});
