import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Clock } from '../../../host/host.ts';
import type { Session } from '../connection.ts';
import { logStatus } from '../lineage.ts';
import { placeOrder } from '../place.ts';

const POLL_MILLISECONDS = 10;
/** With semi-synchronous replication a commit waits for a replica, by default 10 seconds at most, between the log and the engine. */
const LONGEST_MILLISECONDS = 60_000;
/** A server without GTIDs does not say which commits are on their way from the log to the engine: a whole second, where it takes milliseconds. */
const UNTOLD_MILLISECONDS = 1000;

/**
 * Begins a view that holds everything that stands in the log now: a transaction is written there before the engine commits it.
 * MariaDB says where in the log a view is; MySQL which GTIDs are under way.
 * @throws PenstockError PS2010 when a commit does not end
 */
export async function beginVisible(session: Session, clock: Clock, signal: AbortSignal): Promise<void> {
  if (session.isMariaDb) await beginBehind(session, await logStatus(session), clock, signal);
  else {
    await commitsEnded(session, clock, signal);
    await begin(session);
  }
}

async function begin(session: Session): Promise<void> {
  await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}

/** MariaDB: views are opened until one is behind the place. */
async function beginBehind(
  session: Session,
  end: ReadonlyMap<string, string | null> | null,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const wanted = orderOf(end?.get('file'), end?.get('position'));
  await ended(clock, signal, async () => {
    await begin(session);
    if (wanted === null) return true;
    const rows = await session.rows(`SHOW STATUS LIKE 'binlog_snapshot_%'`);
    const status = new Map(rows.map(([name, value]) => [(name ?? '').toLowerCase(), value]));
    const seen = orderOf(status.get('binlog_snapshot_file'), status.get('binlog_snapshot_position'));
    if (seen === null || seen >= wanted) return true;
    await session.run('COMMIT');
    return false;
  });
}

/**
 * MySQL: a transaction owns its GTID from before it is written to the log until the engine has committed it.
 * Without GTIDs the sessions that wait for a replica are counted, and the rest is given its time.
 */
async function commitsEnded(session: Session, clock: Clock, signal: AbortSignal): Promise<void> {
  const [row] = await session.rows('SELECT @@GLOBAL.gtid_mode, @@GLOBAL.gtid_owned');
  if (row?.[0] === 'ON') {
    const owned = ownedGtids(row[1] ?? '');
    await ended(clock, signal, async () => {
      if (owned.size === 0) return true;
      const [now] = await session.rows('SELECT @@GLOBAL.gtid_owned');
      return ![...ownedGtids(now?.[0] ?? '')].some((gtid) => owned.has(gtid));
    });
    return;
  }
  await ended(clock, signal, async () => {
    const rows = await session.rows(`SHOW STATUS LIKE 'Rpl_semi_sync_%_wait_sessions'`);
    return rows.every(([, count]) => Number(count ?? 0) === 0);
  });
  await clock.sleep(UNTOLD_MILLISECONDS, signal);
}

/** `uuid:5#12:7#13, uuid:tag:8#14`: intervals, each with the thread behind it. */
export function ownedGtids(text: string): Set<string> {
  const owned = new Set<string>();
  for (const one of text.split(',')) {
    const [uuid = '', ...parts] = one.trim().split(':');
    let tag = '';
    for (const part of parts) {
      const [number = ''] = part.split('#');
      if (/^\d/.test(number)) owned.add(`${uuid}:${tag}:${number}`);
      else tag = part;
    }
  }
  return owned;
}

async function ended(clock: Clock, signal: AbortSignal, isEnded: () => Promise<boolean>): Promise<void> {
  const deadline = clock.now() + LONGEST_MILLISECONDS;
  while (!(await isEnded())) {
    if (clock.now() >= deadline) {
      throw new PenstockError('PS2010', 'a commit that stands in the log of the source has not ended for a minute', {
        remedy: 'It may wait for a replica (semi-synchronous replication); what was asked for is asked again.',
      });
    }
    await clock.sleep(POLL_MILLISECONDS, signal);
  }
}

function orderOf(file: string | null | undefined, position: string | null | undefined): string | null {
  return file === null || file === undefined || file === '' || position === null || position === undefined
    ? null
    : placeOrder(file, Number(position));
}
