import { microsecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { oneRow, type Session } from './server/session.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?$/;
const WHOLE_SECONDS = '2026-11-21T09:00:00'.length;
const FRACTION = 6;

/** A time in UTC as the server prints it (style 126) → microseconds, the seventh digit left out. @throws PenstockError PS2008 */
export function serverTimestamp(text: string | null | undefined): Timestamp {
  if (text === null || text === undefined || !TIME.test(text)) {
    throw new PenstockError('PS2008', 'the server gave a time of an unknown form');
  }
  const fraction = text.slice(WHOLE_SECONDS + 1).slice(0, FRACTION);
  return `${text.slice(0, WHOLE_SECONDS)}.${fraction.padEnd(FRACTION, '0')}Z`;
}

/** The source's own time. */
export async function sourceTimestamp(session: Session): Promise<Timestamp> {
  const [text] = await oneRow(session, { tag: 'now' });
  return serverTimestamp(text);
}

/** Microseconds since 1970 by the source's clock. */
export async function sourceMicroseconds(session: Session): Promise<bigint> {
  return microsecondsFromTimestamp(await sourceTimestamp(session));
}
