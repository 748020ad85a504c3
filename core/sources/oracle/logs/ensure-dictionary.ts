import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Clock } from '../../../host/host.ts';
import { isRefused } from '../errors.ts';
import { isOnRds, sessionUser } from '../server/database.ts';
import { grantPackage } from '../server/grants.ts';
import type { Session } from '../server/session.ts';
import { dictionariesIn, dictionaryFor } from './dictionary-logs.ts';
import { listLogs } from './list-logs.ts';
import type { LogFile } from './log-file.ts';

/** How long the archiver may take with the logs of a dictionary. */
const MOST_LOOKS = 60;

/** What {@link ensureDictionary} needs beside the session. */
export interface DictionaryContext {
  readonly clock: Clock;
  /** DEST_ID; null: the first one that works. */
  readonly archiveDestination: number | null;
  readonly pollMilliseconds: number;
  /** Whether the database that mines can open these files: one that was removed is listed all the same. */
  readonly opens: (paths: readonly string[]) => Promise<boolean>;
}

/**
 * Makes sure that a dictionary stands in the archived logs, with all logs behind it, so that another database can mine them: one is written where there is
 * none, which takes the source some minutes. Transactions that began before it cannot be mined: see minable-hand-off.ts.
 * @returns the SCN from which logs can be mined with it
 * @throws PenstockError PS2004 without the right, PS2010 where its logs are not archived in time
 */
export async function ensureDictionary(
  session: Session,
  { clock, archiveDestination, pollMilliseconds, opens }: DictionaryContext,
  signal: AbortSignal,
): Promise<bigint> {
  const list = async () =>
    (await listLogs(session, { behind: 0n, destination: archiveDestination, followsOnline: false })).files;
  const known = latestUsable(await list());
  if (known !== null && (await opens(known.paths))) return known.from;
  await build(session);
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const written = latestUsable(await list());
    if (written !== null && (known === null || written.from > known.from)) return written.from;
    await clock.sleep(pollMilliseconds, signal);
  }
  throw new PenstockError('PS2010', 'the logs with the dictionary of the source are not archived yet', {
    remedy: 'Look at the archiver (V$ARCHIVE_DEST_STATUS), or ALTER SYSTEM ARCHIVE LOG CURRENT; then try again.',
  });
}

interface UsableDictionary {
  /** Where it ends. */
  readonly from: bigint;
  /** Its logs and all behind it. */
  readonly paths: readonly string[];
}

/** The latest whole dictionary with all logs behind it; null: there is none. */
function latestUsable(files: readonly LogFile[]): UsableDictionary | null {
  for (const { end } of dictionariesIn(files)) {
    const last = files
      .filter(({ isOnline }) => !isOnline)
      .reduce((most, { firstScn }) => (firstScn > most ? firstScn : most), end.firstScn);
    try {
      const paths = dictionaryFor(files, last).map(({ path }) => path);
      return { from: end.nextScn, paths };
    } catch (error) {
      if (!(error instanceof PenstockError)) throw error;
    }
  }
  return null;
}

async function build(session: Session): Promise<void> {
  try {
    await session.run({ tag: 'buildDictionary' });
  } catch (error) {
    if (!isRefused(error)) throw error;
    const grantee = { user: await sessionUser(session), isRds: await isOnRds(session) };
    throw new PenstockError('PS2004', 'the user may not write the dictionary into the redo logs', {
      remedy: grantPackage('DBMS_LOGMNR_D', grantee),
      cause: error,
    });
  }
}
