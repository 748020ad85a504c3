import { createHash } from 'node:crypto';
import { PenstockError } from '../../../errors/penstock-error.ts';
import { guarded, openSession, type Access } from '../connection.ts';
import { openDump } from './dump.ts';
import { EVENT, readHeader } from '../binlog/event-header.ts';
import { parseFormatDescription } from '../binlog/events.ts';
import { serverError } from './result-rows.ts';

/** Where the events of every file begin, behind its magic number. */
const FIRST_EVENT = 4;
const ERROR = 0xff;
const END = 0xfe;

/** When a file of the log was begun, seconds since 1970: its first event says it, which only a dump shows. @throws PenstockError PS2006, PS2008 */
export async function readFileCreated(
  access: Access,
  file: string,
  serverId: number,
  signal: AbortSignal,
): Promise<number> {
  const session = await openSession(access, signal);
  try {
    return await guarded(session, signal, `read the head of ${file}`, async () => {
      const packets = await openDump(session, {
        serverId: probeId(serverId),
        file,
        position: FIRST_EVENT,
        isFollowing: false,
      });
      while (await packets.more()) {
        while (packets.next()) {
          const { buffer, start, end } = packets;
          if (buffer[start] === ERROR) throw serverError(buffer, start, end);
          if (buffer[start] === END) throw headless(file);
          const header = readHeader(buffer, start + 1, end, 'none');
          if (header.type === EVENT.formatDescription) return parseFormatDescription(buffer, header).created;
        }
      }
      throw headless(file);
    });
  } finally {
    session.destroy();
  }
}

function headless(file: string): PenstockError {
  return new PenstockError('PS2008', `${file} has no format description`);
}

/** Another number than the pipeline's own: a server that meets a number a second time ends the first reader. */
function probeId(serverId: number): number {
  return 2 ** 31 + (createHash('sha256').update(`penstock/probe/${serverId}`).digest().readUInt32BE() >>> 1);
}
