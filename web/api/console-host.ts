import type { Host } from '../../core/host/host.ts';
import type { QuarantineEntry } from '../../core/destinations/destination.ts';
import type { QuarantineListing, RetriedTable } from '../../core/operations/quarantine.ts';
import type { SchedulerStanding } from '../../core/operations/scheduling/scheduler.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { Finding, ListedTable, TableSelection } from '../../core/sources/source-connector.ts';
import type { TableSchema } from '../../core/changes/table-schema.ts';
import type { AwsSettings } from '../../core/pipeline/aws-settings.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';
import type { SecretPlace } from './schemas/configuration.ts';
import type { Activity, Dashboard } from './schemas/dashboard.ts';
import type { Instance, InstanceIcon } from './schemas/instances.ts';
import type { LogKind, LogLine, LogPage } from './schemas/logs.ts';
import type { Operation, OperationRequest } from './schemas/operations.ts';
import type { AuditEntry, Settings } from './schemas/settings.ts';
import type { DatedFailure } from './schemas/values.ts';

/** What the API asks of the place where it runs: one machine with its folders, or AWS. */
export interface ConsoleHost {
  readonly kind: 'local' | 'aws';
  readonly version: string;
  /** Whether instances and configurations can be changed here. */
  readonly canConfigure: boolean;
  /** The one instance that is served; null: there is a list of them. */
  readonly only: string | null;
  /** Whether answers may stream. */
  readonly live: 'events' | 'poll';
  instances(): Promise<readonly Instance[]>;
  /** Null: there is none of that name. */
  instance(name: string): Promise<ConsoleInstance | null>;
  /** Makes an empty one. @throws ApiError 409 where there is one of that name */
  create(name: string): Promise<void>;
  /** Lets an instance go on in the state in which it was; safe to repeat. */
  open(name: string): Promise<void>;
}

/** What the API reads an instance from. */
export type InstanceHost = Pick<Host, 'clock' | 'items' | 'randomness' | 'store'>;

export interface ConsoleInstance {
  readonly name: string;
  readonly configuration: ConfigurationStore;
  /** The instance's own catalog and store, for looking. */
  readonly host: InstanceHost;
  readonly source: SourceDesk;
  readonly destination: Pick<SourceDesk, 'test'>;
  /** Null: people are told by the deployment, and nothing of it is set here. */
  readonly alerts: AlertsDesk | null;
  readonly operations: OperationsDesk;
  readonly quarantine: QuarantineDesk;
  readonly logs: LogBook;
  readonly notes: NotesStore;
  readonly audit: AuditLog;
  readonly about: Pick<Settings, 'licence' | 'about'>;
  summary(): Promise<Instance>;
  /** Where the catalog of this instance is. */
  metadata(): Promise<Settings['metadata']>;
  /** As who works knows it, whatever the scheduler's switch says. */
  activity(): Promise<Activity>;
  /** Turns the scheduler; who works by it obeys within seconds. @throws PenstockError PS3004 */
  switchScheduler(to: { readonly on: boolean; readonly reason: string }): Promise<SchedulerStanding>;
  /** What follows the log has and uses of its machine, as it was last measured; null: nothing is known. */
  resources(): Promise<Dashboard['resources']>;
}

/** Passwords that stand in for the saved ones. */
export type Passwords = { readonly [Place in SecretPlace]?: string | undefined };

export interface AlertsDesk {
  /** Sends a message that says it is a test; what is wrong is a finding. `password`: stands in for the saved one. */
  testEmail(settings: EmailSettings, password: string | undefined): Promise<readonly Finding[]>;
  /** The same for what an AWS account is told. `secret`: the access key, in place of the saved one. */
  testAws(settings: AwsSettings, secret: string | undefined): Promise<readonly Finding[]>;
}

export interface ConfigurationText {
  readonly text: string;
  /** A hash of the text. */
  readonly version: string;
  /** The absolute path that relative ones in the text are relative to. */
  readonly file: string;
}

export interface ConfigurationStore {
  read(): Promise<ConfigurationText>;
  /**
   * Writes the text if `version` is still the one that is there; what works by it is begun anew.
   * `passwords`: kept where only their owner reads them; the text names those places, see {@link passwordReference}.
   * @throws ApiError 409 where somebody changed it meanwhile, 403 where it cannot be changed here
   */
  write(change: {
    readonly text: string;
    readonly version: string;
    readonly passwords: Passwords;
  }): Promise<ConfigurationText>;
  /** What stands in the text for a new password that the console keeps. `before`: what stands there for the one that is saved. */
  passwordReference(place: SecretPlace, before: unknown): Readonly<Record<string, string>>;
  /** Whether the password that the settings name is there. */
  hasPassword(reference: PipelineSettings['source']['password']): Promise<boolean>;
}

