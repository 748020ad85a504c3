import { ORACLE_VARIANTS, type ExtractType } from '../../../core/sources/oracle/server/variants.ts';
import { oracleSettings, type OracleSettings } from '../../../core/sources/oracle/settings.ts';

/** A way to read the logs, and the database that it reads. */
export interface SimulatedMode {
  readonly name: string;
  readonly settings: OracleSettings;
  readonly release: number;
  readonly isContainerDatabase: boolean;
  /** Sessions for logs are in the root. */
  readonly isRoot: boolean;
  /** Another server mines. */
  readonly isRemote: boolean;
  readonly mostThreads: number;
}

const BESIDE = { database: 'elsewhere', user: 'C##READER', password: { env: 'UNUSED' } };

function settingsOf(
  type: string,
  extractType: ExtractType,
  more: Readonly<Record<string, unknown>> = {},
): OracleSettings {
  const variant = ORACLE_VARIANTS.find((one) => one.type === type);
  if (variant === undefined) throw new Error(`there is no source type ${type}`);
  return oracleSettings(variant).parse({
    ...{ extractType, host: '127.0.0.1', user: 'READER', database: 'shop', tls: { mode: 'off' }, pollSeconds: 1 },
    ...(variant.isPluggable ? { rootDatabase: BESIDE } : {}),
    ...more,
  });
}

const PLAIN = { release: 19, isContainerDatabase: false, isRoot: false, isRemote: false, mostThreads: 1 };
/** Archived logs in small passes. */
const PASSES = { logFileCatchupCount: 2, logFileLookAhead: 1 };
const MINING = { ...BESIDE, logPaths: [{ from: '/arch/', to: '/mnt/source/' }] };

export const MODES: readonly SimulatedMode[] = [
  { ...PLAIN, name: 'oracle19c', settings: settingsOf('oracle19c', 'continuousLogMiner') },
  { ...PLAIN, name: 'logMiner', settings: settingsOf('oracle', 'logMiner', PASSES) },
  {
    ...PLAIN,
    name: 'fastLogMiner',
    settings: settingsOf('oracle', 'fastLogMiner', { ...PASSES, logFileCatchupCount: 4 }),
  },
  {
    ...{ ...PLAIN, name: 'remoteLogMiner', isRemote: true },
    settings: settingsOf('oracle', 'remoteLogMiner', { ...PASSES, miningDatabase: MINING }),
  },
  { ...PLAIN, name: 'continuous18c', release: 18, settings: settingsOf('oracle', 'continuousLogMiner') },
  { ...PLAIN, name: 'inside', isContainerDatabase: true, settings: settingsOf('oracle19c', 'continuousLogMiner') },
  {
    ...{ ...PLAIN, name: 'oracle19cPluggable', isContainerDatabase: true, isRoot: true },
    settings: settingsOf('oracle19cPluggable', 'continuousLogMiner'),
  },
  { ...PLAIN, name: 'oracleRac', mostThreads: 3, settings: settingsOf('oracleRac', 'continuousLogMiner') },
  {
    ...{ ...PLAIN, name: 'oracleRacPluggable', isContainerDatabase: true, isRoot: true, mostThreads: 2 },
    settings: settingsOf('oracleRacPluggable', 'logMiner', PASSES),
  },
  { ...PLAIN, name: 'oracleRacLogMiner', mostThreads: 2, settings: settingsOf('oracleRac', 'logMiner', PASSES) },
];
