/**
 * A moment in UTC with microseconds, as text: `2026-11-21T09:00:00.123456Z`.
 * Text because a JavaScript Date ends at milliseconds; of fixed width, so that text order is time order.
 */
export type Timestamp = string;

const MICROSECONDS_PER_MILLISECOND = 1000n;

/** Microseconds since 1970-01-01 UTC → {@link Timestamp}. Years 0001 to 9999 only. */
export function timestampFromMicroseconds(microseconds: bigint): Timestamp {
  let milliseconds = microseconds / MICROSECONDS_PER_MILLISECOND;
  let rest = microseconds % MICROSECONDS_PER_MILLISECOND;
  if (rest < 0n) {
    rest += MICROSECONDS_PER_MILLISECOND;
    milliseconds -= 1n;
  }
  return `${new Date(Number(milliseconds)).toISOString().slice(0, -1)}${rest.toString().padStart(3, '0')}Z`;
}

/** Milliseconds since 1970-01-01 UTC → {@link Timestamp}. */
export function timestampFromMilliseconds(milliseconds: number): Timestamp {
  return timestampFromMicroseconds(BigInt(milliseconds) * MICROSECONDS_PER_MILLISECOND);
}

/** {@link Timestamp} → microseconds since 1970-01-01 UTC. */
export function microsecondsFromTimestamp(timestamp: Timestamp): bigint {
  return BigInt(millisecondsFromTimestamp(timestamp)) * MICROSECONDS_PER_MILLISECOND + BigInt(timestamp.slice(23, 26));
}

/** {@link Timestamp} → milliseconds since 1970-01-01 UTC, the microseconds dropped: for durations and displays. */
export function millisecondsFromTimestamp(timestamp: Timestamp): number {
  return Date.parse(`${timestamp.slice(0, 23)}Z`);
}

/** {@link Timestamp} → the text of a DATETIME(6): `2026-11-21 09:00:00.123456`. */
export function datetimeText(timestamp: Timestamp): string {
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 26)}`;
}

/** Milliseconds from one moment to a later one; 0 where clocks that differ make it an earlier one. */
export function millisecondsBetween(from: Timestamp, to: Timestamp): number {
  return Math.max(0, millisecondsFromTimestamp(to) - millisecondsFromTimestamp(from));
}
