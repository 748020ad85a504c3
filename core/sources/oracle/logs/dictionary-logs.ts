import { PenstockError } from '../../../errors/penstock-error.ts';
import type { LogFile } from './log-file.ts';

/** A dictionary in archived logs: from the log that begins it to the one that ends it. */
export interface DictionaryLogs {
  readonly begin: LogFile;
  readonly end: LogFile;
}

/** All that are whole, the latest first. */
export function dictionariesIn(files: readonly LogFile[]): readonly DictionaryLogs[] {
  const archived = files.filter(({ isOnline }) => !isOnline).sort((a, b) => b.sequence - a.sequence);
  return archived
    .filter(({ beginsDictionary }) => beginsDictionary)
    .flatMap((begin) => {
      const ends = archived.filter(
        (log) => log.endsDictionary && log.thread === begin.thread && log.sequence >= begin.sequence,
      );
      const end = ends.at(-1);
      return end === undefined ? [] : [{ begin, end }];
    })
    .sort((a, b) => (a.begin.firstScn < b.begin.firstScn ? 1 : -1));
}

/**
 * The archived logs that tell the tables as they were at an SCN: those of the latest dictionary that was begun before it, and all up to it.
 * @throws PenstockError PS2006 where there is none any more, or one of the logs is missing
 */
export function dictionaryFor(files: readonly LogFile[], scn: bigint): readonly LogFile[] {
  const dictionary = dictionariesIn(files).find(({ end }) => end.firstScn <= scn);
  if (dictionary === undefined) {
    throw new PenstockError(
      'PS2006',
      `no archived log from before SCN ${scn} holds a dictionary of the source any more`,
      {
        remedy:
          'Restore the archived logs of the last dictionary and take them in with ALTER DATABASE REGISTER LOGFILE; else run a full extract, which has a dictionary written anew.',
      },
    );
  }
  const from = dictionary.begin.firstScn;
  const logs = files.filter(
    (log) => !log.isOnline && log.nextScn > from && (log.firstScn <= scn || within(log, dictionary)),
  );
  requireContiguous(logs);
  return [...logs].sort((a, b) => a.thread - b.thread || a.sequence - b.sequence);
}

function within({ thread, sequence }: LogFile, { begin, end }: DictionaryLogs): boolean {
  return thread === begin.thread && sequence >= begin.sequence && sequence <= end.sequence;
}

function requireContiguous(logs: readonly LogFile[]): void {
  for (const [thread, some] of Map.groupBy(logs, (log) => log.thread)) {
    const sequences = some.map(({ sequence }) => sequence).sort((a, b) => a - b);
    const gap = sequences.find((sequence, index) => index > 0 && sequence !== (sequences[index - 1] ?? 0) + 1);
    if (gap === undefined) continue;
    throw new PenstockError(
      'PS2006',
      `archived log ${gap - 1} of thread ${thread} is gone; with a dictionary in the logs all behind it are needed`,
    );
  }
}
