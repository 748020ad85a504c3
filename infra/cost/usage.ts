import type { Deployment, PipelineDeployment } from '../deployment/deployment.ts';
import { sizeOf } from '../deployment/volumes.ts';
import {
  EXTRACT,
  EXTRACT_ITEM_BYTES,
  idleMove,
  loadingMinute,
  NO_REQUESTS,
  rememberingExtract,
  rememberingMove,
  RUN_LOOK,
  readerMinute,
  REMOVAL,
  runBytes,
  standbyMinute,
  sumsMinute,
  sumOf,
  times,
  watchMinute,
  type PipelineShape,
  type Requests,
} from './requests.ts';

/** AWS's month. */
export const HOURS = 730;
const MINUTES = HOURS * 60;
const SECONDS = MINUTES * 60;
const DAYS = HOURS / 24;
const GIGABYTE = 1e9;

/** What a pipeline has to do. */
export interface Workload extends PipelineShape {
  /** Tables that change in an extract. */
  readonly changingTables: number;
  /** Hours of a month in which something changes, 0 to 730; in them there is an extract every `extractSeconds`. */
  readonly busyHours: number;
  readonly rowsPerSecond: number;
  /** Of a changed row as text, uncompressed. */
  readonly bytesPerRow: number;
  readonly extractSeconds: number;
  /** The setting `events.tableLoaded`. */
  readonly tableLoadedEvents: boolean;
  /** Bytes that a position has besides a place in the log: `rememberedBytes` of the kind of source. Without this: none. */
  readonly rememberedBytes?: number;
}

/** The part of a deployment that decides about its cost. */
export interface CostedDeployment {
  readonly pipeline: Pick<PipelineDeployment, 'volume' | 'highAvailability' | 'reader'>;
  readonly network:
    | { readonly tag: 'existing' }
    | Pick<Extract<Deployment['network'], { tag: 'new' }>, 'tag' | 'availabilityZones' | 'nat' | 'interfaceEndpoints'>;
  /** The pipeline's `extracts.retentionDays`, or the bucket's `extractRetentionDays` where that is less. */
  readonly extractRetentionDays: number;
  readonly logRetentionDays: number;
  /** Where the schedule has runs instead of a standing reader: how many a day, and how long a task of each lives. */
  readonly runs?: { readonly perDay: number; readonly minutes: number };
  /** Whether rows go to the destination over the Internet, rather than by PrivateLink or peering. */
  readonly overInternet: boolean;
}

/**
 * What cannot be known without a bill, or depends on the database. Every figure of a month that stands on one of these is an estimate,
 * however exact the counts are.
 */
export const ASSUMED = {
  /**
   * Seconds of a call of `load` with an extract of one table, and for each further table. With everything on one machine of two cores they
   * were 0.03 and 0.001; a function has half a core and a network.
   */
  loadSeconds: 0.2,
  loadSecondsPerTable: 0.003,
  /** Seconds that a call of `load` needs besides for each old extract that it removes. */
  removeSeconds: 0.01,
  /** Seconds of a call that finds nothing to do. */
  idleCallSeconds: 0.03,
  /** Compressed bytes of a byte of rows. */
  compression: 0.25,
  /** Compressed bytes of a byte of log, as it is kept. */
  logCompression: 0.15,
  /** Lambda's own lines of a call in JSON: start and report. */
  platformLogBytes: 700,
  /** Requests to KMS in a minute besides those of secrets: bucket keys, DynamoDB's and the log groups' data keys are kept for minutes. */
  keyRequestsPerMinute: 2,
  /** Metrics of Container Insights for a cluster with one service: by cluster, by service, by task family. */
  insightsMetrics: 38,
  /** Bytes of flow logs of a task or function's interface in a minute. */
  flowLogBytesPerMinute: 3000,
  /** Bytes of a second of the reader to AWS's own endpoints besides S3 and DynamoDB: logs and secrets. */
  controlBytesPerSecond: 500,
  /** Wire bytes of a byte of rows: TLS, SQL, acknowledgements. */
  wireFactor: 1.15,
} as const;

/** Bytes of an event's line with CloudWatch's 26 for each; the test holds these to a pipeline's events. */
export const EVENT_BYTES = { extract: 430, load: 430, tableLoaded: 360, readerStatus: 530, loaderStatus: 230 } as const;
/** Bytes of a table and of each of its columns in an extract's manifest, which is not compressed, and what is there in any case. */
export const MANIFEST_BYTES = { table: 560, column: 122, rest: 300 } as const;
/** An extract's item stays in the catalog ten times as long as its object. */
const LISTED_FACTOR = 10;
/** How long records of runs stay: core/catalog/run-records.ts. */
const RUN_DAYS = 35;
/** Log filters make these of events while something changes, and that one when nothing does: infra/pipeline/event-metrics.ts. */
export const METRICS = { busy: 9, always: 1 } as const;
/** Metrics that alarms look at; infra/pipeline/alarms.ts. */
export const ALARM_METRICS = { reader: 1, others: 8, perOperation: 2 } as const;
/** State machines: all, and those of a pipeline with an external reader, which has no manual delta. */
export const MACHINES = { all: 6, external: 5 } as const;
/** infra/network/endpoints.ts. */
export const ENDPOINTS = { always: 9, withInstances: 3 } as const;
const SECRETS = 2;
const FREE_DISK = 20;
/** What expired stays for a week more, as a noncurrent version: infra/stacks/data-stack.ts. */
export const NONCURRENT_DAYS = 7;

