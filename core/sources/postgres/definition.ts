import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext, SourceDefinition } from '../source-definition.ts';
import { postgresLogConnector } from './log-connector.ts';
import { postgresPollConnector } from './poll-connector.ts';
import { postgresKind, type PostgresSettings } from './settings.ts';

/** PostgreSQL 10 and newer. */
export const postgresSource: SourceDefinition<PostgresSettings> = {
  ...postgresKind,
  connect(settings: PostgresSettings, context: ConnectorContext): SourceConnector {
    return settings.extractType === 'logs'
      ? postgresLogConnector(settings, context)
      : postgresPollConnector(settings, context);
  },
};
