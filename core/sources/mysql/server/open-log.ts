import type { SourcePosition } from '../../../changes/position.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import { readCharsets, type Charsets } from '../values/charset.ts';
import type { Session } from '../connection.ts';
import type { Checksum } from '../binlog/event-header.ts';
import { requireSameLog } from './same-log.ts';

/** What is asked of a server before its log is read. */
export interface LogServer {
  readonly checksum: Checksum;
  /** It compares names of tables without case. */
  readonly foldsNames: boolean;
  readonly charsets: Charsets;
}

/** Makes sure that the log is the one in which `after` lies, and that it goes on from there. @throws PenstockError PS2001, PS2006, PS2008 */
export async function readLogServer(session: Session, after: SourcePosition): Promise<LogServer> {
  await requireSameLog(session, after);
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
