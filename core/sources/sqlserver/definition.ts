import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext, SourceDefinition } from '../source-definition.ts';
import { sessionOpener } from './connection.ts';
import { sqlserverLogConnector } from './log-connector.ts';
import { sqlserverPollConnector } from './poll-connector.ts';
import type { Access } from './server/guarded.ts';
import { sqlserverKind, type SqlserverSettings } from './settings.ts';

/** SQL Server 2016 and newer. */
export const sqlserverSource: SourceDefinition<SqlserverSettings> = {
  ...sqlserverKind,
  connect(settings: SqlserverSettings, context: ConnectorContext): SourceConnector {
    return sqlserverConnector({ settings, open: sessionOpener({ settings, password: context.password }) }, context);
  },
};

/** The connector of an extract type, over any way to open sessions. */
export function sqlserverConnector(access: Access, context: ConnectorContext): SourceConnector {
  const { extractType } = access.settings;
  return extractType === 'changeTracking' || extractType === 'cdc'
    ? sqlserverLogConnector(access, extractType, context)
    : sqlserverPollConnector(access, context);
}
