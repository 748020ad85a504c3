import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Row } from '../../session.ts';

/** A redo log, online or archived: a row of statement `logs`. */
export interface LogFile {
  /** Its file on the server. */
  readonly path: string;
  readonly thread: number;
  readonly sequence: number;
  /** The least SCN in it. */
  readonly firstScn: bigint;
  /** The SCN with which the next one begins; of the one that is written: above all others. */
  readonly nextScn: bigint;
  /** When it was begun, by the server's clock, in milliseconds of a clock without zones. */
  readonly begunAt: number;
  readonly isOnline: boolean;
  /** It is written. */
  readonly isCurrent: boolean;
  readonly beginsDictionary: boolean;
  readonly endsDictionary: boolean;
}

export function readLogFile(row: Row): LogFile {
  const [path, thread, sequence, firstScn, nextScn, begun, kind, status, begins, ends] = row;
  return {
    path: present(path, 'NAME'),
    thread: Number(present(thread, 'THREAD#')),
    sequence: Number(present(sequence, 'SEQUENCE#')),
    firstScn: BigInt(present(firstScn, 'FIRST_CHANGE#')),
    nextScn: BigInt(present(nextScn, 'NEXT_CHANGE#')),
    begunAt: serverMilliseconds(present(begun, 'FIRST_TIME')),
    isOnline: kind === 'ONLINE',
    isCurrent: kind === 'ONLINE' && status === 'CURRENT',
    beginsDictionary: begins === 'YES',
    endsDictionary: ends === 'YES',
  };
}

/** A redo thread: a row of statement `threads`. */
export interface RedoThread {
  readonly number: number;
  /** An instance writes it. */
  readonly isOpen: boolean;
  /** Any instance may open it; one that is not is no part of the database's history that others can read. */
  readonly isPrivate: boolean;
  readonly enableScn: bigint;
  /** Of a closed thread: nothing in it has a greater SCN. */
  readonly checkpointScn: bigint;
  /** SCN of the last redo that was written. */
  readonly lastRedoScn: bigint;
}

export function readRedoThread(row: Row): RedoThread {
  const [number, status, enabled, , enableScn, checkpointScn, lastRedoScn] = row;
  return {
    number: Number(present(number, 'THREAD#')),
    isOpen: status === 'OPEN',
    isPrivate: enabled === 'PRIVATE',
    enableScn: BigInt(enableScn ?? '0'),
    checkpointScn: BigInt(checkpointScn ?? '0'),
    lastRedoScn: BigInt(lastRedoScn ?? '0'),
  };
}

/** `YYYY-MM-DD HH24:MI:SS` by the server's clock, as if that were UTC: for differences alone. */
export function serverMilliseconds(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

function present(value: string | null | undefined, column: string): string {
  if (value === null || value === undefined) {
    throw new PenstockError('PS2008', `the list of redo logs has a row without ${column}`);
  }
  return value;
}
