import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { OracleLogConnector } from './log-connector.ts';
import { oraclePollConnector } from './poll-connector.ts';
import type { Access } from './server/guarded.ts';
import { readsLogs } from './server/variants.ts';

/** The connector of an extract type, over any way to open sessions. */
export function oracleConnector(access: Access, context: ConnectorContext): SourceConnector {
  return readsLogs(access.settings.extractType)
    ? new OracleLogConnector(access, context)
    : oraclePollConnector(access, context);
}
