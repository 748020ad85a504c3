import { PenstockError } from '../errors/penstock-error.ts';
import { SOURCE_KINDS, type SourceType } from './kinds.ts';
import type { SourceConnector } from './source-connector.ts';
import type { ConnectorContext, SourceConnection } from './source-definition.ts';

/**
 * A source of a kind; connects to nothing yet. `settings` is what this kind's own schema gave.
 * @throws PenstockError PS1001 where there is no such kind
 */
export type ConnectSource = (type: string, settings: unknown, context: ConnectorContext) => Promise<SourceConnector>;

type Connect = (settings: unknown, context: ConnectorContext) => SourceConnector;

/** One folder serves all kinds of Oracle: their settings say which it is. */
const oracle = async (): Promise<Connect> => connecting((await import('./oracle/definition.ts')).oracleSource);

/** A folder is loaded, and its driver with it, only where a pipeline reads from such a source: a process starts the sooner. */
const FOLDERS: Readonly<Record<SourceType, () => Promise<Connect>>> = {
  postgres: async () => connecting((await import('./postgres/definition.ts')).postgresSource),
  mysql: async () => connecting((await import('./mysql/definition.ts')).mysqlSource),
  sqlserver: async () => connecting((await import('./sqlserver/definition.ts')).sqlserverSource),
  oracle,
  oraclePluggable: oracle,
  oracleRac: oracle,
  oracleRacPluggable: oracle,
  oracle19c: oracle,
  oracle19cPluggable: oracle,
};

/** The settings' type is closed over: they are parsed and connected by the same folder. */
function connecting<Settings>(source: SourceConnection<Settings>): Connect {
  return (settings, context) => source.connect(settings as Settings, context);
}

export const connectSource: ConnectSource = async (type, settings, context) => {
  const kind = SOURCE_KINDS.find((candidate) => candidate.type === type);
  if (kind === undefined) throw new PenstockError('PS1001', `source.type ${type} is not a kind of source`);
  const connect = await FOLDERS[kind.type]();
  return connect(settings, context);
};
