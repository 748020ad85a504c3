import { copyCost, COPY_BYTES_PER_SECOND } from '../../infra/cost/copy-cost.ts';
import { dollarsOf, estimate, SERVICES, type CostLine } from '../../infra/cost/estimate.ts';
import { BUSY, IDLE, STANDARD, WORKING_DAYS } from '../../infra/cost/examples.ts';
import { PRICES, PRICES_DATE, PRICES_REGION, instanceHour } from '../../infra/cost/prices.ts';
import {
  EXTRACT,
  IDLE_MOVE,
  loadingMinute,
  readerMinute,
  standbyMinute,
  watchMinute,
  type Requests,
} from '../../infra/cost/requests.ts';
import {
  ASSUMED,
  EVENT_BYTES,
  EXTRACT_ITEM_BYTES,
  HOURS,
  MANIFEST_BYTES,
  monthOf,
  NONCURRENT_DAYS,
  type CostedDeployment,
  type Workload,
} from '../../infra/cost/usage.ts';
import { SIZES } from '../../infra/deployment/volumes.ts';
import { deploymentSchema, VOLUMES } from '../../infra/deployment/deployment.ts';
import standard from '../../infra/examples/standard.config.ts';
import { tagsOf } from '../../infra/tagging.ts';

/** What a pipeline costs, with every figure worked out from infra/cost. */
export function costPage(): string {
  const parts = [
    opening(),
    months(),
    dominating(),
    counts(),
    formula(),
    sizes(),
    networks(),
    saving(),
    copies(),
    tags(),
  ];
  return `${[...parts, assumptions(), prices()].join('\n\n')}\n`;
}

const money = (dollars: number): string =>
  dollars > 0 && dollars < 0.005 ? '<0.01' : dollars.toFixed(dollars < 1000 ? 2 : 0);
const whole = (count: number): string => Math.round(count).toLocaleString('en');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const aligned = head.map((_, index) => (index === 0 ? '---' : '--:')).join('|');
  return [`| ${head.join(' | ')} |`, `|${aligned}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

/** Words stand on the left. */
function wordTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return table(head, rows).replaceAll('--:', '---');
}

function linesOf(deployment: CostedDeployment, work: Workload): CostLine[] {
  return estimate(deployment, monthOf(deployment, work));
}

function dollars(deployment: CostedDeployment, work: Workload): number {
  return dollarsOf(linesOf(deployment, work));
}

function opening(): string {
  return `# What a pipeline costs

Made by \`npm run docs\` from [infra/cost](../infra/cost). US dollars a month of ${HOURS} hours, list prices of **${PRICES_REGION} as of ${PRICES_DATE}**, without taxes, discounts and free tiers. **No bill was ever seen**: the calls are counted, the prices are public, and what cannot be counted without an account is [assumed](#what-is-assumed). Look at [AWS's pages](https://aws.amazon.com/pricing) before you decide by a figure, and set a budget alarm.

What a pipeline of yours would cost:

\`\`\`sh
node infra/cost/print.ts --volume under300GB --tables 250 --changing-tables 20 --busy-hours 220 --rows-per-second 500 --extract-seconds 5
node infra/cost/print.ts --help
\`\`\`

SingleStore, the source database and the line to it are not in it.`;
}

const CASES: readonly (readonly [title: string, work: Workload])[] = [
  ['idle', IDLE],
  ['working days', WORKING_DAYS],
  ['busy', BUSY],
];

function months(): string {
  const columns = CASES.map(([, work]) => linesOf(STANDARD, work));
  const row = (title: string, only: (line: CostLine) => boolean): string[] => [
    title,
    ...columns.map((lines) => money(dollarsOf(lines, only))),
  ];
  const rows = SERVICES.filter((service) => columns.flat().some((line) => line.service === service)).map((service) =>
    row(service, (line) => line.service === service),
  );
  const totals = [
    row('**In all**', () => true),
    row('of it shared by all pipelines', ({ scope }) => scope === 'shared'),
  ];
  return `## A month

One pipeline of [the standard example](../infra/examples/standard.config.ts): \`under100GB\`, reader on Fargate, a VPC of its own with one NAT gateway, extracts kept for ${STANDARD.extractRetentionDays} days, logs for ${STANDARD.logRetentionDays}; ${BUSY.tables} tables of ${BUSY.columnsPerTable} columns; an extract every second while something changes.

- *idle*: nothing changes.
- *working days*: ${WORKING_DAYS.busyHours} hours a month, ${WORKING_DAYS.rowsPerSecond} changes a second of ${WORKING_DAYS.bytesPerRow} bytes in ${WORKING_DAYS.changingTables} tables.
- *busy*: all month, day and night, ${whole(BUSY.rowsPerSecond)} changes a second of ${BUSY.bytesPerRow} bytes in all ${BUSY.changingTables} tables.

${table(['Service', ...CASES.map(([title]) => title)], [...rows, ...totals])}`;
}

