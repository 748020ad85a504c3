import { millisecondsFromTimestamp, type Timestamp } from '../../core/changes/timestamp.ts';

/** Numbers for people, each with its unit. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1,234,567` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1 row`, `2 rows`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Powers of 1,000: `512 bytes`, `16.0 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? count(value) : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** `850 ms`, `12.3 s`, `3 min 05 s`, `2 h 07 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < SECOND) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < MINUTE - SECOND / 20) return `${(milliseconds / SECOND).toFixed(1)} s`;
  if (milliseconds < HOUR - SECOND / 2) return twoUnits(milliseconds, MINUTE, SECOND, 'min', 's');
  return twoUnits(milliseconds, HOUR, MINUTE, 'h', 'min');
}

function twoUnits(milliseconds: number, large: number, small: number, largeName: string, smallName: string): string {
  const total = Math.round(milliseconds / small);
  const perLarge = large / small;
  const rest = String(total % perLarge).padStart(2, '0');
  return `${Math.floor(total / perLarge)} ${largeName} ${rest} ${smallName}`;
}

/** In the zone of the reader, which is shown: `2026-11-21 10:00:00 GMT+1`. */
export function timeText(timestamp: Timestamp, zone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  const parts = new Map(
    format.formatToParts(millisecondsFromTimestamp(timestamp)).map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return `${day} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
}