/** A month of a pipeline, in what AWS bills. */
export interface Usage {
  readonly requests: Requests;
  readonly extracts: number;
  readonly fargate: { readonly cpuHours: number; readonly memoryHours: number; readonly diskHours: number };
  readonly instances: {
    readonly type: string;
    readonly hours: number;
    readonly diskMonths: number;
    readonly count: number;
  };
  readonly lambdaGigabyteSeconds: number;
  readonly bucketGigabytes: number;
  /** Of the catalog: extracts' records stay ten times as long as the extracts, those of runs for 35 days. */
  readonly tableGigabytes: number;
  readonly logGigabytes: number;
  readonly metrics: number;
  readonly alarmMetrics: number;
  readonly traces: number;
  readonly keyRequests: number;
  readonly secrets: number;
  readonly natHours: number;
  readonly endpointHours: number;
  /** Gigabytes that leave the private subnets and go neither to S3 nor to DynamoDB nor within the VPC. */
  readonly egressGigabytes: number;
  readonly internetGigabytes: number;
  readonly flowLogGigabytes: number;
}

/** Pure: what a month of a pipeline uses. */
export function monthOf(deployment: CostedDeployment, work: Workload): Usage {
  const extracts = (work.busyHours * 3600) / work.extractSeconds;
  const requests = requestsOf(deployment, work, extracts);
  const readers = readersOf(deployment);
  const rowBytes = work.rowsPerSecond * work.bytesPerRow * work.busyHours * 3600;
  const stored = extracts * manifestBytes(work) + rowBytes * ASSUMED.compression;
  const kept = (deployment.extractRetentionDays + NONCURRENT_DAYS) / DAYS;
  const internetGigabytes = deployment.overInternet ? (rowBytes * ASSUMED.wireFactor) / GIGABYTE : 0;
  return {
    requests,
    extracts,
    ...computeOf(deployment, readers),
    lambdaGigabyteSeconds: lambdaSeconds(deployment, work, requests, extracts),
    bucketGigabytes: (stored * kept) / GIGABYTE,
    tableGigabytes:
      (extracts *
        ((EXTRACT_ITEM_BYTES + (work.rememberedBytes ?? 0)) *
          ((LISTED_FACTOR * deployment.extractRetentionDays) / DAYS) +
          (runBytes(work.changingTables) * RUN_DAYS) / DAYS)) /
      GIGABYTE,
    logGigabytes: logBytes(work, requests, extracts, readers, readingMinutes(deployment)) / GIGABYTE,
    metrics:
      METRICS.always +
      (METRICS.busy * Math.min(work.busyHours, HOURS)) / HOURS +
      (readers === 0 ? 0 : ASSUMED.insightsMetrics),
    alarmMetrics: alarmMetrics(deployment),
    // Lambda traces the first call of a second and one in twenty of the others; here there is hardly ever a second one.
    traces: Math.min(requests.loads, SECONDS) + requests.watches,
    keyRequests: requests.secretReads + ASSUMED.keyRequestsPerMinute * MINUTES,
    secrets: SECRETS,
    ...networkOf(deployment),
    egressGigabytes: (readers * ASSUMED.controlBytesPerSecond * SECONDS) / GIGABYTE + internetGigabytes,
    internetGigabytes,
    flowLogGigabytes:
      deployment.network.tag === 'new' ? ((readers + 1) * ASSUMED.flowLogBytesPerMinute * MINUTES) / GIGABYTE : 0,
  };
}

/** Readers that stand on AWS. */
function readersOf({ pipeline, runs }: CostedDeployment): number {
  if (pipeline.reader === 'external' || runs !== undefined) return 0;
  return pipeline.highAvailability ? 2 : 1;
}