function dominating(): string {
  const top = (work: Workload): string[][] => {
    const lines = linesOf(STANDARD, work);
    const total = dollarsOf(lines);
    const sorted = lines.toSorted((a, b) => b.dollars - a.dollars).slice(0, MOST_LINES);
    return sorted.map(({ service, what, dollars: line }) => [
      `${service}: ${what}`,
      money(line),
      `${Math.round((100 * line) / total)} %`,
    ]);
  };
  return `## What dominates

Idle, what stands there all the time: the way out of the VPC, the reader, and what CloudWatch takes for watching.

${table(['idle', 'Dollars', 'Share'], top(IDLE))}

Busy, what each extract costs. A load's time grows with the tables in it, and so do its events (one \`TableLoaded\` for each table) and the manifest of its object; the number of objects, writes and calls does not.

${table(['busy', 'Dollars', 'Share'], top(BUSY))}`;
}
const MOST_LINES = 8;

function counts(): string {
  const shape = { tables: BUSY.tables, columnsPerTable: BUSY.columnsPerTable };
  const row = (title: string, requests: Requests): string[] => [
    title,
    ...(['puts', 'gets', 'writeUnits', 'readUnits', 'loads', 'watches', 'secretReads'] as const).map((name) =>
      whole(requests[name]),
    ),
  ];
  const head = ['', 'PUT', 'GET', 'DynamoDB WRU', 'DynamoDB RRU', 'calls of load', 'other calls', 'secrets read'];
  const rows = [
    row('a minute of the reader', readerMinute(true)),
    row('a minute of a second reader that stands by', standbyMinute(true)),
    row('a minute of `schedule-tick` and `health`', watchMinute(shape, true)),
    row('an idle minute in which the log moved elsewhere, besides', IDLE_MOVE),
    row('**an extract with its load**', EXTRACT),
    row('a minute in which extracts are loaded, besides', loadingMinute(shape)),
  ];
  return `## What is called

${table(head, rows)}

[A test](../test/e2e/cost.server.test.ts) runs a pipeline with 1 and with ${BUSY.tables} tables, from PostgreSQL and from MariaDB, on services that stand in for AWS, and counts an idle minute and a busy one: they are exactly these. Only the records of tables (${whole(watchMinute(shape, true).readUnits - watchMinute({ tables: 0, columnsPerTable: 0 }, true).readUnits + 1)} of the read units in two rows: ${shape.tables} tables of ${shape.columnsPerTable} columns) and the sizes of objects and events are approximate, within a fifth.

- The reader renews its lease six times a minute and tells its status once; PostgreSQL's slot or the binlog is looked at twice, each time with a login of its own.
- The reader writes two items for an extract, the loader three: its lease, what was loaded, its lease again. Where loads take longer than extracts, one call loads several, and all of its part is less.
- An object is read once, however many tables are in it, up to 8 MiB; a larger one is read once for each table.
- An idle source has no object and no message. Where other databases write to its log, the position is moved once a minute, so that the source may drop its log; the loader is called, looks at two items and ends.
- Writes that the stream's filter leaves out call nobody. Reading the stream is free for Lambda.`;
}

