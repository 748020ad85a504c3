import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Catalog } from '../../core/catalog/catalog.ts';
import { pipelineOf, type PenstockEvent } from '../../core/events/event.ts';
import type { Host, Secrets } from '../../core/host/host.ts';
import { checkSource } from '../../core/operations/check-source.ts';
import {
  schedulerStanding,
  switchScheduler,
  type SchedulerStanding,
} from '../../core/operations/scheduling/scheduler.ts';
import { connectParts } from '../../core/operations/connect-parts.ts';
import type { OperationContext, Progress } from '../../core/operations/operation-context.ts';
import { readConfigurationText } from '../../core/pipeline/configuration-text.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { ConnectSource } from '../../core/sources/registry.ts';
import type { Finding } from '../../core/sources/source-connector.ts';
import type { LocalHost } from '../../hosts/local/local-host.ts';
import { EventReports } from '../../hosts/local/event-reports.ts';
import { testMail } from '../../hosts/local/test-mail.ts';
import { resourceUse } from '../../hosts/node/resource-use.ts';
import { isMapping, parsedConfiguration, type Mapping } from '../api/configuration/parsed-configuration.ts';
import { pathOf, placesOf } from '../api/configuration/secret-places.ts';
import { activityUnder } from '../api/dashboard/scheduler-view.ts';
import type { AlertsDesk, ConsoleInstance, Passwords, QuarantineDesk, SourceDesk } from '../api/console-host.ts';
import type { Activity, Dashboard } from '../api/schemas/dashboard.ts';
import type { Instance } from '../api/schemas/instances.ts';
import type { Settings } from '../api/schemas/settings.ts';
import { AuditFile } from './audit-file.ts';
import { ConfigurationFile } from './configuration-file.ts';
import { LogFile } from './log-file.ts';
import { NotesFile } from './notes-file.ts';
import { Operations } from './operations.ts';
import { quarantineHere } from './quarantine-here.ts';
import { Supervisor } from './supervisor.ts';

export interface LocalInstanceOptions {
  readonly name: string;
  /** Absolute path of its configuration file. */
  readonly file: string;
  readonly state: string;
  readonly version: string;
  /** Owned by the caller, and of this state directory. */
  readonly base: LocalHost;
  readonly onError: 'wait' | 'end';
  readonly onProgress?: (update: Progress) => void;
  /** Another way to the source, for tests. */
  readonly connect?: ConnectSource | undefined;
}

const ignore = (): void => undefined;

/** An instance whose pipeline runs in this process. */
export class LocalInstance implements ConsoleInstance, AsyncDisposable {
  readonly name: string;
  readonly host: Host;
  readonly configuration: ConfigurationFile;
  readonly logs: LogFile;
  readonly notes: NotesFile;
  readonly audit: AuditFile;
  readonly operations: Operations;
  readonly quarantine: QuarantineDesk;
  readonly supervisor: Supervisor;
  readonly source: SourceDesk;
  readonly destination: Pick<SourceDesk, 'test'>;
  readonly alerts: AlertsDesk;
  readonly about: ConsoleInstance['about'];
  readonly #state: string;
  readonly #connect: ConnectSource | undefined;
  readonly #reports: EventReports;
  readonly #unlisten: () => void;

