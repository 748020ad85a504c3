import * as z from 'zod';
import type { Proxy } from '../../pipeline/named-servers.ts';
import { PASSWORD_DESCRIPTION, secretReference } from '../../pipeline/secret-reference.ts';
import { TLS_DESCRIPTION, tlsOrDefault, tlsSetting } from '../../pipeline/tls-setting.ts';
import type { SourceKind } from '../source-definition.ts';
import { SERVER_TIME_ZONE_DESCRIPTION, serverTimeZone } from '../server-time-zone.ts';
import { keptBytes } from './following/most-kept.ts';
import { orderText } from './mining/order-text.ts';
import {
  minesElsewhere,
  ORACLE_VARIANTS,
  readsByColumn,
  readsFiles,
  readsLogs,
  type ExtractType,
  type OracleVariant,
} from './server/variants.ts';

const DEFAULT_PORT = 1521;
/** The driver's. */
const DEFAULT_PROXY_PORT = 80;
const SMALLEST_SDU = 512;
const LARGEST_SDU = 2_097_152;
const CATCHUP_COUNT = 4;
const LOG_POLL_SECONDS = 1;
const POLL_SECONDS = 10;
const LAG_SECONDS = 5;

/** Options of the driver, by its names. */
const options = z.strictObject({
  connectTimeout: z.int().positive().optional().describe('Seconds for the whole login.'),
  transportConnectTimeout: z.int().positive().optional().describe('Seconds to reach an address; default 20.'),
  expireTime: z.int().positive().optional().describe('Minutes between probes that the connection still is; default 1.'),
  retryCount: z.int().nonnegative().optional().describe('Times that all addresses are tried again.'),
  retryDelay: z.int().nonnegative().optional().describe('Seconds between these.'),
  sdu: z.int().min(SMALLEST_SDU).max(LARGEST_SDU).optional().describe('Bytes of a packet (Session Data Unit).'),
  sslServerDNMatch: z
    .boolean()
    .optional()
    .describe(
      "`false`: the name in the server's certificate is not looked at, which protects against nobody who has any certificate of the authority.",
    ),
  sslServerCertDN: z.string().min(1).optional().describe("The whole name that the server's certificate must have."),
  httpsProxy: z.string().min(1).optional().describe('Name or address of a proxy, for TLS connections.'),
  httpsProxyPort: z.int().min(1).max(65_535).optional().describe('Its port; default 80.'),
  stmtCacheSize: z.int().nonnegative().optional().describe('Statements that are kept parsed.'),
  program: z.string().min(1).optional().describe('How the sessions are called in V$SESSION; default: penstock.'),
  machine: z.string().min(1).optional().describe('The name of this machine in V$SESSION.'),
  osUser: z.string().min(1).optional().describe('The name of the user of this machine in V$SESSION.'),
});

const host = z
  .string()
  .regex(/^[^\s()=]+$/, 'a name or an address')
  .describe('Name or address of the server; of RAC its SCAN name.');