function formula(): string {
  return `## The formula

With the symbols *T* tables of *C* columns, of which *t* change in an extract; *h* busy hours a month; *s* seconds an extract; *r* changed rows a second of *b* bytes; *N* = 3600 *h* / *s* extracts a month; 43,800 minutes a month; *R* readers (2 with \`highAvailability\`):

| What | Count |
|---|---|
| Fargate | *R* × ${HOURS} h × (CPUs × price + GB × price + (GiB of disk − 20) × price) |
| S3 PUT, GET | *N* each |
| S3 storage | (*N* × (${MANIFEST_BYTES.rest} + *t* × (${MANIFEST_BYTES.table} + ${MANIFEST_BYTES.column} *C*)) + 3600 *h r b* × ${ASSUMED.compression}) bytes × (\`extractRetentionDays\` + ${NONCURRENT_DAYS}) / 30.4 |
| DynamoDB WRU | ${EXTRACT.writeUnits} *N* + ${readerMinute(true).writeUnits} × minutes + idle minutes |
| DynamoDB RRU | ${EXTRACT.readUnits} *N* + (${readerMinute(true).readUnits} + ${watchMinute({ tables: 0, columnsPerTable: 0 }, true).readUnits - 1} + *u*) × minutes + *u* × busy minutes + 2 × idle minutes; *u* = *T* × (465 + 145 *C*) / 4096 |
| DynamoDB storage and recovery | ${EXTRACT_ITEM_BYTES} bytes × *N*, each month anew: records of extracts stay in the catalog when their objects expire |
| Lambda calls | *N* + 2 × minutes + idle minutes |
| Lambda GB-seconds | *N* × (${ASSUMED.loadSeconds} + ${ASSUMED.loadSecondsPerTable} *t*) s × memory of \`load\`, and ${ASSUMED.idleCallSeconds} s for a call with nothing to do |
| X-Ray | a trace for each call: at about one call a second Lambda samples all of them |
| Logs | *N* × (${EVENT_BYTES.extract} + ${EVENT_BYTES.load} + ${EVENT_BYTES.tableLoaded} *t*) + *R* × ${EVENT_BYTES.readerStatus} × minutes + ${ASSUMED.platformLogBytes} × Lambda calls, in bytes |
| KMS | secrets read + ${ASSUMED.keyRequestsPerMinute} × minutes |

Alarms, metrics, secrets, schedules and the dashboard are counted in the templates; a test holds the formula to them. Step Functions and SNS cost nothing until something happens: an operation takes some hundred transitions (a cent), an alarm one e-mail.`;
}

function sizes(): string {
  const rows = VOLUMES.map((volume) => {
    const size = SIZES[volume];
    const compute = (reader: 'fargate' | 'ec2'): number =>
      dollarsOf(
        linesOf({ ...STANDARD, pipeline: { volume, reader, highAvailability: false } }, IDLE),
        ({ service }) => service === 'Fargate' || service === 'EC2',
      );
    const { fargate, ec2 } = { fargate: compute('fargate'), ec2: compute('ec2') };
    return [
      `\`${volume}\``,
      `${size.cpu / 1024} CPU, ${size.memory / 1024} GB`,
      money(fargate),
      `${size.instanceType}, ${size.instanceDisk} GB${PRICES[instanceHour(size.instanceType)].confirmed ? '' : ' ¹'}`,
      money(ec2),
    ];
  });
  return `## Sizes

The reader, all month; twice that with \`highAvailability\`. The instances and disks are those that SingleStore Ingest asks for at these volumes (the last one is ours). Tasks are smaller, because memory is bounded whatever the volume and a copy is spread over tasks of its own.

${table(['Volume', 'Fargate', 'Dollars', 'EC2', 'Dollars'], rows)}

¹ Price not confirmed, see [prices](#prices).`;
}

function networks(): string {
  const own = STANDARD.network;
  if (own.tag !== 'new') throw new Error('the standard example has a network of its own');
  const cases: readonly (readonly [string, CostedDeployment['network']])[] = [
    ['an existing VPC (its own cost is its owner’s)', { tag: 'existing' }],
    ['`nat: one`', own],
    ['`nat: perZone`, 3 zones', { ...own, nat: 'perZone', availabilityZones: 3 }],
    ['`nat: none`, `interfaceEndpoints`, 2 zones', { ...own, nat: 'none', interfaceEndpoints: true }],
    [
      '`nat: perZone`, `interfaceEndpoints`, 3 zones',
      { ...own, nat: 'perZone', interfaceEndpoints: true, availabilityZones: 3 },
    ],
  ];
  const rows = cases.map(([title, network]) => [
    title,
    money(dollarsOf(linesOf({ ...STANDARD, network }, IDLE), ({ service }) => service === 'Network')),
  ]);
  const internet = dollarsOf(
    linesOf({ ...STANDARD, overInternet: true }, BUSY),
    ({ service }) => service === 'Network',
  );
  return `## The network

All pipelines of a deployment share it.

${table(['Network', 'Dollars'], rows)}

S3 and DynamoDB are reached by gateway endpoints, which cost nothing: extracts never go through NAT. Rows do, where SingleStore is reached over the Internet: the busy pipeline's network then costs ${money(internet)}. By PrivateLink or peering it is ${money(PRICES.endpointGigabyte.dollars)} a GB; between two zones AWS takes another 0.01 in each direction, also from the source to the reader.`;
}

