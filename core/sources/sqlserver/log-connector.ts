import type { Timestamp } from '../../changes/timestamp.ts';
import { NO_SNAPSHOT_KEPT, NOTHING_KEPT } from '../nothing-kept.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkCapture, checkTracking } from './check.ts';
import { currentCapturedPosition, currentTrackedPosition } from './current-position.ts';
import { readCaptureHealth, readTrackingHealth } from './log-health.ts';
import { openCapturedSnapshot, openTrackedSnapshot } from './open-snapshot.ts';
import {
  changeReading,
  checkCaptureReach,
  checkTrackingReach,
  describeTables,
  prepareCapture,
  prepareTracking,
} from './prepare.ts';
import { withSession, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { openCapture, openTracking } from './stream.ts';
import { sqlserverReads } from './table-reads.ts';

/** What change tracking and change data capture do differently. */
const WAYS = {
  changeTracking: {
    check: checkTracking,
    prepare: prepareTracking,
    checkReach: checkTrackingReach,
    openSnapshot: openTrackedSnapshot,
    openStream: openTracking,
    currentPosition: currentTrackedPosition,
    health: readTrackingHealth,
  },
  cdc: {
    check: checkCapture,
    prepare: prepareCapture,
    checkReach: checkCaptureReach,
    openSnapshot: openCapturedSnapshot,
    openStream: openCapture,
    currentPosition: currentCapturedPosition,
    health: readCaptureHealth,
  },
} as const;

/** Extract types changeTracking and cdc. */
export function sqlserverLogConnector(
  access: Access,
  extractType: keyof typeof WAYS,
  { clock, misfits }: ConnectorContext,
): SourceConnector {
  const way = WAYS[extractType];
  /** When the last position that was given out was reached at the source. */
  const progress: { readAt: Timestamp | null } = { readAt: null };
  const describe = (session: Session, tables: readonly TableSelection[]) =>
    describeTables(session, tables, changeReading(access));
  return {
    mode: 'log',
    ...NOTHING_KEPT,
    ...NO_SNAPSHOT_KEPT,
    ...sqlserverReads(access),
    check: (tables, signal) => way.check(access, tables, signal),
    describeTables: (tables, signal) =>
      withSession(access, signal, 'describe tables', async (session) =>
        (await describe(session, tables)).map(({ schema }) => schema),
      ),
    prepare: (tables, known, signal, copiedAnew = new Set<string>()) =>
      way.prepare(access, tables, known, signal, copiedAnew),
    openSnapshot: (request, signal) => way.openSnapshot({ access, misfits, describe }, request, signal),
    openStream: (after, tables, signal) => way.openStream({ access, clock, progress }, after, tables, signal),
    checkReach: (from, signal) => way.checkReach(access, from, signal),
    currentPosition: (signal) => way.currentPosition(access, signal),
    logHealth: (signal) =>
      withSession(access, signal, 'look at the changes that are kept', (session) =>
        way.health(session, progress.readAt),
      ),
  };
}
