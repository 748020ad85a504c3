import { consoleCost, SOME_USE } from '../../infra/cost/console-cost.ts';
import { copyCost, COPY_BYTES_PER_SECOND } from '../../infra/cost/copy-cost.ts';
import { dollarsOf, SERVICES, type CostLine } from '../../infra/cost/estimate.ts';
import { BUSY, DAILY_WORK, IDLE, ONCE_A_DAY, STANDARD, WORKING_DAYS } from '../../infra/cost/examples.ts';
import { PRICES, PRICES_DATE, PRICES_REGION, instanceHour } from '../../infra/cost/prices.ts';
import { ASSUMED, HOURS, type CostedDeployment, type Workload } from '../../infra/cost/usage.ts';
import { SIZES } from '../../infra/deployment/volumes.ts';
import { deploymentSchema, VOLUMES } from '../../infra/deployment/deployment.ts';
import standard from '../../infra/examples/standard.config.ts';
import { tagsOf } from '../../infra/tagging.ts';
import { assumptions, counts, formula, prices } from './cost-basis.ts';
import { dollars, linesOf, money, table, whole, wordTable } from './cost-tables.ts';

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
    webConsole(),
    tags(),
  ];
  return `${[...parts, assumptions(), prices()].join('\n\n')}\n`;
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
      'Keep extracts for 3 days: `extracts.retentionDays: 3` in the pipeline’s settings',
      saved({ ...STANDARD, extractRetentionDays: 3 }, BUSY, busy),
      'A rollback reaches back 3 days. What expired is billed for a week more, as a noncurrent version.',
    ],
    [
      'Keep logs for 30 days: `logRetentionDays: 30`',
      saved({ ...STANDARD, logRetentionDays: 30 }, BUSY, busy),
      'Taking logs in is what costs, not keeping them. The log level (INFO) hardly matters: nearly all of it is events.',
    ],
    [
      'No event for each table of each extract: `events.tableLoaded: false`',
      saved(STANDARD, { ...BUSY, tableLoadedEvents: false }, busy),
      'Counts by table are still in the reports. The metrics of inserts, updates and deletes need these events.',
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

**Schedules instead of a standing reader.** With a schedule that recurs (\`periodic\`, \`daily\`, …, see [schedules.md](schedules.md)) no reader stands: a task of some minutes reads the log at each due time. A reader costs ${money(dollarsOf(linesOf(STANDARD, IDLE), ({ service }) => service === 'Fargate') / HOURS)} an hour, so this saves all of it but the runs, and small extracts are spared, too: the *working days* above come to ${money(dollars(ONCE_A_DAY, DAILY_WORK))} instead of ${money(dollars(STANDARD, WORKING_DAYS))} where the log is read once a day. The source keeps its log between the runs, so its disk must have room for it.`;
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

function webConsole(): string {
  const lines = consoleCost(SOME_USE);
  const total = lines.reduce((sum, line) => sum + line.dollars, 0);
  const rows = lines.map(({ what, count, dollars: line }) => [what, whole(count), money(line)]);
  return `## The web console

One for all pipelines of a deployment. It stands by for nothing but its alarm; what costs is a page that somebody looks at, because it asks every five seconds. ${SOME_USE.users} people who look for ${whole(SOME_USE.openHours)} hours a month together (assumed: 0.15 s and 30 reads for each request):

${table(['', 'Count', 'Dollars'], [...rows, ['**In all**', '', money(total)]])}

A provider of your own instead of Cognito costs what it costs.`;
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