function saving(): string {
  const busy = dollars(STANDARD, BUSY);
  const saved = (deployment: CostedDeployment, work: Workload, from: number): string =>
    money(from - dollars(deployment, work));
  const without = (service: string, what: string, work: Workload): string =>
    money(dollarsOf(linesOf(STANDARD, work), (line) => line.service === service && line.what === what));
  const insights = money(ASSUMED.insightsMetrics * PRICES.metricMonth.dollars);
  const rows = [
    [
      'Longer extracts: `extracts.seconds: 5`',
      saved(STANDARD, { ...BUSY, extractSeconds: 5 }, busy),
      'Rows come up to 5 s later. This saves most.',
    ],
    [
      '… `extracts.seconds: 60`',
      saved(STANDARD, { ...BUSY, extractSeconds: 60 }, busy),
      'A minute. Load time falls less than this says, since larger extracts load longer.',
    ],
    [
      'Fewer tables in a pipeline',
      'some',
      'Events, manifests and load time follow the tables that change, not the tables that there are. Do not make two pipelines of one for this: each has a reader of its own.',
    ],
    [
      'No network of its own',
      money(dollarsOf(linesOf(STANDARD, IDLE), ({ service }) => service === 'Network')),
      '`network: existing`: a VPC that has NAT or endpoints already. `nat: none` with endpoints costs more than one NAT gateway.',
    ],
    [
      'Keep extracts for 3 days: `extractRetentionDays: 3`',
      saved({ ...STANDARD, extractRetentionDays: 3 }, BUSY, busy),
      'A rollback reaches back 3 days. What expired is billed for a week more, as a noncurrent version.',
    ],
    [
      'Keep logs for 30 days: `logRetentionDays: 30`',
      saved({ ...STANDARD, logRetentionDays: 30 }, BUSY, busy),
      'Taking logs in is what costs, not keeping them. The log level (INFO) hardly matters: nearly all of it is events.',
    ],
    [
      'No Container Insights',
      insights,
      'They count running tasks for the alarm `no-reader`, the dashboard and cdk-nag’s rule ECS4: a change of the code.',
    ],
    [
      'No traces',
      `${without('X-Ray', 'traces', IDLE)} to ${without('X-Ray', 'traces', BUSY)}`,
      'Lambda’s sampling rate cannot be set; tracing can be switched off in the code.',
    ],
    [
      'A Compute Savings Plan',
      `up to half of Fargate and some of Lambda`,
      'A commitment for a year or three. The reader runs all the time, so it fits.',
    ],
    [
      'No standby',
      saved(STANDARD, IDLE, dollars({ ...STANDARD, pipeline: { ...STANDARD.pipeline, highAvailability: true } }, IDLE)),
      'Without one ECS starts a new reader within a minute or two; nothing is lost, the log waits at the source.',
    ],
  ];
  return `## How to save

Dollars a month, of the standard pipeline; of the busy one where the cost comes from changes.

${wordTable(['What', 'Saves', 'And'], rows)}

**Why the reader is not on Fargate Spot.** It would save about two thirds of ${money(dollarsOf(linesOf(STANDARD, IDLE), ({ service }) => service === 'Fargate'))}, but AWS takes a Spot task back with two minutes' notice and may have no other for hours, while the source keeps its log: its disk is the stake. A standby on Spot may be gone at the same time. Copy workers could run there, since a chunk that was cut off is copied again; they live for hours only, so it saves little, and it is not built in.

**Schedules instead of a standing reader.** A reader costs ${money(dollarsOf(linesOf(STANDARD, IDLE), ({ service }) => service === 'Fargate') / HOURS)} an hour, so stopping it at night saves little, and the source keeps its log all the while. Where rows are wanted once a day only, longer extracts save nearly the same. Who wants it all the same sets the service to no task (\`aws ecs update-service --desired-count 0\`) and starts the state machine of the manual delta by a schedule: a minute of Fargate and some calls each time. The alarm \`no-reader\` then has to be silenced, and the next deployment sets the service back to one.`;
}