/** A reader on premises makes the same calls. */
function requestsOf(deployment: CostedDeployment, work: Workload, extracts: number): Requests {
  const hasExtracts = extracts > 0;
  const idleMinutes = MINUTES - work.busyHours * 60;
  const remembered = work.rememberedBytes ?? 0;
  const idle = sumOf(idleMove(true), rememberingMove(remembered));
  return sumOf(
    times(readerMinute(hasExtracts), readingMinutes(deployment)),
    times(watchMinute(work, hasExtracts), MINUTES),
    ...(deployment.runs === undefined ? [times(idle, idleMinutes)] : [times(RUN_LOOK, MINUTES)]),
    times(EXTRACT, extracts),
    times(REMOVAL, extracts),
    times(rememberingExtract(remembered), extracts),
    times(extractUnits(work), extracts),
    times(sumsMinute(0, work.changingTables), idleMinutes),
    times(sumsMinute(60 / work.extractSeconds, work.changingTables), work.busyHours * 60),
    times(loadingMinute(work), Math.min(work.busyHours * 60, extracts)),
    ...(deployment.pipeline.highAvailability ? [times(standbyMinute(hasExtracts), MINUTES)] : []),
  );
}

/** A run in which many tables change is more than one unit to write. */
function extractUnits({ changingTables }: Workload): Requests {
  return { ...NO_REQUESTS, writeUnits: Math.ceil(runBytes(changingTables) / 1024) - 1 };
}

/** In a month, in which somebody reads the log. */
function readingMinutes({ runs }: CostedDeployment): number {
  return runs === undefined ? MINUTES : runs.perDay * runs.minutes * DAYS;
}

function computeOf(deployment: CostedDeployment, readers: number): Pick<Usage, 'fargate' | 'instances'> {
  const { pipeline, runs } = deployment;
  const size = sizeOf(pipeline.volume);
  // Runs are tasks on Fargate, whatever a standing reader would be.
  const runHours = runs === undefined ? 0 : readingMinutes(deployment) / 60;
  const onInstances = pipeline.reader === 'ec2' ? readers : 0;
  const tasks = readers - onInstances;
  return {
    fargate: {
      cpuHours: ((tasks * HOURS + runHours) * size.cpu) / 1024,
      memoryHours: ((tasks * HOURS + runHours) * size.memory) / 1024,
      diskHours: (tasks * HOURS + runHours) * (size.taskDisk - FREE_DISK),
    },
    instances: {
      type: size.instanceType,
      hours: onInstances * HOURS,
      diskMonths: onInstances * size.instanceDisk,
      count: onInstances,
    },
  };
}

function lambdaSeconds(
  { pipeline }: CostedDeployment,
  work: Workload,
  { loads, watches }: Requests,
  extracts: number,
): number {
  const perLoad = ASSUMED.loadSeconds + work.changingTables * ASSUMED.loadSecondsPerTable;
  const loading = extracts * (perLoad + ASSUMED.removeSeconds) + (loads - extracts) * ASSUMED.idleCallSeconds;
  return (loading * sizeOf(pipeline.volume).loadMemory) / 1024 + watches * ASSUMED.idleCallSeconds * 0.25;
}

export function manifestBytes({ changingTables, columnsPerTable }: Workload): number {
  return MANIFEST_BYTES.rest + changingTables * (MANIFEST_BYTES.table + columnsPerTable * MANIFEST_BYTES.column);
}

function logBytes(
  work: Workload,
  { loads, watches }: Requests,
  extracts: number,
  readers: number,
  statusMinutes: number,
): number {
  const tables = work.tableLoadedEvents ? work.changingTables : 0;
  const perExtract = EVENT_BYTES.extract + EVENT_BYTES.load + tables * EVENT_BYTES.tableLoaded;
  const perMinute = Math.max(1, readers) * EVENT_BYTES.readerStatus;
  const busyMinutes = Math.min(MINUTES, extracts);
  return (
    extracts * perExtract +
    statusMinutes * perMinute +
    busyMinutes * EVENT_BYTES.loaderStatus +
    (loads + watches) * ASSUMED.platformLogBytes
  );
}

export function alarmMetrics({ pipeline, runs }: Pick<CostedDeployment, 'pipeline' | 'runs'>): number {
  const isExternal = pipeline.reader === 'external';
  const stands = !isExternal && runs === undefined;
  const machines = isExternal ? MACHINES.external : MACHINES.all;
  return (stands ? ALARM_METRICS.reader : 0) + ALARM_METRICS.others + machines * ALARM_METRICS.perOperation;
}

function networkOf({ network, pipeline }: CostedDeployment): Pick<Usage, 'natHours' | 'endpointHours'> {
  if (network.tag === 'existing') return { natHours: 0, endpointHours: 0 };
  const gateways = { none: 0, one: 1, perZone: network.availabilityZones }[network.nat];
  const endpoints = ENDPOINTS.always + (pipeline.reader === 'ec2' ? ENDPOINTS.withInstances : 0);
  return {
    natHours: gateways * HOURS,
    endpointHours: network.interfaceEndpoints ? endpoints * network.availabilityZones * HOURS : 0,
  };
}
