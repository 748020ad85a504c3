import type { SourcePosition } from '../../../changes/position.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Session } from '../connection.ts';
import { endOfLog, readLineage, requireLineage } from '../lineage.ts';
import { fileNumber, placeOf, type LogPlace } from '../place.ts';
import { literal } from '../sql.ts';

/**
 * Makes sure that the log is the one in which a position lies, as far as SQL can tell. When its file was begun only a dump says,
 * see requireSameFile.
 * @throws PenstockError PS2001, PS2005, PS2006
 */
export async function requireSameLog(session: Session, position: SourcePosition): Promise<void> {
  requireLineage(position, await readLineage(session));
  const place = placeOf(position);
  await requireFile(session, place, await endOfLog(session));
  await requireTransaction(session, place);
}

/** @throws PenstockError PS2006 when the file was purged, PS2001 when the log was reset or lost its end */
async function requireFile(session: Session, known: LogPlace, end: LogPlace): Promise<void> {
  const files = await session.records('SHOW BINARY LOGS');
  const file = files.find((one) => one.get('log_name') === known.file);
  if (file === undefined) {
    if (fileNumber(known.file) > fileNumber(end.file)) {
      throw new PenstockError(
        'PS2001',
        `the position reached so far lies in ${known.file}, and the server's newest file is ${end.file}: the log was reset`,
      );
    }
    const oldest = files[0]?.get('log_name') ?? 'none';
    throw new PenstockError('PS2006', `binlog ${known.file} is not there any more; the oldest is ${oldest}`, {
      remedy:
        'Run a full extract: the changes since the last position cannot be read any more. Then let the server keep its log longer (penstock check says how).',
    });
  }
  const size = file.get('log_name') === end.file ? end.position : Number(file.get('file_size'));
  if (known.position <= size) return;
  throw new PenstockError(
    'PS2001',
    `the position reached so far, ${known.file}:${known.position}, lies behind the end of that file, ${size}: the log was reset, or the server lost the end of it`,
  );
}

/** `created`: when the file was begun, as the position and as the server say. @throws PenstockError PS2001 */
export function requireSameFile(file: string, expected: number, created: number): void {
  if (created === expected) return;
  throw new PenstockError(
    'PS2001',
    `${file} was begun at another time than the file of that name in which the position lies: the log was reset, or this is another server`,
  );
}

/** A file of the same name and age may still be another one's: the last transaction before the place must be the one that was read. */
async function requireTransaction(session: Session, place: LogPlace): Promise<void> {
  const { file, position, gtid } = place;
  if (gtid === null) return;
  if (!session.isMariaDb) {
    const [row] = await session.rows(`SELECT GTID_SUBSET(${literal(gtid)}, @@global.gtid_executed)`);
    if (row?.[0] === '0') throw anotherLog(place, 'the server has not executed it');
    return;
  }
  const [row] = await session.rows(`SELECT BINLOG_GTID_POS(${literal(file)}, ${position})`);
  const state = row?.[0] ?? null;
  if (state !== null && !state.split(',').includes(gtid)) throw anotherLog(place, `the server has ${state} there`);
}

function anotherLog({ file, position, gtid }: LogPlace, what: string): PenstockError {
  return new PenstockError(
    'PS2001',
    `transaction ${gtid ?? '?'} was read before ${file}:${position}, but ${what}: the log is another one`,
  );
}
