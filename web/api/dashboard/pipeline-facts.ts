import { Catalog, type LoadReport } from '../../../core/catalog/catalog.ts';
import type { ExtractRecord, ScheduleRecord, TableRecord } from '../../../core/catalog/records.ts';
import { VerificationRecords, type TableProof } from '../../../core/catalog/verification-records.ts';
import { schedulerStanding } from '../../../core/operations/scheduling/scheduler.ts';
import type { ConsoleInstance } from '../console-host.ts';
import { parsedConfiguration, type ParsedConfiguration } from '../configuration/parsed-configuration.ts';
import { activityUnder, schedulerView } from './scheduler-view.ts';
import type { Activity, Dashboard } from '../schemas/dashboard.ts';
import type { Operation } from '../schemas/operations.ts';
import type { Scheduler } from '../schemas/scheduler.ts';
import type { DatedFailure } from '../schemas/values.ts';

/** Everything that a dashboard is made of. */
export interface PipelineFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly generated: string;
  readonly configuration: ParsedConfiguration;
  readonly activity: Activity;
  readonly operation: Operation | null;
  readonly lastExtract: number;
  /** Whether there was ever a full extract. */
  readonly hasPosition: boolean;
  readonly last: ExtractRecord | null;
  /** The oldest one that is not loaded. */
  readonly waiting: ExtractRecord | null;
  readonly loaded: LoadReport | null;
  readonly tables: readonly TableRecord[];
  readonly proofs: ReadonlyMap<string, TableProof>;
  readonly served: ScheduleRecord | null;
  readonly scheduler: Scheduler;
  readonly sourceError: DatedFailure | null;
  readonly destinationError: DatedFailure | null;
  readonly resources: Dashboard['resources'];
}

export async function pipelineFacts(instance: ConsoleInstance): Promise<PipelineFacts> {
  const { host } = instance;
  const catalog = new Catalog(instance.name, host);
  const [source, activity, running, head, loaded, tables, served, sourceError, destinationError, resources] =
    await Promise.all([
      instance.configuration.read(),
      instance.activity(),
      instance.operations.running(),
      catalog.head(),
      catalog.loadReport(),
      catalog.tables(),
      catalog.schedule(),
      instance.logs.lastError('source'),
      instance.logs.lastError('destination'),
      instance.resources(),
    ]);
  const standing = await schedulerStanding(catalog);
  const { lastExtract, position } = head;
  const behind = (loaded?.extract ?? 0) < lastExtract;
  const [last] = await catalog.extractsBefore(null, 1);
  const [waiting] = behind ? await catalog.extractsAfter(loaded?.extract ?? 0, 1) : [];
  return {
    ...{ now: host.clock.now(), generated: host.clock.timestamp(), configuration: parsedConfiguration(source) },
    ...{
      activity: activityUnder(activity, standing),
      operation: running[0] ?? null,
      lastExtract,
      hasPosition: position !== null,
    },
    ...{ last: last ?? null, waiting: waiting ?? null, loaded, tables, served: served?.record ?? null },
    ...{ sourceError, destinationError, resources },
    proofs: await new VerificationRecords(host.items, instance.name).proofs(),
    scheduler: schedulerView(standing),
  };
}
