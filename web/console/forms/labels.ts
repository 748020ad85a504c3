import type { Field } from './field.ts';

/** What people call a setting: the words of the vendor's dialogs, for those who come from them. */
const LABELS: Readonly<Record<string, string>> = {
  extractType: 'Extract type',
  host: 'Host name',
  port: 'Port',
  database: 'Database name',
  user: 'User ID',
  tls: 'TLS',
  mode: 'Mode',
  ca: 'Certificate authority (PEM file)',
  options: 'Connection options (JDBC Options)',
  extractThreads: 'Extract threads',
  maxUpdates: 'Max updates',
  loadThreads: 'Load threads',
  addDatabasePrefix: 'Add database prefix',
  truncateInsteadOfDrop: 'Truncate table instead of drop',
  schemaForAllTables: 'Schema for all tables',
  ignoreDatabaseNameInSchema: 'Ignore database name in schema',
  schemaForStagingTables: 'Schema for staging tables',
  retainStagingTables: 'Retain staging tables',
  zeroLengthStrings: 'Handle zero length strings',
  zeroDates: 'Zero dates',
  serverId: 'Server ID of the reader',
  heartbeatSeconds: 'Heartbeat (seconds)',
  walWarnBytes: 'Report a slot that keeps back more than (bytes)',
  pollSeconds: 'Pause between polls (seconds)',
  lagSeconds: 'Leave rows younger than (seconds)',
  overlapSeconds: 'Look back before the last mark (seconds)',
  timestampZone: 'Zone of the timestamp column',
  snapshotLockSeconds: 'Wait for the snapshot (seconds)',
  cascades: 'Tables with cascades',
  seventhDigit: 'Seventh digit of a second',
  zonedTimes: 'Times with an offset',
  rootDatabase: 'Root database',
  miningDatabase: 'Mining database',
  logFileCatchupCount: 'Log file catchup count',
  logCatchupMinutes: 'Log catchup time (mins)',
  logCatchupOffsetMinutes: 'Log catchup offset (mins)',
  logFileLookAhead: 'Log file look-ahead',
  archiveDestination: 'Archive destination (DEST_ID)',
  serverTimeZone: 'Time zone of the server',
  logPaths: 'Where its log files are',
  rawAsHex: 'Convert RAW to Hex',
  nanoseconds: 'Seventh to ninth digit of a second',
  redoQuotes: 'Apostrophes in the logs',
  snapshotIsolation: 'Snapshot isolation',
  add: 'A column is added',
  widen: 'A type gets wider',
  rename: 'A column is renamed',
  drop: 'A column is dropped',
  narrow: 'A type gets narrower',
  key: 'The key changes',
  startColumn: 'History start date column',
  endColumn: 'History end date column',
  keepByDefault: 'Keep history by default',
  enabled: 'On',
  from: 'Sender',
  to: 'Recipient',
  events: 'What is told',
  region: 'AWS region',
  accessKey: 'AWS key',
  topic: 'SNS topic',
  logGroup: 'CloudWatch log group',
  logStream: 'CloudWatch log stream',
  metrics: 'CloudWatch metrics namespace',
};

/** Of settings whose own description is about the text of the file. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  tls: 'Default: on, with the server verified; off for a server on this machine.',
  ca: "Empty: the system's authorities count.",
};

/** Of values that are choices. */
const VALUES: Readonly<Record<string, string>> = {
  logs: 'Logs',
  changeTracking: 'Change Tracking',
  cdc: 'CDC',
  logMiner: 'Log Miner',
  fastLogMiner: 'Fast Log Miner',
  remoteLogMiner: 'Remote Log Miner',
  continuousLogMiner: 'Continuous Log Miner',
  fullExtracts: 'Full extracts',
  timestamps: 'Timestamps',
  strict: 'Strict',
  relaxed: 'Relaxed',
  off: 'Off',
  verify: 'On, with the server verified',
  starttls: 'STARTTLS, with the server verified',
  implicit: 'From the start, with the server verified',
  HaltError: 'The pipeline has stopped',
  TableStopped: 'A table has stopped',
  TableDiffers: 'A table differs from its source',
  RowsQuarantined: 'Rows are in quarantine',
  LogGrowing: 'The log at the source grows',
  LogExpiring: 'The log at the source runs out',
  StillFailing: 'Something fails again and again',
  OperationEnded: 'An operation has failed',
  HealthAlarm: 'An alarm of the machine',
  keep: 'Keep',
  drop: 'Drop',
  automatic: 'Follow by itself',
  wait: 'Stop the table until Sync Struct',
  null: 'Load as NULL',
  stop: 'Stop the table',
  text: 'Load as text',
  utc: 'Load as time in UTC',
  cut: 'Leave it out',
  require: 'Required',
  without: 'Do without',
  refuse: 'Refuse',
  accept: 'Accept',
  true: 'Yes',
  false: 'No',
};

export function labelOf(name: string): string {
  const known = LABELS[name];
  if (known !== undefined) return known;
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function descriptionOf(field: Field): string {
  return DESCRIPTIONS[field.name] ?? field.description;
}

export function valueLabel(value: string): string {
  return VALUES[value] ?? value;
}

/** The fields of the first tab, in the order of the vendor's dialog; all others are advanced. */
const CONNECTION = ['host', 'port', 'database', 'user', 'options', 'tls'];
/** Asked for outside the tabs. */
const APART = new Set(['type', 'password', 'extractType']);

export type GroupField = Field & { readonly tag: 'group' };

export interface Tabs {
  readonly connection: readonly Field[];
  /** Other databases, each with a tab of its own. */
  readonly databases: readonly GroupField[];
  readonly advanced: readonly Field[];
}

/** @param extractType the chosen one: settings of others are left out; their descriptions say whose they are */
export function tabsOf(fields: readonly Field[], extractType: string): Tabs {
  const asked = fields.filter((field) => !APART.has(field.name) && isFor(field, extractType));
  const others = asked.filter((field) => !CONNECTION.includes(field.name));
  return {
    connection: connectionFirst(asked),
    databases: others.filter((field) => field.tag === 'group'),
    advanced: others.filter((field) => field.tag !== 'group'),
  };
}

/** The fields of a connection, in the order of the first tab. */
function connectionFirst(fields: readonly Field[]): Field[] {
  return CONNECTION.flatMap((name) => fields.find((field) => field.name === name) ?? []);
}

/** The fields of another database: those of a connection first. */
export function databaseFields({ fields }: GroupField): readonly Field[] {
  return [...connectionFirst(fields), ...fields.filter((field) => !CONNECTION.includes(field.name))];
}

/** Whether a setting goes with an extract type, by how its description begins: with one, with several, or with all. */
export function isFor(field: Field, extractType: string): boolean {
  const only = /^Extract types? (\w+(?:(?:, | and )\w+)*):/.exec(field.description)?.[1];
  return only === undefined || only.split(/, | and /).includes(extractType);
}
