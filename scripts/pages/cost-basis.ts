import { keptBytes } from '../../core/sources/oracle/following/most-kept.ts';
import { BUSY } from '../../infra/cost/examples.ts';
import { PRICES, PRICES_DATE, PRICES_REGION } from '../../infra/cost/prices.ts';
import {
  EXTRACT,
  EXTRACT_ITEM_BYTES,
  REMOVAL,
  idleMove,
  loadingMinute,
  readerMinute,
  rememberingExtract,
  rememberingMove,
  runBytes,
  sumsMinute,
  standbyMinute,
  watchMinute,
  type Requests,
} from '../../infra/cost/requests.ts';
import { ASSUMED, EVENT_BYTES, HOURS, MANIFEST_BYTES, NONCURRENT_DAYS } from '../../infra/cost/usage.ts';
import { table, whole, wordTable } from './cost-tables.ts';

/** The sections of docs/cost.md that say what its figures stand on. */

export function counts(): string {
  const shape = { tables: BUSY.tables, columnsPerTable: BUSY.columnsPerTable };
  const row = (title: string, requests: Requests): string[] => [
    title,
    ...(['puts', 'gets', 'writeUnits', 'readUnits', 'loads', 'watches', 'secretReads'] as const).map((name) =>
      requests[name] > 0 && requests[name] < 1 ? requests[name].toFixed(2) : whole(requests[name]),
    ),
  ];
  const head = ['', 'PUT', 'GET', 'DynamoDB WRU', 'DynamoDB RRU', 'calls of load', 'other calls', 'secrets read'];
  const rows = [
    row('a minute of the reader', readerMinute(true)),
    row('a minute of a second reader that stands by', standbyMinute(true)),
    row('a minute of `schedule-tick` and `health`', watchMinute(shape, true)),
    row('an idle minute in which the log moved elsewhere, besides', idleMove(true)),
    row('**an extract with its load**', EXTRACT),
    row('an extract that has become old', REMOVAL),
    row('a minute in which extracts are loaded, besides', loadingMinute(shape)),
    row('adding up the runs of an idle minute', sumsMinute(0, BUSY.changingTables)),
    row('adding up the runs of a busy minute', sumsMinute(60 / BUSY.extractSeconds, BUSY.changingTables)),
  ];
  return `## What is called

${table(head, rows)}

[A test](../test/e2e/cost.server.test.ts) runs a pipeline with 1 and with ${BUSY.tables} tables, from PostgreSQL and from MariaDB, on services that stand in for AWS, and counts an idle minute and a busy one: they are exactly these. Only the records of tables (${whole(watchMinute(shape, true).readUnits - watchMinute({ tables: 0, columnsPerTable: 0 }, true).readUnits + 1)} of the read units in two rows: ${shape.tables} tables of ${shape.columnsPerTable} columns) and the sizes of objects and events are approximate, within a fifth.

- The reader renews its lease six times a minute and tells its status once; PostgreSQL's slot or the binlog is looked at twice, each time with a login of its own.
- The reader writes two items for an extract, the loader one: the record of the run. Its lease it takes once and uses again for a read, as long as nobody else has taken it ([aws.md](aws.md)); it writes it twice more where a call lasts longer than five seconds, changes the record of a table or removes old extracts. The record of a run also says how far loads are. It has three numbers for each table that changed, packed: about ${runBytes(BUSY.changingTables)} bytes with ${BUSY.changingTables} tables, so that only a run of more than 150 is written as two units. It goes by itself after 35 days (DynamoDB's time to live, which is not billed). Where loads take longer than extracts, one call loads several, and all of its part is less.
- Why three and not two: the extract's item and the head are two because a condition reaches one item, and the head's alone refuses a reader that was replaced. The record of the run is the third: by it alone the catalog hears how far loads are, and the reader that waits while loads are behind, the console, the alarm of the lag and the look whether there is anything to load stand on it. Written for several extracts at once it would come as much later; after the last change of a busy spell by up to a minute, because a function that has ended has no timer, and only the schedule's tick would call it; and an environment that AWS ends would take the times of these runs with it.
- Positions in Oracle's log remember which columns the tables had there, so that the items of extracts and the head are longer: with 5, 20 and 64 tables or more an extract takes ${[5, 20, 64].map((tables) => rememberingExtract(keptBytes(tables)).writeUnits).join(', ')} writes more with its removal, and a move of an idle head ${[5, 20, 64].map((tables) => rememberingMove(keptBytes(tables)).writeUnits).join(', ')}. The script counts them with \`--source oracle19c\`.
- An object is read once, however many tables are in it, up to 8 MiB; a larger one is read once for each table.
- An idle source has no object and no message. Where other databases write to its log, the position is moved once a minute, so that the source may drop its log (twice a second at most while a verification waits to hear of it); the loader is called, looks at two items and ends.
- Old extracts are looked for by the loader, at most once an hour in each of its environments: one item is read. Removing one is a write; S3 bills no deletions.
- Writes that the stream's filter leaves out call nobody. Reading the stream is free for Lambda.`;
}

