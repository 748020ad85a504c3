import { NO_CONNECTION_KEPT, NO_SNAPSHOT_KEPT } from '../nothing-kept.ts';
import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkLog } from './check.ts';
import { withSession, type Access } from './connection.ts';
import { currentLogPosition } from './current-position.ts';
import { lsnOf } from './lineage.ts';
import { readLogHealth } from './log-health.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { checkLogReach, describeLogged, logHoldsGenerated, prepareLog, type LogNames } from './prepare.ts';
import { defaultObjectName, type PostgresSettings } from './settings.ts';
import { openLog } from './stream.ts';
import { teardownLog } from './server/teardown.ts';
import { postgresReads } from './table-reads.ts';

/** Extract type Logs: a replication slot keeps the log, a publication says whose changes it hands out. */
export function postgresLogConnector(settings: PostgresSettings, context: ConnectorContext): SourceConnector {
  const { clock, misfits, password, pipeline } = context;
  const access: Access = { settings, password };
  const name = defaultObjectName(pipeline);
  const names: LogNames = { publication: settings.publication ?? name, slot: settings.slot ?? name };
  /** The last place that was asked for: streams see to it that they reach it. */
  const sought = { lsn: 0n };
  return {
    mode: 'log',
    ...NO_CONNECTION_KEPT,
    ...NO_SNAPSHOT_KEPT,
    ...postgresReads(access, clock),
    check: (tables, signal) => checkLog(access, names, tables, signal),
    describeTables: (tables, signal) =>
      withSession(access, signal, 'describe tables', async (session) =>
        (await describeLogged(session, names, tables)).map(({ schema }) => schema),
      ),
    prepare: (tables, known, signal, copiedAnew = new Set<string>()) =>
      prepareLog(access, names, { tables, copiedAnew }, known, signal),
    openSnapshot: async (_, signal) => {
      const generatedColumns = await withSession(access, signal, 'look at the publication', (session) =>
        logHoldsGenerated(session, names),
      );
      const reading = { fromLog: true, generatedColumns };
      return openLogSnapshot({ access, misfits, reading }, context, names.slot, signal);
    },
    openStream: (after, tables, signal) => openLog({ access, names, clock, sought }, after, tables, signal),
    checkReach: (from, signal) => checkLogReach(access, names, from, signal),
    currentPosition: async (signal) => {
      const position = await currentLogPosition(access, names, clock, signal);
      sought.lsn = lsnOf(position);
      return position;
    },
    logHealth: (signal) =>
      withSession(access, signal, 'look at the slot', (session) => readLogHealth(session, names.slot)),
    teardown: (signal) => teardownLog(access, names, signal),
  };
}
