import * as z from 'zod';
import { Catalog } from '../../core/catalog/catalog.ts';
import { readReaderStatus } from '../../core/operations/replication/reader-status.ts';
import { schedulerStanding, type SchedulerStanding } from '../../core/operations/scheduling/scheduler.ts';
import { parsedConfiguration } from '../api/configuration/parsed-configuration.ts';
import type { ConsoleInstance, InstanceHost, QuarantineDesk, SourceDesk } from '../api/console-host.ts';
import { activityUnder } from '../api/dashboard/scheduler-view.ts';
import { defaultNotes } from '../api/notes/stored-notes.ts';
import { isExclusive } from '../api/operations/operation-need.ts';
import type { Activity, Dashboard } from '../api/schemas/dashboard.ts';
import type { Instance } from '../api/schemas/instances.ts';
import type { Settings } from '../api/schemas/settings.ts';
import { callFunction } from './call-function.ts';
import type { ConsoleClients } from './console-clients.ts';
import type { ConsoleDocument } from './console-environment.ts';
import { AuditItems, NotesItem } from './console-items.ts';
import { activityOf } from './deployed-activity.ts';
import { DeployedConfiguration } from './deployed-configuration.ts';
import { deployedEnds } from './deployed-ends.ts';
import { functionName, logGroupName, type Account } from './deployed-names.ts';
import { DeployedOperations } from './deployed-operations.ts';
import { deployedQuarantine } from './deployed-quarantine.ts';
import { LogGroup } from './log-group.ts';

export interface AwsInstanceOptions {
  readonly pipeline: ConsoleDocument['pipelines'][number];
  /** The bucket of the settings assets. */
  readonly assets: string;
  readonly host: InstanceHost;
  readonly clients: ConsoleClients;
  readonly account: Account;
  readonly version: string;
  /** The catalog's table. */
  readonly table: string;
}

const standing = z.object({
  on: z.boolean(),
  since: z.string().nullable(),
  by: z.enum(['operator', 'error', 'start']),
  reason: z.string(),
  remedy: z.string(),
});

/** How long a scheduler's switch may be waited for, in milliseconds. */
const SWITCH_MILLISECONDS = 20_000;

/** A pipeline that is deployed: others work for it, and this looks, and asks them. */
export class AwsInstance implements ConsoleInstance {
  readonly name: string;
  readonly host: InstanceHost;
  readonly configuration: DeployedConfiguration;
  readonly source: SourceDesk;
  readonly destination: Pick<SourceDesk, 'test'>;
  /** The deployment's topic tells people. */
  readonly alerts = null;
  readonly operations: DeployedOperations;
  readonly quarantine: QuarantineDesk;
  readonly logs: LogGroup;
  readonly notes: NotesItem;
  readonly audit: AuditItems;
  readonly about: ConsoleInstance['about'];
  readonly #clients: ConsoleClients;
  readonly #table: string;

  constructor({ pipeline, assets, host, clients, account, version, table }: AwsInstanceOptions) {
    const { name, settings, reader } = pipeline;
    this.name = name;
    this.host = host;
    this.#clients = clients;
    this.#table = table;
    this.configuration = new DeployedConfiguration(clients.s3, { bucket: assets, key: settings });
    const ends = deployedEnds({ pipeline: name, host, configuration: this.configuration, lambda: clients.lambda });
    this.source = ends.source;
    this.destination = ends.destination;
    this.operations = new DeployedOperations({ pipeline: name, reader, host, clients, account });
    this.quarantine = deployedQuarantine(clients.lambda, name);
    this.logs = new LogGroup(clients.logs, logGroupName(name), host.clock);
    this.notes = new NotesItem(host.items, name);
    this.audit = new AuditItems(host.items, name, () => host.randomness.identifier());
    const location = `account ${account.account}, ${account.region}, table ${table}`;
    this.about = {
      licence: { name: 'Apache-2.0', text: 'Licensed under the Apache License, Version 2.0; see the file LICENSE.' },
      about: { version, runtime: `Node.js ${process.version}`, hostName: 'AWS Lambda', location },
    };
  }

  async summary(): Promise<Instance> {
    const [{ settings }, { icon }, activity, scheduler] = await Promise.all([
      this.configuration.read().then(parsedConfiguration),
      this.notes.read(),
      this.activity(),
      schedulerStanding(new Catalog(this.name, this.host)),
    ]);
    const { state } = activityUnder(activity, scheduler);
    return {
      ...{ name: this.name, complete: settings !== null, elsewhere: false, icon, place: this.#table },
      active: state === 'working' || state === 'operation',
    };
  }

  /** What is known of it without a look at its settings and its catalog. */
  unread(): Instance {
    const { icon } = defaultNotes(this.name);
    return { name: this.name, complete: false, elsewhere: false, icon, place: this.#table, active: false };
  }

  metadata(): Promise<Settings['metadata']> {
    return Promise.resolve({ place: `DynamoDB table ${this.#table}`, bytes: null });
  }

  /** The pipeline's own function switches: it may write the catalog, and wakes the loader. */
  async switchScheduler({ on, reason }: { readonly on: boolean; readonly reason: string }): Promise<SchedulerStanding> {
    const name = functionName(this.name, 'switch-schedule');
    const signal = AbortSignal.timeout(SWITCH_MILLISECONDS);
    return callFunction(this.#clients.lambda, name, { to: on ? 'on' : 'off', reason }, standing, signal);
  }

  async activity(): Promise<Activity> {
    const [{ settings }, running, { position }, reader] = await Promise.all([
      this.configuration.read().then(parsedConfiguration),
      this.operations.running(),
      new Catalog(this.name, this.host).head(),
      readReaderStatus(this.host, this.name),
    ]);
    const operation = running.find(({ request }) => isExclusive(request)) ?? null;
    return activityOf({ now: this.host.clock.now(), settings, operation, hasPosition: position !== null, reader });
  }

  async resources(): Promise<Dashboard['resources']> {
    const reader = await readReaderStatus(this.host, this.name);
    if (reader === null) return null;
    const { at, diskFreeBytes, memoryUsedBytes, memoryLimitBytes, retainedBytes, expiresAt } = reader;
    return { at, diskFreeBytes, memoryUsedBytes, memoryLimitBytes, retainedBytes, expiresAt };
  }
}
