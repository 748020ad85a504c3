/** A list price of AWS, without tax, discounts and free tiers. */
export interface Price {
  readonly dollars: number;
  /** What it is for: one of it costs `dollars`. */
  readonly unit: string;
  /** Whether it was found in public pages of the date, besides being known: those that were not need a second look first. */
  readonly confirmed: boolean;
}

/** When these prices held. Look at https://aws.amazon.com/pricing before you decide by them. */
export const PRICES_DATE = '2026-06';
/** Other regions differ: eu-central-1 (Frankfurt) is about 10 to 25 % above it. */
export const PRICES_REGION = 'us-east-1';

const MILLION = 1_000_000;
const price = (dollars: number, unit: string, per = 1): Price => ({ dollars: dollars / per, unit, confirmed: true });
const unconfirmed = (dollars: number, unit: string, per = 1): Price => ({
  ...price(dollars, unit, per),
  confirmed: false,
});

export const PRICES = {
  fargateCpuHour: price(0.03238, 'vCPU of Fargate and hour, Linux on ARM'),
  fargateMemoryHour: price(0.00356, 'GB of Fargate and hour, Linux on ARM'),
  fargateDiskHour: price(0.000111, 'GB of a task’s disk and hour, above 20 GB'),
  instanceHourT3Large: price(0.0832, 't3.large and hour'),
  instanceHourT3Xlarge: unconfirmed(0.1664, 't3.xlarge and hour'),
  instanceHourT32xlarge: unconfirmed(0.3328, 't3.2xlarge and hour'),
  instanceHourM7i4xlarge: unconfirmed(0.8064, 'm7i.4xlarge and hour'),
  volumeMonth: unconfirmed(0.08, 'GB of gp3 and month'),
  instanceMetricsMonth: price(2.1, 'instance with detailed monitoring and month'),
  lambdaCall: price(0.2, 'call of Lambda', MILLION),
  lambdaSecond: price(0.0000133334, 'GB and second of Lambda, ARM'),
  readUnit: price(0.125, 'read request unit of DynamoDB', MILLION),
  writeUnit: price(0.625, 'write request unit of DynamoDB', MILLION),
  tableMonth: price(0.25, 'GB of DynamoDB and month'),
  recoveryMonth: price(0.2, 'GB and month of point-in-time recovery'),
  put: price(0.005, 'PUT or LIST of S3', 1000),
  get: price(0.0004, 'GET of S3', 1000),
  bucketMonth: price(0.023, 'GB of S3 and month'),
  keyMonth: price(1, 'key of KMS and month'),
  keyRequest: price(0.03, 'request to KMS', 10_000),
  secretMonth: price(0.4, 'secret and month'),
  secretRead: price(0.05, 'read of a secret', 10_000),
  logGigabyte: price(0.5, 'GB of logs taken in'),
  logMonth: price(0.03, 'GB of logs kept and month, compressed'),
  metricMonth: price(0.3, 'custom metric and month'),
  alarmMonth: price(0.1, 'metric of an alarm and month'),
  dashboardMonth: price(3, 'dashboard and month'),
  trace: price(5, 'trace of X-Ray', MILLION),
  transition: price(0.025, 'state transition', 1000),
  schedule: unconfirmed(1, 'call by the scheduler', MILLION),
  apiRequest: unconfirmed(1, 'request to an HTTP API of API Gateway', MILLION),
  userMonth: unconfirmed(0.015, 'user of Cognito (Essentials) who signs in in a month'),
  message: unconfirmed(2, 'e-mail of SNS', 100_000),
  natHour: price(0.045, 'NAT gateway and hour'),
  natGigabyte: price(0.045, 'GB through a NAT gateway'),
  addressHour: unconfirmed(0.005, 'public IPv4 address and hour'),
  endpointHour: price(0.01, 'interface endpoint, zone and hour'),
  endpointGigabyte: price(0.01, 'GB through an interface endpoint'),
  internetGigabyte: price(0.09, 'GB out to the Internet'),
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** What an hour of an instance costs. @throws Error for a type that is not in the volume table */
export function instanceHour(instanceType: string): PriceName {
  const found = INSTANCE_HOURS[instanceType];
  if (found === undefined) throw new Error(`no price of ${instanceType} is known`);
  return found;
}

const INSTANCE_HOURS: Readonly<Record<string, PriceName>> = {
  't3.large': 'instanceHourT3Large',
  't3.xlarge': 'instanceHourT3Xlarge',
  't3.2xlarge': 'instanceHourT32xlarge',
  'm7i.4xlarge': 'instanceHourM7i4xlarge',
};
