import { PenstockError } from '../../../errors/penstock-error.ts';
import { allRows, oneRow } from '../../session.ts';
import type { ClockSight } from '../../server-times.ts';
import { readClockSight } from '../source-time.ts';
import type { Session } from '../server/session.ts';
import { readLogFile, readRedoThread, type LogFile, type RedoThread } from './log-file.ts';
import type { OpenWork } from './windows.ts';

export interface ListedLogs {
  readonly files: readonly LogFile[];
  readonly threads: readonly RedoThread[];
  /** The clock, when all of that had been asked. */
  readonly sight: ClockSight;
  /** Null where it was not asked for. */
  readonly work: OpenWork | null;
}

export interface ListRequest {
  /** Logs that end at or before this SCN are not needed. */
  readonly behind: bigint;
  /** DEST_ID; null: the first one that works. */
  readonly destination: number | null;
  readonly followsOnline: boolean;
}

/** Asks for open work first, then how far threads are, then for their logs: so that the logs hold all that the threads have written, and what comes late is known. */
export async function listLogs(session: Session, request: ListRequest): Promise<ListedLogs> {
  const destination = request.destination?.toString() ?? (await firstDestination(session));
  const work = request.followsOnline ? await openWork(session) : null;
  const threads = (await allRows(session, { tag: 'threads' })).map(readRedoThread);
  const files = await allRows(session, { tag: 'logs', behind: request.behind.toString(), destination });
  return { files: files.map(readLogFile), threads, sight: await readClockSight(session), work };
}

async function firstDestination(session: Session): Promise<string> {
  const [destination = null] = await oneRow(session, { tag: 'archiveDestinations' });
  if (destination === null) {
    throw new PenstockError('PS2005', 'no archive destination on the server is valid, so that no log is archived', {
      remedy: "Set one up (log_archive_dest_1 = 'LOCATION=…'), and look at V$ARCHIVE_DEST_STATUS for its error.",
    });
  }
  return destination;
}

async function openWork(session: Session): Promise<OpenWork> {
  const [scn] = await oneRow(session, { tag: 'currentScn' });
  let oldestStart: bigint | null = null;
  for (const [, , , , start] of await allRows(session, { tag: 'openTransactions' })) {
    const begun = BigInt(start ?? '0');
    if (oldestStart === null || begun < oldestStart) oldestStart = begun;
  }
  return { scn: BigInt(scn ?? '0'), oldestStart };
}
