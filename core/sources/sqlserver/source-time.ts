import { microsecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ClockSight } from '../server-times.ts';
import { lsnDigits } from './place.ts';
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

/** The source's own time, and what its clock shows more than UTC, in microseconds. */
export async function readClock(session: Session): Promise<Pick<ClockSight, 'at' | 'offset'>> {
  const [text, minutes] = await oneRow(session, { tag: 'now' });
  return { at: serverTimestamp(text), offset: offsetOf(minutes) };
}

/** With the end of the log. @throws PenstockError PS2008; the server's refusal where VIEW DATABASE STATE is missing */
export async function readClockSight(session: Session): Promise<ClockSight> {
  const [end, text, minutes] = await oneRow(session, { tag: 'logEnd' });
  return { place: lsnDigits(end ?? ''), at: serverTimestamp(text), offset: offsetOf(minutes) };
}

function offsetOf(minutes: string | null | undefined): bigint {
  if (minutes === null || minutes === undefined || !/^-?\d{1,3}$/.test(minutes)) {
    throw new PenstockError('PS2008', 'the server gave the offset of its clock in an unknown form');
  }
  return BigInt(minutes) * 60_000_000n;
}

/** A time by the server's clock (style 126), as it is told. @throws PenstockError PS2008 */
export function shownTime(text: string | null | undefined): string {
  serverTimestamp(text);
  return text ?? '';
}

/** Microseconds since 1970 by the source's clock. */
export async function sourceMicroseconds(session: Session): Promise<bigint> {
  return microsecondsFromTimestamp(await sourceTimestamp(session));
}
