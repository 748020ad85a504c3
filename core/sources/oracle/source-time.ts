import { microsecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { oneRow } from '../session.ts';
import type { Session } from './server/session.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;
const OFFSET = /^[+-]\d\d:\d\d$/;

/** The source's own time, and what its clock shows more than UTC, in microseconds: logs are dated by that clock. */
export interface SourceClock {
  readonly now: Timestamp;
  readonly offset: bigint;
}

export async function readClock(session: Session): Promise<SourceClock> {
  const [now, offset] = await oneRow(session, { tag: 'now' });
  if (now === null || now === undefined || !TIME.test(now)) {
    throw new PenstockError('PS2008', 'the server gave a time of an unknown form');
  }
  return { now: `${now}Z`, offset: offsetMicroseconds(offset ?? '') };
}

export async function sourceTimestamp(session: Session): Promise<Timestamp> {
  return (await readClock(session)).now;
}

/** Microseconds since 1970 by the source's clock. */
export async function sourceMicroseconds(session: Session): Promise<bigint> {
  return microsecondsFromTimestamp(await sourceTimestamp(session));
}

/** What the source's clock shows, in milliseconds as if that were UTC: as logs are dated in logs/log-file.ts. */
export function shownMilliseconds({ now, offset }: SourceClock): number {
  return Number((microsecondsFromTimestamp(now) + offset) / 1000n);
}

const MINUTE = 60_000_000n;

/** `-05:30` → what such a clock shows more than UTC. */
export function offsetMicroseconds(offset: string): bigint {
  if (!OFFSET.test(offset)) return 0n;
  const magnitude = BigInt(Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))) * MINUTE;
  return offset.startsWith('-') ? -magnitude : magnitude;
}

/** A time by the server's clock (`YYYY-MM-DD HH:MM:SS`) → UTC microseconds. The hour that a clock shows twice in autumn is the later one's or the earlier one's, as the offset is now. */
export function serverMicroseconds(time: string, { offset }: SourceClock): bigint {
  return microsecondsFromTimestamp(`${time.slice(0, 10)}T${time.slice(11)}.000000Z`) - offset;
}
