const MINUTE = 60_000_000n;
const OFFSET = /^[+-](?:0\d|1[0-4]):[0-5]\d$/;
const REGION = /^[A-Za-z]/;
/** Farther than any offset is from another: a change of the clock that could matter lies between. */
const NEAR = 36n * 60n * MINUTE;

/** The rules of a clock: a region's, with its summer times, or one offset for ever. */
export interface TimeZone {
  readonly name: string;
  /** Whether its clock is never changed. */
  readonly isFixed: boolean;
  /** What it shows more than UTC at a moment; both in microseconds. */
  readonly offsetAt: (at: bigint) => bigint;
}

/** Whether it is one: `UTC`, a region as in the IANA's data base (`Europe/Berlin`), an offset (`-05:00`). */
export function isTimeZone(name: string): boolean {
  if (OFFSET.test(name)) return true;
  if (!REGION.test(name)) return false;
  try {
    regionFormat(name);
    return true;
  } catch {
    return false;
  }
}

/** @throws RangeError for what is no zone */
export function timeZone(name: string): TimeZone {
  if (OFFSET.test(name)) return { name, isFixed: true, offsetAt: always(offsetMicroseconds(name)) };
  const format = regionFormat(name);
  if (format.resolvedOptions().timeZone === 'UTC') return { name, isFixed: true, offsetAt: always(0n) };
  return { name, isFixed: false, offsetAt: remembered((at) => offsetOf(format, at)) };
}

/** `-05:30` → what such a clock shows more than UTC, in microseconds. */
export function offsetMicroseconds(offset: string): bigint {
  if (!/^[+-]\d\d:\d\d$/.test(offset)) return 0n;
  const magnitude = BigInt(Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))) * MINUTE;
  return offset.startsWith('-') ? -magnitude : magnitude;
}

/** `+05:30` for that many microseconds. */
export function offsetText(offset: bigint): string {
  const minutes = Number((offset < 0n ? -offset : offset) / MINUTE);
  const digits = (part: number) => part.toString().padStart(2, '0');
  return `${offset < 0n ? '-' : '+'}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}

/**
 * What a clock may show more than UTC while it shows `shown` (microseconds, as if that were UTC), the earlier moment first: one offset; two in an hour
 * that the clock shows twice; none in one that it leaves out.
 */
export function offsetsWhile({ isFixed, offsetAt }: TimeZone, shown: bigint): readonly bigint[] {
  const before = offsetAt(shown - NEAR);
  if (isFixed) return [before];
  const behind = offsetAt(shown + NEAR);
  if (before === behind) return [before];
  // The greater the offset, the earlier the moment.
  const both = before > behind ? [before, behind] : [behind, before];
  return both.filter((offset) => offsetAt(shown - offset) === offset);
}

function always(offset: bigint): () => bigint {
  return () => offset;
}

/** Clocks are changed at quarters of an hour of UTC. */
const QUARTER = 15n * MINUTE;
const MOST_REMEMBERED = 1000;

function remembered(offsetAt: (at: bigint) => bigint): (at: bigint) => bigint {
  const offsets = new Map<bigint, bigint>();
  return (at) => {
    const quarter = at / QUARTER;
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    if (offsets.size >= MOST_REMEMBERED) offsets.clear();
    const offset = offsetAt(at);
    offsets.set(quarter, offset);
    return offset;
  };
}

function regionFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
}

function offsetOf(format: Intl.DateTimeFormat, at: bigint): bigint {
  const parts = format.formatToParts(Number(at / 1000n));
  const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return offsetMicroseconds(text.slice('GMT'.length));
}