const port = z.int().min(1).max(65_535);
const database = z
  .string()
  .regex(/^:?[\w.$#-]+$/, 'a service name, or a colon and an SID')
  .describe('The service name, or `:SID` for an SID.');
const user = z.string().min(1);

/** A second database, with a user of its own. */
const beside = z.strictObject({
  host: host.optional().describe("Name or address of its server; default: the source's."),
  port: port.optional().describe("Its port; default: the source's, or 1521 where a host is given."),
  database,
  user: user.describe('The user that logs in there.'),
  password: secretReference.describe(PASSWORD_DESCRIPTION),
  tls: tlsSetting.optional().describe(`${TLS_DESCRIPTION} Without a host: the source's.`),
});

const mining = beside.extend({
  logPaths: z
    .array(z.strictObject({ from: z.string().min(1), to: z.string() }))
    .default([])
    .describe(
      "Where the source's log files are found by the mining database: the beginning of a file's path at the source (`from`), and what stands there instead (`to`). The first that fits counts; none: the same path.",
    ),
});

const whole = z.strictObject({
  host,
  port: port.default(DEFAULT_PORT).describe('Its port.'),
  database: database.describe('The service name, or `:SID` for an SID; tables are named `SCHEMA.TABLE`.'),
  user: user.describe('The user that logs in.'),
  tls: tlsSetting.optional().describe(TLS_DESCRIPTION),
  options: options.default({}).describe('Options of every connection (JDBC Options).'),
  rawAsHex: z
    .boolean()
    .default(false)
    .describe('Convert RAW to Hex: RAW columns become texts of hexadecimal digits, in upper case; else bytes.'),
  nanoseconds: z
    .enum(['text', 'stop', 'cut'])
    .default('text')
    .describe(
      'The seventh to ninth digit of a second, which TIMESTAMP(7) to TIMESTAMP(9) have and the destination has not. `text`: such columns are loaded as texts, which keep them. `stop`: they are loaded as times with six digits; a value whose others are not 0 does not fit (`misfits`). `cut`: they are left out, but never in a key.',
    ),
  zonedTimes: z
    .enum(['text', 'utc'])
    .default('text')
    .describe('TIMESTAMP WITH TIME ZONE. `text`: it is loaded as a text with its offset. `utc`: as a time in UTC.'),
  redoQuotes: z
    .enum(['strict', 'relaxed'])
    .optional()
    .describe(
      'Apostrophes in texts that a server with extended strings leaves unescaped in its logs. `strict`, the default: such a statement stops its table. `relaxed`: the end of the text is told by what follows it, where that can be only one place.',
    ),
  logFileCatchupCount: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Log file catchup count: archived logs that are read in one pass, of each redo thread. Default 4.'),
  logCatchupMinutes: z
    .int()
    .positive()
    .optional()
    .describe(
      'Log catchup time: minutes of redo that are read in one pass at most. Default: as many as the files hold.',
    ),
  logCatchupOffsetMinutes: z
    .int()
    .nonnegative()
    .optional()
    .describe("Log catchup offset: minutes to stay behind the database's clock. Default 0."),
  logFileLookAhead: z
    .int()
    .nonnegative()
    .max(100)
    .optional()
    .describe(
      'Log file look-ahead: further logs that are opened with those of a pass, so that what crosses the end of a file can be told. Default 1.',
    ),
  archiveDestination: z
    .int()
    .min(1)
    .max(31)
    .optional()
    .describe('The archive destination (DEST_ID) whose files are read. Default: the first local one that is valid.'),
  pollSeconds: z
    .number()
    .positive()
    .optional()
    .describe('A pause between looks for changes, seconds. Default: 1, for extract type timestamps 10.'),
  lagSeconds: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'Rows younger than this are left for the next poll, because older ones may still be uncommitted. Default 5.',
    ),
  overlapSeconds: z
    .number()
    .nonnegative()
    .optional()
    .describe('How far before the last mark a poll looks again for rows that were committed late. Default 0.'),
  timestampZone: z
    .string()
    .regex(/^[+-]\d\d:\d\d$/, 'an offset such as +00:00 or -05:00')
    .optional()
    .describe('The offset from UTC in which date and time columns without one are written. Default +00:00.'),
  serverTimeZone: serverTimeZone.optional().describe(SERVER_TIME_ZONE_DESCRIPTION),
  rootDatabase: beside
    .optional()
    .describe('The root of the container database, in which its logs are read, with a common user.'),
  miningDatabase: mining
    .optional()
    .describe('Another database that reads the logs, of the same platform and the same or a later release.'),
});

type Field = keyof typeof whole.shape;

const FILE_FIELDS: readonly Field[] = [
  'logFileCatchupCount',
  'logCatchupMinutes',
  'logCatchupOffsetMinutes',
  'logFileLookAhead',
];
const LOG_FIELDS: readonly Field[] = ['archiveDestination', 'redoQuotes', 'serverTimeZone'];
const POLL_FIELDS: readonly Field[] = ['lagSeconds', 'overlapSeconds', 'timestampZone'];

/** Fields that go with some extract types alone. */
const GOES_WITH: readonly { readonly fields: readonly Field[]; readonly holds: (type: ExtractType) => boolean }[] = [
  { fields: FILE_FIELDS, holds: readsFiles },
  { fields: LOG_FIELDS, holds: readsLogs },
  { fields: POLL_FIELDS, holds: readsByColumn },
  { fields: ['pollSeconds'], holds: (type) => type !== 'fullExtracts' },
  { fields: ['miningDatabase'], holds: minesElsewhere },
];

/** A database that is logged in to. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  /** A service name, or `:SID`. */
  readonly database: string;
  readonly user: string;
  readonly tls: z.output<typeof tlsSetting>;
  readonly via?: Proxy;
}

/** The `source` block of a pipeline for a kind of Oracle, without what all sources share. Fields that its extract types never use are unknown to it. */
export function oracleSettings(variant: OracleVariant) {
  return z
    .strictObject({ extractType: extractTypeOf(variant), ...fieldsFor(variant) })
    .superRefine((settings, context) => {
      for (const { fields } of GOES_WITH.filter(({ holds }) => !holds(settings.extractType))) {
        for (const field of fields.filter((name) => settings[name] !== undefined)) {
          const message = `extract type ${settings.extractType} has no ${field}`;
          context.addIssue({ code: 'custom', path: [field], message });
        }
      }
      if (minesElsewhere(settings.extractType) && settings.miningDatabase === undefined) {
        const message = 'the database that reads the logs, with database, user and password';
        context.addIssue({ code: 'custom', path: ['miningDatabase'], message });
      }
    })
    .transform((settings) => settled(settings, variant));
}

