/** How changes or rows are read; the vendor's names. */
export type ExtractType =
  'logMiner' | 'fastLogMiner' | 'remoteLogMiner' | 'continuousLogMiner' | 'fullExtracts' | 'timestamps';

/** A kind of source of Oracle: one folder serves all of them. */
export interface OracleVariant {
  /** The `type` in the configuration. */
  readonly type: 'oracle' | 'oraclePluggable' | 'oracleRac' | 'oracleRacPluggable' | 'oracle19c' | 'oracle19cPluggable';
  readonly label: string;
  /** The first is the default. */
  readonly extractTypes: readonly [ExtractType, ...ExtractType[]];
  /** Tables are in a pluggable database, logs are read in the root of its container database. */
  readonly isPluggable: boolean;
}

/** In the order of the vendor's list. */
export const ORACLE_VARIANTS: readonly OracleVariant[] = [
  {
    type: 'oracle',
    label: 'Oracle',
    extractTypes: ['logMiner', 'fastLogMiner', 'remoteLogMiner', 'continuousLogMiner', 'fullExtracts', 'timestamps'],
    isPluggable: false,
  },
  {
    type: 'oraclePluggable',
    label: 'Oracle (Pluggable Database)',
    extractTypes: ['fastLogMiner', 'continuousLogMiner'],
    isPluggable: true,
  },
  { type: 'oracleRac', label: 'Oracle (RAC)', extractTypes: ['logMiner', 'continuousLogMiner'], isPluggable: false },
  {
    type: 'oracleRacPluggable',
    label: 'Oracle (RAC)(Pluggable Database)',
    extractTypes: ['logMiner'],
    isPluggable: true,
  },
  { type: 'oracle19c', label: 'Oracle 19c', extractTypes: ['continuousLogMiner'], isPluggable: false },
  {
    type: 'oracle19cPluggable',
    label: 'Oracle 19c (Pluggable Database)',
    extractTypes: ['continuousLogMiner'],
    isPluggable: true,
  },
];

/** Extract types that read archived logs file by file, and have the choices of how many. */
export function readsFiles(extractType: ExtractType): boolean {
  return extractType === 'logMiner' || extractType === 'fastLogMiner' || extractType === 'remoteLogMiner';
}

/** Extract types that read the redo logs. */
export function readsLogs(extractType: ExtractType): boolean {
  return extractType !== 'fullExtracts' && extractType !== 'timestamps';
}

/** Extract types that have another database read the logs. */
export function minesElsewhere(extractType: ExtractType): boolean {
  return extractType === 'remoteLogMiner';
}

/** Extract types that ask for what a column says is new. */
export function readsByColumn(extractType: ExtractType): boolean {
  return extractType === 'timestamps';
}
