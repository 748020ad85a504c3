import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext, SourceConnection } from '../source-definition.ts';
import { accessOf } from './connection.ts';
import { oracleLogConnector } from './log-connector.ts';
import { oraclePollConnector } from './poll-connector.ts';
import type { Access } from './server/guarded.ts';
import { readsLogs } from './server/variants.ts';
import type { OracleSettings } from './settings.ts';

/** All kinds of Oracle, 12.1 and newer: their settings say which it is. */
export const oracleSource: SourceConnection<OracleSettings> = {
  connect: (settings, context) => oracleConnector(accessOf(settings, context), context),
};

/** The connector of an extract type, over any way to open sessions. `memoryBytes`: of the log's open transactions; what is more goes to disk. */
export function oracleConnector(access: Access, context: ConnectorContext, memoryBytes?: number): SourceConnector {
  return readsLogs(access.settings.extractType)
    ? oracleLogConnector(access, context, memoryBytes)
    : oraclePollConnector(access, context);
}