/** The fields that a kind has; those that go with some of its extract types alone begin by saying with which. */
function fieldsFor({ extractTypes, isPluggable }: OracleVariant): typeof whole.shape {
  const fields = Object.entries(whole.shape).flatMap(([name, field]) => {
    const rule = GOES_WITH.find((one) => one.fields.some((other) => other === name));
    const types = rule === undefined ? extractTypes : extractTypes.filter(rule.holds);
    if (types.length === 0 || (name === 'rootDatabase' && !isPluggable)) return [];
    const said = field.description ?? '';
    const description = types.length === extractTypes.length ? said : `${extractTypesText(types)}: ${said}`;
    // Where there is a root, its logs are the only ones.
    const needed = name === 'rootDatabase' ? beside : field;
    return [[name, needed.describe(description)] as const];
  });
  return Object.fromEntries(fields) as typeof whole.shape;
}

/** As the console reads it, too: it shows a field only with these. */
function extractTypesText(types: readonly ExtractType[]): string {
  const [last = '', ...before] = [...types].reverse();
  return before.length === 0 ? `Extract type ${last}` : `Extract types ${before.reverse().join(', ')} and ${last}`;
}

const EXTRACT_TYPE_DESCRIPTIONS: Readonly<Record<ExtractType, string>> = {
  logMiner: 'archived logs are read, some in one pass.',
  fastLogMiner: 'archived logs are read by several sessions at once.',
  remoteLogMiner: 'another database reads the archived logs.',
  continuousLogMiner: 'archived and online logs are read, up to the last commit.',
  fullExtracts: 'tables are copied again.',
  timestamps: 'a column that grows is polled.',
};

function extractTypeOf({ extractTypes }: OracleVariant) {
  const meanings = extractTypes.map((type) => `\`${type}\`: ${EXTRACT_TYPE_DESCRIPTIONS[type]}`).join(' ');
  return z.enum(extractTypes).default(extractTypes[0]).describe(meanings);
}

type Written = z.output<typeof whole> & { readonly extractType: ExtractType };

/** With every default filled in; a field that does not go with the extract type has its default, which nothing asks for. */
function settled(written: Written, { type, isPluggable }: OracleVariant) {
  const { host, port, extractType, rootDatabase, miningDatabase, ...rest } = written;
  const address = behindProxy({ host, port, tls: tlsOrDefault(written.tls, host) }, written.options);
  const besideIt = (other: z.output<typeof beside>) => behindProxy(addressBeside(other, address), written.options);
  return {
    ...rest,
    ...address,
    type,
    extractType,
    isPluggable,
    redoQuotes: written.redoQuotes ?? 'strict',
    logFileCatchupCount: written.logFileCatchupCount ?? CATCHUP_COUNT,
    logCatchupMinutes: written.logCatchupMinutes ?? null,
    logCatchupOffsetMinutes: written.logCatchupOffsetMinutes ?? 0,
    logFileLookAhead: written.logFileLookAhead ?? 1,
    archiveDestination: written.archiveDestination ?? null,
    serverTimeZone: written.serverTimeZone ?? null,
    pollSeconds: written.pollSeconds ?? (extractType === 'timestamps' ? POLL_SECONDS : LOG_POLL_SECONDS),
    lagSeconds: written.lagSeconds ?? LAG_SECONDS,
    overlapSeconds: written.overlapSeconds ?? 0,
    timestampZone: written.timestampZone ?? '+00:00',
    rootDatabase: rootDatabase === undefined ? null : { ...rootDatabase, ...besideIt(rootDatabase) },
    miningDatabase: miningDatabase === undefined ? null : { ...miningDatabase, ...besideIt(miningDatabase) },
  };
}

type ServerAddress = Pick<DatabaseAddress, 'host' | 'port' | 'tls'>;

/** The driver goes to its proxy for TLS connections alone. */
function behindProxy(
  server: ServerAddress,
  { httpsProxy, httpsProxyPort = DEFAULT_PROXY_PORT }: z.output<typeof options>,
): ServerAddress & Pick<DatabaseAddress, 'via'> {
  if (httpsProxy === undefined || server.tls.mode === 'off') return server;
  const settings = { host: 'options.httpsProxy', port: 'options.httpsProxyPort' };
  return { ...server, via: { host: httpsProxy, port: httpsProxyPort, settings } };
}

/** On the source's server, unless it is said otherwise. */
function addressBeside({ host, port, tls }: z.output<typeof beside>, source: ServerAddress): ServerAddress {
  if (host === undefined) return { host: source.host, port: port ?? source.port, tls: tls ?? source.tls };
  return { host, port: port ?? DEFAULT_PORT, tls: tlsOrDefault(tls, host) };
}

export type OracleSettings = ReturnType<typeof settled>;

/** The kinds of Oracle, in the order of the vendor's list. */
export const oracleKinds = ORACLE_VARIANTS.map((variant) => ({
  type: variant.type,
  label: variant.label,
  settings: oracleSettings(variant),
  placeText: orderText,
  rememberedBytes: keptBytes,
})) satisfies readonly SourceKind<OracleSettings>[];
