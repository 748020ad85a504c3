import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { readCharsets, type Charsets } from './charset.ts';
import type { Session } from './connection.ts';
import type { Checksum } from './event-header.ts';
import { endOfLog, readLineage, requireLineage } from './lineage.ts';
import { placeOf, type LogPlace } from './place.ts';
import { requireFile } from './prepare.ts';
import { literal } from './sql.ts';

/** What is asked of a server before its log is read. */
export interface LogServer {
  readonly checksum: Checksum;
  /** It compares names of tables without case. */
  readonly foldsNames: boolean;
  readonly charsets: Charsets;
}

/** Makes sure that the log is the one in which `after` lies, and that it goes on from there. @throws PenstockError PS2001, PS2006, PS2008 */
export async function readLogServer(session: Session, after: SourcePosition): Promise<LogServer> {
  requireLineage(after, await readLineage(session));
  const place = placeOf(after);
  await requireFile(session, place, await endOfLog(session));
  await requireTransaction(session, place);
  const [row] = await session.rows('SELECT @@global.binlog_checksum, @@global.lower_case_table_names');
  const [checksum = null, folding = null] = row ?? [];
  if (checksum !== 'NONE' && checksum !== 'CRC32') {
    throw new PenstockError('PS2008', `binlog_checksum is ${checksum ?? '?'}, which is not known`);
  }
  return {
    checksum: checksum === 'CRC32' ? 'crc32' : 'none',
    foldsNames: folding !== '0',
    charsets: await readCharsets(session),
  };
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