function copies(): string {
  const cases = [
    ['under100GB', 50],
    ['under300GB', 250],
    ['under1TB', 900],
    ['over1TB', 5000],
  ] as const;
  const rows = cases.map(([volume, gigabytes]) => {
    const { hours, dollars: once } = copyCost(volume, gigabytes);
    return [`\`${volume}\`: ${whole(gigabytes)} GB`, `${SIZES[volume].copyTasks}`, hours.toFixed(1), money(once)];
  });
  return `## A full extract, once

Where each task reads ${COPY_BYTES_PER_SECOND / 1e6} MB of rows a second and the destination keeps up (assumed; a full extract that takes twice as long costs nearly twice as much):

${table(['Volume', 'Tasks', 'Hours', 'Dollars'], rows)}

Its files are kept for 30 days, which is part of it.`;
}

function tags(): string {
  const names = [...Object.keys(tagsOf(deploymentSchema.parse(standard), '')), 'Name'];
  return `## Whose cost it is

Every resource has the tags ${names.map((name) => `\`${name}\``).join(', ')} and those that you add ([deploying](deploying.md)). \`Pipeline\` is \`Shared\` on what all pipelines use, and \`Name\` is made after \`nameTag\`, such as \`SingleStoreIngest_BFS_EC2_Prod\`. Once, the payer's account has to make them cost allocation tags; then Cost Explorer groups by them, from that day on:

\`\`\`sh
aws ce update-cost-allocation-tags-status --cost-allocation-tags-status ${names
    .filter((name) => name !== 'Name' && name !== 'Owner')
    .map((name) => `TagKey=${name},Status=Active`)
    .join(' ')}
aws ce get-cost-and-usage --time-period Start=2026-06-01,End=2026-07-01 --granularity MONTHLY --metrics UnblendedCost --group-by Type=TAG,Key=Pipeline Type=DIMENSION,Key=SERVICE
\`\`\`

What has no tags in AWS is not told apart: custom metrics, alarms, X-Ray traces, data transfer; and the requests to the shared bucket, table and key count as \`Shared\`.`;
}

function assumptions(): string {
  const texts: Readonly<Record<keyof typeof ASSUMED, string>> = {
    loadSeconds:
      'seconds of a load of an extract with one table; 0.03 were measured with everything on one machine of two cores',
    loadSecondsPerTable: 'seconds for each table in it; 0.001 were measured there',
    idleCallSeconds: 'seconds of a call that finds nothing to do',
    compression: 'compressed bytes of a byte of rows',
    logCompression: 'compressed bytes of a byte of log that is kept',
    platformLogBytes: 'bytes of Lambda’s own lines of a call',
    keyRequestsPerMinute: 'requests to KMS in a minute besides those of secrets: data keys are kept for minutes',
    insightsMetrics: 'metrics of Container Insights for one cluster with one service',
    flowLogBytesPerMinute: 'bytes of flow logs of a reader in a minute',
    controlBytesPerSecond: 'bytes a second of a reader to AWS besides S3 and DynamoDB',
    wireFactor: 'bytes on the wire of a byte of rows',
  };
  const rows = Object.entries(texts).map(([name, text]) => [`${ASSUMED[name as keyof typeof ASSUMED]}`, text]);
  return `## What is assumed

${wordTable(['Value', 'What'], rows)}

Left out: operations other than the full extract above, the image in ECR and the access logs of the bucket (cents), the support plan, and what SingleStore and the source cost.`;
}

function prices(): string {
  const rows = Object.values(PRICES).map(({ dollars: one, unit, confirmed }) => [
    unit,
    one < 0.0001 ? `${Number((one * 1_000_000).toPrecision(9))} per million` : `${one}`,
    confirmed ? '' : 'not confirmed',
  ]);
  return `## Prices

${PRICES_REGION}, ${PRICES_DATE}. Frankfurt (eu-central-1) is about 10 to 25 % above it. Those that were not found in public pages of the date, and are from memory, are marked.

${wordTable(['For', 'Dollars', ''], rows)}`;
}
