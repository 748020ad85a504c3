import { PRICES, instanceHour, type PriceName } from './prices.ts';
import { ASSUMED, HOURS, type CostedDeployment, type Usage } from './usage.ts';

/** A line of a bill: so many of something at its price. */
export interface CostLine {
  readonly service: Service;
  readonly what: string;
  /** Whether every pipeline has it, or all of a deployment share one. */
  readonly scope: 'pipeline' | 'shared';
  readonly count: number;
  readonly price: PriceName;
  readonly dollars: number;
}

export const SERVICES = [
  'Fargate',
  'EC2',
  'Lambda',
  'DynamoDB',
  'S3',
  'CloudWatch',
  'X-Ray',
  'Secrets Manager',
  'KMS',
  'Scheduler',
  'Network',
] as const;
export type Service = (typeof SERVICES)[number];

type Entry = readonly [service: Service, what: string, count: number, price: PriceName, scope?: 'shared'];

/** Pure: usage × list prices. Free tiers, discounts and taxes are left out; copy-cost has what a full extract costs. */
export function estimate(deployment: CostedDeployment, usage: Usage): CostLine[] {
  const entries = [...compute(usage), ...catalogAndStore(usage), ...watching(deployment, usage), ...network(usage)];
  return entries
    .filter(([, , count]) => count > 0)
    .map(([service, what, count, price, scope]) => ({
      ...{ service, what, count, price, scope: scope ?? 'pipeline' },
      dollars: count * PRICES[price].dollars,
    }));
}

function compute({ fargate, instances, requests, lambdaGigabyteSeconds }: Usage): Entry[] {
  return [
    ['Fargate', 'reader: CPU', fargate.cpuHours, 'fargateCpuHour'],
    ['Fargate', 'reader: memory', fargate.memoryHours, 'fargateMemoryHour'],
    ['Fargate', 'reader: disk', fargate.diskHours, 'fargateDiskHour'],
    ['EC2', 'reader: instances', instances.hours, instanceHour(instances.type)],
    ['EC2', 'reader: volumes', instances.diskMonths, 'volumeMonth'],
    ['EC2', 'detailed monitoring', instances.count, 'instanceMetricsMonth'],
    ['Lambda', 'calls', requests.loads + requests.watches, 'lambdaCall'],
    ['Lambda', 'time', lambdaGigabyteSeconds, 'lambdaSecond'],
  ];
}

function catalogAndStore({ requests, tableGigabytes, bucketGigabytes }: Usage): Entry[] {
  return [
    ['DynamoDB', 'writes', requests.writeUnits, 'writeUnit'],
    ['DynamoDB', 'reads', requests.readUnits, 'readUnit'],
    ['DynamoDB', 'storage', tableGigabytes, 'tableMonth'],
    ['DynamoDB', 'point-in-time recovery', tableGigabytes, 'recoveryMonth'],
    ['S3', 'PUT', requests.puts + requests.lists, 'put'],
    ['S3', 'GET', requests.gets, 'get'],
    ['S3', 'storage', bucketGigabytes, 'bucketMonth'],
  ];
}

function watching({ logRetentionDays }: CostedDeployment, usage: Usage): Entry[] {
  const { requests, logGigabytes, metrics, alarmMetrics, traces, secrets, keyRequests, flowLogGigabytes } = usage;
  const kept = (logRetentionDays / (HOURS / 24)) * ASSUMED.logCompression;
  return [
    ['CloudWatch', 'logs taken in', logGigabytes, 'logGigabyte'],
    ['CloudWatch', 'logs kept', logGigabytes * kept, 'logMonth'],
    ['CloudWatch', 'metrics', metrics, 'metricMonth'],
    ['CloudWatch', 'alarms', alarmMetrics, 'alarmMonth'],
    ['CloudWatch', 'dashboard', 1, 'dashboardMonth'],
    ['CloudWatch', 'flow logs of the network', flowLogGigabytes, 'logGigabyte', 'shared'],
    ['X-Ray', 'traces', traces, 'trace'],
    ['Secrets Manager', 'secrets', secrets, 'secretMonth'],
    ['Secrets Manager', 'reads', requests.secretReads, 'secretRead'],
    ['KMS', 'key', 1, 'keyMonth', 'shared'],
    ['KMS', 'requests', keyRequests, 'keyRequest'],
    ['Scheduler', 'calls', requests.watches, 'schedule'],
  ];
}

function network({ natHours, endpointHours, egressGigabytes, internetGigabytes }: Usage): Entry[] {
  return [
    ['Network', 'NAT gateways', natHours, 'natHour', 'shared'],
    ['Network', 'their addresses', natHours, 'addressHour', 'shared'],
    ['Network', 'through NAT', natHours > 0 ? egressGigabytes : 0, 'natGigabyte'],
    ['Network', 'interface endpoints', endpointHours, 'endpointHour', 'shared'],
    ['Network', 'through endpoints', endpointHours > 0 ? egressGigabytes - internetGigabytes : 0, 'endpointGigabyte'],
    ['Network', 'out to the Internet', internetGigabytes, 'internetGigabyte'],
  ];
}

export function dollarsOf(lines: readonly CostLine[], only: (line: CostLine) => boolean = () => true): number {
  return lines.filter(only).reduce((sum, { dollars }) => sum + dollars, 0);
}
