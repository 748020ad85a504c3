import { microsecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ClockSight } from '../server-times.ts';
import { oneRow } from '../session.ts';
import { offsetMicroseconds } from '../time-zone.ts';
import { paddedScn } from './mining/scn.ts';
import type { Session } from './server/session.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;

/** The source's own time, and what its clock shows more than UTC, in microseconds: logs are dated by that clock. */
export interface SourceClock {
  readonly now: Timestamp;
  readonly offset: bigint;
}

export async function readClock(session: Session): Promise<SourceClock> {
  const [now, offset] = await oneRow(session, { tag: 'now' });
  return clockOf(now, offset);
}

/** With the end of the log: whatever commits with a greater SCN does so later. */
export async function readClockSight(session: Session): Promise<ClockSight & { readonly scn: string }> {
  const [scn, time, shift] = await oneRow(session, { tag: 'clock' });
  if (scn === undefined || scn === null) throw new PenstockError('PS2008', 'the server does not tell its SCN');
  const { now, offset } = clockOf(time, shift);
  return { scn, place: paddedScn(scn), at: now, offset };
}

function clockOf(now: string | null | undefined, offset: string | null | undefined): SourceClock {
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

/** A time by the server's clock (`YYYY-MM-DD HH:MM:SS`) → UTC microseconds. By the offset of now: for estimates; commit times are told by server-times.ts. */
export function serverMicroseconds(time: string, { offset }: SourceClock): bigint {
  return microsecondsFromTimestamp(`${time.slice(0, 10)}T${time.slice(11)}.000000Z`) - offset;
}
