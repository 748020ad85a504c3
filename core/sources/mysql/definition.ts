import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext, SourceDefinition } from '../source-definition.ts';
import { mysqlLogConnector } from './log-connector.ts';
import { mysqlPollConnector } from './poll-connector.ts';
import { mysqlKind, type MysqlSettings } from './settings.ts';

/** MySQL 5.7 and newer, MariaDB 10.5 and newer. */
export const mysqlSource: SourceDefinition<MysqlSettings> = {
  ...mysqlKind,
  connect(settings: MysqlSettings, context: ConnectorContext): SourceConnector {
    return settings.extractType === 'logs'
      ? mysqlLogConnector(settings, context)
      : mysqlPollConnector(settings, context);
  },
};