export function formula(): string {
  return `## The formula

With the symbols *T* tables of *C* columns, of which *t* change in an extract; *h* busy hours a month; *s* seconds an extract; *r* changed rows a second of *b* bytes; *N* = 3600 *h* / *s* extracts a month; 43,800 minutes a month; *R* readers (2 with \`highAvailability\`):

| What | Count |
|---|---|
| Fargate | *R* × ${HOURS} h × (CPUs × price + GB × price + (GiB of disk − 20) × price) |
| S3 PUT, GET | *N* each |
| S3 storage | (*N* × (${MANIFEST_BYTES.rest} + *t* × (${MANIFEST_BYTES.table} + ${MANIFEST_BYTES.column} *C*)) + 3600 *h r b* × ${ASSUMED.compression}) bytes × (\`extractRetentionDays\` + ${NONCURRENT_DAYS}) / 30.4 |
| DynamoDB WRU | ${EXTRACT.writeUnits + REMOVAL.writeUnits} *N* + ${readerMinute(true).writeUnits} × minutes + idle minutes + (430 + 10 *t*) / 1024 × busy minutes; one more for each 1024 bytes of a run's record above the first |
| DynamoDB RRU | ${(EXTRACT.readUnits + REMOVAL.readUnits).toFixed(2)} *N* + (${readerMinute(true).readUnits} + ${watchMinute({ tables: 0, columnsPerTable: 0 }, true).readUnits - 1} + *u*) × minutes + *u* × busy minutes + 2 × idle minutes + the sums above; *u* = *T* × (465 + 145 *C*) / 4096 |
| DynamoDB storage and recovery | ${EXTRACT_ITEM_BYTES} bytes × *N* × 10 × \`extracts.retentionDays\` / 30.4: records of extracts stay ten times as long as their objects; and the records of the runs of 35 days; of Oracle ${keptBytes(0)} more and ${keptBytes(1) - keptBytes(0)} for each of at most 64 tables |
| Lambda calls | *N* + 2 × minutes + idle minutes |
| Lambda GB-seconds | *N* × (${ASSUMED.loadSeconds} + ${ASSUMED.loadSecondsPerTable} *t* + ${ASSUMED.removeSeconds}) s × memory of \`load\`, and ${ASSUMED.idleCallSeconds} s for a call with nothing to do |
| X-Ray | a trace for each call: at about one call a second Lambda samples all of them |
| Logs | *N* × (${EVENT_BYTES.extract} + ${EVENT_BYTES.load} + ${EVENT_BYTES.tableLoaded} *t*) + *R* × ${EVENT_BYTES.readerStatus} × minutes + ${EVENT_BYTES.loaderStatus} × busy minutes + ${ASSUMED.platformLogBytes} × Lambda calls, in bytes |
| KMS | secrets read + ${ASSUMED.keyRequestsPerMinute} × minutes |

Alarms, metrics, secrets, schedules and the dashboard are counted in the templates; a test holds the formula to them. Step Functions and SNS cost nothing until something happens: an operation takes some hundred transitions (a cent), an alarm one e-mail.`;
}

export function assumptions(): string {
  const texts: Readonly<Record<keyof typeof ASSUMED, string>> = {
    loadSeconds:
      'seconds of a load of an extract with one table; 0.03 were measured with everything on one machine of two cores',
    loadSecondsPerTable: 'seconds for each table in it; 0.001 were measured there',
    removeSeconds: 'seconds for each old extract that is removed, one item after the other',
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

export function prices(): string {
  const rows = Object.values(PRICES).map(({ dollars: one, unit, confirmed }) => [
    unit,
    one < 0.0001 ? `${Number((one * 1_000_000).toPrecision(9))} per million` : `${one}`,
    confirmed ? '' : 'not confirmed',
  ]);
  return `## Prices

${PRICES_REGION}, ${PRICES_DATE}. Frankfurt (eu-central-1) is about 10 to 25 % above it. Those that were not found in public pages of the date, and are from memory, are marked.

${wordTable(['For', 'Dollars', ''], rows)}`;
}
