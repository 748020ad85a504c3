import type { Catalog } from '../../catalog/catalog.ts';
import type { RaisedAlarm } from '../../catalog/records.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { Host } from '../../host/host.ts';
import { readReaderStatus } from '../replication/reader-status.ts';
import { schedulerStanding } from '../scheduling/scheduler.ts';
import { alarmsAfter } from './alarms.ts';
import { healthProblems, type HealthFacts } from './rules.ts';
import type { HealthThresholds } from './thresholds.ts';

/**
 * Looks at a pipeline in the catalog alone, raises alarms for what is wrong and clears those that are over; an event tells of each.
 * Where nothing has changed it only reads. Told twice rather than never: the alarms are written after the events.
 * `hasReader`: one is at work all the time; false where the log is read by runs only.
 * @returns what is raised now
 */
export async function lookAtHealth(
  host: Host,
  catalog: Catalog,
  thresholds: HealthThresholds,
  hasReader = true,
): Promise<readonly RaisedAlarm[]> {
  const { pipeline } = catalog;
  const generated = host.clock.timestamp();
  const before = await catalog.health();
  const known = before?.record.alarms ?? [];
  const problems = healthProblems(await factsOf(host, catalog, hasReader), thresholds);
  const { raised, begun, cleared } = alarmsAfter(known, problems, generated);
  for (const { alarm, message, remedy } of begun) {
    host.events.emit({ type: 'HealthAlarm', pipeline, generated, state: 'raised', alarm, message, remedy });
  }
  for (const { alarm, since } of cleared) {
    const message = `it was raised at ${since}`;
    host.events.emit({ type: 'HealthAlarm', pipeline, generated, state: 'cleared', alarm, message, remedy: '' });
  }
  const isSame = raised.length === known.length && raised.every((alarm, index) => alarm === known[index]);
  if (!isSame) {
    try {
      await catalog.putHealth({ alarms: [...raised] }, before?.version ?? null);
    } catch (error) {
      // Another look was first.
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
  return raised;
}

async function factsOf(host: Host, catalog: Catalog, hasReader: boolean): Promise<HealthFacts> {
  const [scheduler, head, report, status, tables] = await Promise.all([
    schedulerStanding(catalog),
    catalog.head(),
    catalog.loadReport(),
    readReaderStatus(host, catalog.pipeline),
    catalog.tables(),
  ]);
  const { lastExtract } = head;
  const loaded = report?.extract ?? 0;
  const [waiting] = loaded < lastExtract ? await catalog.extractsAfter(loaded, 1) : [];
  const [last] = lastExtract === 0 ? [] : await catalog.extractsAfter(lastExtract - 1, 1);
  return {
    now: host.clock.now(),
    status,
    scheduler,
    hasReader,
    lastExtract,
    loaded,
    lastExtractAt: last?.createdAt ?? null,
    lastLoadAt: report?.at ?? null,
    oldestWaiting: waiting?.sourceDate ?? null,
    tables,
  };
}
