import type { Timestamp } from '../../../changes/timestamp.ts';
import type { Clock } from '../../../host/host.ts';
import { allRows } from '../../session.ts';
import { serverErrorNumber } from '../errors.ts';
import type { MinedRow } from '../mining/mined-row.ts';
import { readMinedRow } from '../mining/read-mined-row.ts';
import type { Session } from '../server/session.ts';
import type { MinedFilter } from '../statements/mining.ts';
import { isKept } from './kept-rows.ts';
import type { AddedLog, Reading } from './round-plan.ts';

/** What a reading took, in milliseconds. */
export interface ReadingTimes {
  /** To start LogMiner, which loads its dictionary then. */
  readonly start: number;
  /** To read its rows, without what their consumer took. */
  readonly rows: number;
  readonly endedAt: Timestamp;
}

/**
 * One session of LogMiner from its beginning to its end: adds the logs, starts, gives the rows that are wanted, ends.
 * Failures are the driver's own; the session can be used again after those that the server told. `whole` is told when nothing failed.
 */
export async function* readLogs(
  session: Session,
  reading: Reading,
  filter: MinedFilter,
  clock: Pick<Clock, 'now' | 'timestamp'>,
  whole: (times: ReadingTimes) => void,
): AsyncGenerator<readonly MinedRow[]> {
  const { logs, from, upTo, rowsUpTo, dictionary, isContinuous, keeps } = reading;
  let isWhole = false;
  try {
    for (const [index, { path: file }] of logs.entries()) {
      await session.run({ tag: 'addLogFile', file, isFirst: index === 0 });
    }
    const starting = clock.now();
    await session.run({ tag: 'startMining', from, upTo, dictionary, isContinuous });
    const start = since(starting, clock);
    if (logs.length > 0) await requireLogs(session, logs);
    let taken = 0;
    let asked = clock.now();
    for await (const rows of session.read({ tag: 'minedRows', from, upTo: rowsUpTo, filter })) {
      taken += since(asked, clock);
      const mined = rows.map(readMinedRow);
      const wanted = keeps === null ? mined : mined.filter((row) => isKept(row, keeps));
      if (wanted.length > 0) yield wanted;
      asked = clock.now();
    }
    isWhole = true;
    whole({ start, rows: taken + since(asked, clock), endedAt: clock.timestamp() });
  } finally {
    // What failed is told, not that nothing could be ended behind it.
    if (!session.isBroken) await endMining(session, !isWhole);
  }
}

/** A clock may be set back. */
function since(begun: number, clock: Pick<Clock, 'now'>): number {
  return Math.max(0, clock.now() - begun);
}

/**
 * A log that was added may be another one than was listed: its group was used again in between. LogMiner would read what is there and leave out
 * what is not, without a word.
 */
async function requireLogs(session: Session, logs: readonly AddedLog[]): Promise<void> {
  const rows = await allRows(session, { tag: 'minedLogs' });
  const mined = new Set(rows.map(([file, thread, sequence]) => `${thread ?? ''}/${sequence ?? ''} ${file ?? ''}`));
  for (const { path, thread, sequence } of logs) {
    if (!mined.has(`${thread}/${sequence} ${path}`)) throw new LogOverwritten(path, sequence);
  }
}

/** As ORA-00310 tells it of a log that is written over while it is read. */
class LogOverwritten extends Error {
  readonly errorNum = 310;

  constructor(path: string, sequence: number) {
    super(`ORA-00310: ${path} does not hold sequence ${sequence} any more`);
  }
}

/** ORA-01307: there is none to be ended. */
const NOT_STARTED = 1307;

async function endMining(session: Session, isFailing: boolean): Promise<void> {
  try {
    await session.run({ tag: 'endMining' });
  } catch (error) {
    if (!isFailing && serverErrorNumber(error) !== NOT_STARTED) throw error;
  }
}
