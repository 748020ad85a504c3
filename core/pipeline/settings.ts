import type { SecretReference } from '../host/host.ts';
import type { MisfitPolicy } from '../sources/source-definition.ts';
import type { AwsSettings } from './aws-settings.ts';
import type { EmailSettings } from './email-settings.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { TableName } from '../changes/table-name.ts';
import type { StructurePolicy } from './structure-policy.ts';

/** A pipeline's settings after parsing: every default is filled in, nothing is optional. pipeline/parse-settings makes it. */
export interface PipelineSettings {
  /** `[a-z0-9-]{1,40}`: part of file keys, lease and slot names. */
  readonly pipeline: string;
  readonly source: SourceSettings;
  readonly destination: DestinationSettings;
  readonly tables: readonly TableSettings[];
  readonly extracts: ExtractSettings;
  readonly history: HistorySettings;
  readonly events: EventSettings;
  /** When `run` works. */
  readonly schedule: Schedule;
  /** Whether `run` starts with the scheduler as it was; otherwise switched off. */
  readonly restoreOnStartup: boolean;
  readonly verify: VerifySettings;
  /** Whether all tables of an extract commit together, or each by itself. */
  readonly consistency: 'extract' | 'table';
  readonly misfits: MisfitPolicy;
  /** Alerts by mail; null: none. */
  readonly email: EmailSettings | null;
  /** What an AWS account is told by one machine; null: nothing. */
  readonly aws: AwsSettings | null;
  /** The directory of the local host's store and catalog, absolute. */
  readonly state: string;
}

/** What every source has; `specific` was checked by the source's own definition. */
export interface SourceSettings {
  readonly type: string;
  readonly password: SecretReference;
  /** Parallel reads of a full extract. */
  readonly extractThreads: number;
  readonly specific: unknown;
}

/** The seeds' destination settings and advanced options. */
export interface DestinationSettings {
  readonly type: 'singlestore';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: SecretReference;
  readonly tls: TlsSettings;
  /** Driver options by name, checked against a list: the seeds' JDBC Options. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** History versions of one key in one extract beyond this number are combined; null: all are kept. */
  readonly maxUpdates: number | null;
  readonly loadThreads: number;
  readonly addDatabasePrefix: boolean;
  readonly truncateInsteadOfDrop: boolean;
  /** All tables land in this database; null: in `database`. */
  readonly schemaForAllTables: string | null;
  readonly ignoreDatabaseNameInSchema: boolean;
  readonly schemaForStagingTables: string | null;
  readonly retainStagingTables: boolean;
}

export type TlsSettings =
  | { readonly mode: 'off' }
  /** `ca`: a PEM file, or null for the system's authorities. Server names are always verified. */
  | { readonly mode: 'verify'; readonly ca: string | null };

export interface TableSettings {
  readonly table: TableName;
  readonly transfer: 'mirror' | 'history';
  readonly key: readonly string[] | null;
  readonly mask: readonly string[];
  readonly where: string | null;
  readonly skipInitialExtract: boolean;
  readonly redoInitialExtract: boolean;
  readonly typeChange: Readonly<Record<string, string>>;
  readonly timestampColumn: string | null;
  readonly misfits: MisfitPolicy;
  readonly structure: StructurePolicy;
}

/** When an extract is cut, at the next commit boundary, whichever comes first. */
export interface ExtractSettings {
  readonly milliseconds: number;
  readonly rows: number;
  readonly bytes: number;
  /** The reader waits when this many extracts are listed and not loaded. */
  readonly maxBehind: number;
  /** Bytes of a copied chunk, before compression. */
  readonly chunkBytes: number;
  /** The files of an extract that is older, and that nothing needs any more, are removed. */
  readonly retentionMilliseconds: number;
  /** An extract without files that is older is not listed any more. */
  readonly listedMilliseconds: number;
}

export interface EventSettings {
  /** One for each table of each extract: what most of the log consists of. */
  readonly tableLoaded: boolean;
}

/** Comparison in the background. */
export interface VerifySettings {
  readonly continuous: boolean;
  /** Percent of the time that it may work at the source. */
  readonly share: number;
  /** From the beginning of a pass to that of the next one, at least. */
  readonly milliseconds: number;
}

export interface HistorySettings {
  readonly startColumn: string;
  readonly endColumn: string;
  /** `YYYY-MM-DD`. */
  readonly openEndDate: string;
  readonly keepByDefault: boolean;
}
