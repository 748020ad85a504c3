import { SECTIONS } from '../../../core/pipeline/checked-settings.ts';
import { SOURCE_KINDS } from '../../../core/sources/kinds.ts';
import { ApiError } from '../problems/api-error.ts';
import type { SectionValue } from '../schemas/configuration.ts';
import type { Mapping } from '../configuration/parsed-configuration.ts';

/** What existing scripts send and get: names with values, as a list of pairs or as an object. */
export interface FlowPair {
  readonly name: string;
  readonly value: string | number | boolean | null;
}

/** By name in small letters; the last one of a name holds. @throws ApiError 422 */
export function flowValues(body: unknown): Map<string, FlowPair['value']> {
  const pairs = Array.isArray(body) ? body.map(pairOf) : isObject(body) ? Object.entries(body).map(asPair) : null;
  if (pairs === null || pairs.includes(null)) {
    throw new ApiError(422, 'expected a list of {"name": …, "value": …}, or an object');
  }
  return new Map(pairs.filter((pair) => pair !== null).map(({ name, value }) => [name.toLowerCase(), value]));
}

function pairOf(item: unknown): FlowPair | null {
  if (!isObject(item) || typeof item['name'] !== 'string') return null;
  return asPair([item['name'], item['value']]);
}

/** A list is its members, separated by commas: nothing deeper is a value here. */
function asPair([name, value]: [string, unknown]): FlowPair {
  if (Array.isArray(value)) return { name, value: value.map(String).join(',') };
  const isScalar = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return { name, value: isScalar ? (value as FlowPair['value']) : JSON.stringify(value ?? null) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Their names of what both have. */
const NAMES: Readonly<Record<string, string>> = {
  host: 'host',
  port: 'port',
  uid: 'user',
  db: 'database',
  type: 'type',
};

/** A kind of ours, and how it is read where the vendor's name says that, too. */
interface FlowKind {
  readonly type: string;
  readonly extractType?: string;
}

const oracle = (extractType: string): FlowKind => ({ type: 'oracle', extractType });

/** The vendor's names of kinds, beside ours. */
const THEIR_KINDS: Readonly<Record<string, FlowKind>> = {
  'rds.mysql': { type: 'mysql' },
  mariadb: { type: 'mysql' },
  postgresql: { type: 'postgres' },
  'rds.postgres': { type: 'postgres' },
  mssql: { type: 'sqlserver' },
  'rds.mssql': { type: 'sqlserver' },
  'rds.sqlserver': { type: 'sqlserver' },
  'rds.oracle11lm': oracle('logMiner'),
  'rds.oracle11lfm': oracle('fastLogMiner'),
  'rds.oracle11lmrm': oracle('remoteLogMiner'),
  'rds.oracle11lmc': oracle('continuousLogMiner'),
  'rds.oraclefem': oracle('fullExtracts'),
  'rds.oraclets': oracle('timestamps'),
  memsql: { type: 'singlestore' },
};

const OUR_TYPES = [...SOURCE_KINDS.map(({ type }) => type), ...Object.keys(SECTIONS.destinations)];

export interface FlowConnection {
  readonly value: SectionValue;
  readonly password: string | undefined;
  /** Names that mean nothing here. */
  readonly unknown: ReadonlyMap<string, FlowPair['value']>;
}

/** A section with what was sent put over what is there. @throws ApiError 422 */
export function connectionOf(
  section: 'source' | 'destination',
  saved: Mapping | null,
  sent: ReadonlyMap<string, FlowPair['value']>,
): FlowConnection {
  const value: Record<string, unknown> = { ...saved };
  delete value['password'];
  if (section === 'destination') value['type'] ??= 'singlestore';
  const unknown = new Map<string, FlowPair['value']>();
  let password: string | undefined;
  for (const [name, given] of sent) {
    const known = NAMES[name];
    if (name === 'pwd') password = given === null || given === '' ? undefined : String(given);
    else if (known === undefined) unknown.set(name, given);
    else if (known === 'port') value[known] = Number(given);
    else if (known === 'type') Object.assign(value, kindOf(String(given)));
    else value[known] = String(given);
  }
  return { value: value as SectionValue, password, unknown };
}

/** A kind by the vendor's name or by ours, in any letters. @throws ApiError 422 for one that is not there */
function kindOf(name: string): FlowKind {
  const given = name.toLowerCase();
  const type = OUR_TYPES.find((one) => one.toLowerCase() === given);
  if (type !== undefined) return { type };
  const theirs = THEIR_KINDS[given];
  if (theirs !== undefined) return theirs;
  const message = `type ${name}: this version reads ${OUR_TYPES.join(', ')}`;
  throw new ApiError(422, message, { problems: [{ path: ['type'], message }] });
}

/** A section as scripts read it, never with a password. */
export function pairsOf(section: Mapping | null, kept: Readonly<Record<string, FlowPair['value']>>): FlowPair[] {
  const known = Object.entries(NAMES).flatMap(([name, own]): FlowPair[] => {
    const value = section?.[own];
    return typeof value === 'string' || typeof value === 'number' ? [{ name, value }] : [];
  });
  return [...known, ...Object.entries(kept).map(([name, value]) => ({ name, value }))];
}

/** `true`, `Y`, `1` and so on; null: none of them. */
export function flagOf(value: FlowPair['value'] | undefined): boolean | null {
  if (value === undefined || value === null) return null;
  if (/^(?:true|y|yes|1|on)$/i.test(String(value))) return true;
  return /^(?:false|n|no|0|off|)$/i.test(String(value)) ? false : null;
}