  constructor({ name, file, state, version, base, onError, onProgress = ignore, connect }: LocalInstanceOptions) {
    this.name = name;
    this.#state = state;
    this.#connect = connect;
    this.logs = new LogFile(join(state, 'log.jsonl'), base.clock);
    this.#unlisten = base.events.listen((event: PenstockEvent) => {
      if (pipelineOf(event) === name) this.logs.event(event);
    });
    this.host = { ...base, log: this.logs.log(null, base.log) };
    const known = { ...base, log: this.host.log };
    // By the settings as they are when something is told.
    this.#reports = new EventReports(known, async () => (await this.#parsed()).settings);
    this.configuration = new ConfigurationFile(file, base, () => {
      this.supervisor.again();
    });
    this.notes = new NotesFile(join(state, 'console.json'), name);
    this.audit = new AuditFile(join(state, 'audit.jsonl'));
    const working = this.#working.bind(this);
    const site = { pipeline: name, host: this.host, working };
    this.supervisor = new Supervisor({ ...site, configuration: this.configuration, onProgress, onError });
    const pausing = <Result>(work: () => Promise<Result>): Promise<Result> => this.supervisor.pausing(work);
    this.operations = new Operations({ ...site, pausing });
    this.quarantine = quarantineHere((settings, signal, work) => this.#working(settings, signal, ignore, work));
    this.source = {
      test: (settings, passwords, signal) => this.#testSource(settings, passwords, signal),
      listTables: (settings, signal) =>
        this.#working(settings, signal, ignore, (context) => context.source.listTables(signal)),
      describeTables: (settings, tables, signal) =>
        this.#working(settings, signal, ignore, (context) => context.source.describeTables(tables, signal)),
    };
    this.destination = {
      test: (settings, passwords, signal) =>
        this.#working(settings, signal, ignore, (context) => context.destination.check(signal), passwords),
    };
    this.alerts = {
      testEmail: async (settings, password) => {
        const { secrets } = this.host;
        const given = password === undefined ? secrets : { read: () => Promise.resolve(password) };
        return [await testMail(settings, given, name)];
      },
      testAws: async (settings, secret) => {
        const { secrets, clock } = this.host;
        const read: Secrets['read'] = (reference) =>
          secret !== undefined && reference === settings.key?.secret
            ? Promise.resolve(secret)
            : secrets.read(reference);
        // Loaded here: few installations tell AWS anything.
        const { testAccount } = await import('../../hosts/aws/test-account.ts');
        return testAccount(settings, { secrets: { read }, clock }, name);
      },
    };
    this.about = {
      licence: { name: 'Apache-2.0', text: 'Licensed under the Apache License, Version 2.0; see the file LICENSE.' },
      about: { version, runtime: `Node.js ${process.version}`, hostName: hostname(), location: dirname(file) },
    };
  }

  async summary(): Promise<Instance> {
    const catalog = new Catalog(this.name, this.host);
    const [parsed, notes, activity, scheduler] = await Promise.all([
      this.#parsed(),
      this.notes.read(),
      this.activity(),
      schedulerStanding(catalog),
    ]);
    const { state } = activityUnder(activity, scheduler);
    return {
      name: this.name,
      active: state === 'working' || state === 'operation' || state === 'elsewhere',
      complete: parsed.settings !== null,
      elsewhere: state === 'elsewhere',
      icon: notes.icon,
      place: dirname(this.configuration.file),
    };
  }

  /** The catalog with SQLite's log of it. */
  async metadata(): Promise<Settings['metadata']> {
    const place = join(this.#state, 'catalog.sqlite');
    const sizes = ['', '-wal'].map(async (ending) => (await stat(`${place}${ending}`).catch(() => null))?.size ?? 0);
    return { place, bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) };
  }

  async activity(): Promise<Activity> {
    const busy = this.operations.exclusive;
    if (busy !== null) {
      const { id, startedAt, message, request } = busy.operation;
      return {
        state: 'operation',
        since: startedAt,
        message: `${request.kind}: ${message}`,
        remedy: null,
        operation: id,
      };
    }
    const standing = this.supervisor.standing;
    // The supervisor looks every few seconds; what is missing is shown at once.
    if (standing.state !== 'incomplete' && (await this.#parsed()).settings === null) {
      const remedy = 'Set up source, destination and tables.';
      return { state: 'incomplete', since: null, message: 'the set-up is not done', remedy, operation: null };
    }
    return { ...standing, operation: null };
  }

  async switchScheduler({ on, reason }: Parameters<ConsoleInstance['switchScheduler']>[0]): Promise<SchedulerStanding> {
    const catalog = new Catalog(this.name, this.host);
    const standing = await switchScheduler(this.host, catalog, { on, by: 'operator', reason });
    // Who waits for the switch looks at once.
    this.supervisor.again();
    return standing;
  }

  async resources(): Promise<Dashboard['resources']> {
    const at = this.host.clock.timestamp();
    return { at, ...(await resourceUse(this.#state)), retainedBytes: null, expiresAt: null };
  }

  /** Ends what is at work in order: operations first, then what follows the log. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.operations[Symbol.asyncDispose]();
    await this.supervisor[Symbol.asyncDispose]();
    await this.#reports[Symbol.asyncDispose]();
    this.#unlisten();
  }

  async #parsed(): Promise<ReturnType<typeof parsedConfiguration>> {
    return parsedConfiguration(await this.configuration.read());
  }

  async #testSource(
    settings: PipelineSettings,
    passwords: Passwords,
    signal: AbortSignal,
  ): Promise<readonly Finding[]> {
    const work = async (context: OperationContext): Promise<readonly Finding[]> => {
      if (settings.tables.length === 0) return context.source.check([], signal);
      const { source, tables } = await checkSource(context);
      return [...source, ...tables];
    };
    return this.#working(settings, signal, ignore, work, passwords);
  }

  async #working<Result>(
    settings: PipelineSettings,
    signal: AbortSignal,
    progress: (update: Progress) => void,
    work: (context: OperationContext) => Promise<Result>,
    passwords: Passwords = {},
  ): Promise<Result> {
    const { host } = this;
    const secrets = standingIn(host, settings, passwords);
    const log = this.logs.log('source', host.log);
    await using parts = await connectParts(settings, { ...host, secrets, log }, this.#connect);
    const { source, destination } = parts;
    return await work({ settings, host, source, destination, signal, progress });
  }
}

/** Secrets with the passwords that were given by hand. */
function standingIn({ secrets }: Host, settings: PipelineSettings, passwords: Passwords): Host['secrets'] {
  const { source, destination } = settings;
  // A database that the source names beside itself stands in what only its own folder knows.
  const sections: Mapping = {
    source: { ...(isMapping(source.specific) ? source.specific : {}), ...source },
    destination,
  };
  const given = new Map(
    placesOf(passwords).map((place) => {
      const reference = pathOf(place).reduce<unknown>((at, step) => (isMapping(at) ? at[step] : undefined), sections);
      return [reference, passwords[place]] as const;
    }),
  );
  return {
    read: (reference) => {
      const password = given.get(reference);
      return password === undefined ? secrets.read(reference) : Promise.resolve(password);
    },
  };
}

/** Where the state of a configuration lies, also of one that is not complete. */
export function stateDirectory(text: string, file: string): string {
  const state = topOf(text)?.['state'];
  return resolve(dirname(file), typeof state === 'string' && state !== '' ? state : './.penstock');
}

/** The name of the pipeline of a configuration, also of one that is not complete; null: it has none. */
export function pipelineName(text: string): string | null {
  const found = topOf(text)?.['pipeline'];
  return typeof found === 'string' && /^[a-z0-9-]{1,40}$/.test(found) ? found : null;
}

function topOf(text: string): Mapping | null {
  const read = readConfigurationText(text);
  return read.tag === 'text' && isMapping(read.text.value) ? read.text.value : null;
}