export interface SourceDesk {
  /** Connects and looks; an unreachable server is a finding. */
  test(settings: PipelineSettings, passwords: Passwords, signal: AbortSignal): Promise<readonly Finding[]>;
  /** @throws PenstockError where the source cannot be asked */
  listTables(settings: PipelineSettings, signal: AbortSignal): Promise<readonly ListedTable[]>;
  /** @throws PenstockError PS1005, PS1006, PS2011 … about the first table that cannot be described */
  describeTables(
    settings: PipelineSettings,
    tables: readonly TableSelection[],
    signal: AbortSignal,
  ): Promise<readonly TableSchema[]>;
}

export interface OperationsDesk {
  /** @throws PenstockError PS1008 where one is at work that excludes it */
  start(settings: PipelineSettings, request: OperationRequest, by: string): Promise<Operation>;
  /** Asks it to stop; one that has ended stays as it is. Null: there is none of that id. */
  stop(id: string): Promise<Operation | null>;
  get(id: string): Promise<Operation | null>;
  /** Those that are at work now. */
  running(): Promise<readonly Operation[]>;
  /** The newest first, behind the one with id `after`. */
  list(after: string | null, limit: number): Promise<readonly Operation[]>;
}

/**
 * The rows that were set aside at the destination. One machine asks the destination itself; on AWS each call is one invocation of the
 * function `penstock-<pipeline>-quarantine` (`functions/quarantine.ts`), whose answers have the shapes of these: `{entries, next, tables}`
 * without `raw`, `{tables}`, `{dropped}`. May work beside replication and be repeated; what aborts leaves the rest for the next call.
 * `tables`: ids; null: all, also those that are not chosen any more.
 * @throws PenstockError PS1005 for a table that is not chosen, PS1007 where the loader does not hand over, PS4xxx of the destination
 */
export interface QuarantineDesk {
  /** The newest first. Keys and values of the rows are not asked for, and told to nobody where they come anyway. */
  list(
    settings: PipelineSettings,
    asked: {
      readonly tables: readonly string[] | null;
      /** `next` of the page before; null: the first page. */
      readonly before: string | null;
      readonly limit: number;
    },
    signal: AbortSignal,
  ): Promise<
    Omit<QuarantineListing, 'entries'> & { readonly entries: readonly Omit<QuarantineEntry, 'key' | 'raw'>[] }
  >;
  /**
   * Fetches the rows from the source again, and loads those that fit now. An idle reader says once a minute how far it has come, so that
   * this takes up to two minutes; a place whose answers have to come sooner begins it and leaves it to itself.
   * @returns null: it was begun, and goes on
   */
  retry(
    settings: PipelineSettings,
    tables: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<readonly RetriedTable[] | null>;
  /** Takes the entries out for good. @returns how many */
  drop(settings: PipelineSettings, tables: readonly string[] | null, signal: AbortSignal): Promise<number>;
}

export interface LogFilter {
  readonly kind: LogKind | null;
  /** Lower case. */
  readonly search: string | null;
  readonly level: LogLine['level'] | null;
}

export interface LogBook {
  read(
    filter: LogFilter,
    place: { readonly after: string | null; readonly before: string | null; readonly limit: number },
  ): Promise<LogPage>;
  /** All lines that are kept, oldest first. */
  lines(filter: LogFilter): AsyncIterable<LogLine>;
  lastError(kind: 'source' | 'destination'): Promise<DatedFailure | null>;
}

/** What the console keeps beside the configuration. */
export interface Notes {
  readonly icon: InstanceIcon;
  readonly userDefined: Settings['userDefined'];
  /** What scripts of the Flow Ingest API sent that means nothing here, by call: they get it back. */
  readonly kept: Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>>;
}

export interface NotesStore {
  read(): Promise<Notes>;
  write(notes: Notes): Promise<void>;
}

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  /** The newest first; `after`: as the page before gave it. */
  list(
    after: string | null,
    limit: number,
  ): Promise<{ readonly items: readonly AuditEntry[]; readonly next: string | null }>;
}
