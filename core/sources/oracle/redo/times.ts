/** A day and a time of day, as a source of redo tells them. */
export interface RedoTime {
  /** `YYYY-MM-DD HH:MM:SS`; a year before the first has a minus sign. */
  readonly dateTime: string;
  /** Digits behind the point as told, at most nine; empty: none. */
  readonly fraction: string;
}

export interface ZonedTime extends RedoTime {
  /** The zone's distance from UTC, to the east; `dateTime` is the local one. */
  readonly offsetMinutes: number;
}

const TIME = /^( ?|-)(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{0,9}))?(?: ([+-])(\d\d):(\d\d))?$/;
const DATE_FORMATS = new Set(['YYYY-MM-DD HH24:MI:SS', 'SYYYY-MM-DD HH24:MI:SS']);

/** The text of TO_DATE as sessions of LogMiner are told to print it; null: it is printed otherwise. */
export function readDate(text: string, format: string | null): string | null {
  if (format !== null && !DATE_FORMATS.has(format)) return null;
  const time = readTimestamp(text);
  return time?.fraction === '' ? time.dateTime : null;
}

/** The text of TO_TIMESTAMP. */
export function readTimestamp(text: string): RedoTime | null {
  const match = TIME.exec(text);
  return match === null || match[4] !== undefined ? null : timeOf(match);
}

/** The text of TO_TIMESTAMP_TZ: with an offset, which the session's format asks for in place of a region's name. */
export function readZoned(text: string): ZonedTime | null {
  const match = TIME.exec(text);
  if (match?.[4] === undefined) return null;
  const minutes = Number(match[5]) * 60 + Number(match[6]);
  return { ...timeOf(match), offsetMinutes: match[4] === '-' ? -minutes : minutes };
}

function timeOf(match: RegExpExecArray): RedoTime {
  return { dateTime: (match[1]?.trim() ?? '') + (match[2] ?? ''), fraction: match[3] ?? '' };
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Oracle counts by Julius up to 1582-10-04, and by Gregory from the next day, 1582-10-15, on. */
function daysOf(year: number, month: number): number {
  const isLeap = year > 1582 ? (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 : year % 4 === 0;
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

/** The same moment so many minutes later by the clock: at most a day. Years before the first are null. */
function moved(dateTime: string, minutes: number): string | null {
  if (dateTime.startsWith('-')) return null;
  let [year, month, day] = [0, 5, 8].map((at) => Number(dateTime.slice(at, at === 0 ? 4 : at + 2))) as [
    number,
    number,
    number,
  ];
  let clock = Number(dateTime.slice(11, 13)) * 60 + Number(dateTime.slice(14, 16)) + minutes;
  if (clock >= 1440) {
    clock -= 1440;
    day++;
    if (year === 1582 && month === 10 && day === 5) day = 15;
    if (day > daysOf(year, month)) [year, month, day] = month === 12 ? [year + 1, 1, 1] : [year, month + 1, 1];
  } else if (clock < 0) {
    clock += 1440;
    if (year === 1582 && month === 10 && day === 15) day = 5;
    if (--day === 0) {
      [year, month] = month === 1 ? [year - 1, 12] : [year, month - 1];
      day = daysOf(year, month);
    }
  }
  if (year < 1 || year > 9999) return null;
  return `${padded(year, 4)}-${padded(month)}-${padded(day)} ${padded(Math.floor(clock / 60))}:${padded(clock % 60)}${dateTime.slice(16)}`;
}

/** The moment in UTC; null where that is outside of the years 1 to 9999. */
export function inUtc(time: ZonedTime): RedoTime | null {
  const dateTime = moved(time.dateTime, -time.offsetMinutes);
  return dateTime === null ? null : { dateTime, fraction: time.fraction };
}

/** A moment told in UTC, by the clock of a zone. */
export function inZone(time: RedoTime, offsetMinutes: number): ZonedTime | null {
  const dateTime = moved(time.dateTime, offsetMinutes);
  return dateTime === null ? null : { dateTime, fraction: time.fraction, offsetMinutes };
}

export function padded(number: number, width = 2): string {
  return String(number).padStart(width, '0');
}

/** INTERVAL YEAR TO MONTH, of at most 999,999,999 years. */
export interface YearMonthInterval {
  readonly isNegative: boolean;
  readonly years: number;
  readonly months: number;
}

/** The text of TO_YMINTERVAL: `+02-03`. */
export function readYearMonth(text: string): YearMonthInterval | null {
  const match = /^([+-]?)(\d{1,9})-(\d\d)$/.exec(text);
  return match === null ? null : { isNegative: match[1] === '-', years: Number(match[2]), months: Number(match[3]) };
}

/** INTERVAL DAY TO SECOND. */
export interface DaySecondInterval {
  readonly isNegative: boolean;
  readonly days: number;
  /** `HH:MM:SS`. */
  readonly clock: string;
  /** As in a time. */
  readonly fraction: string;
}

/** The text of TO_DSINTERVAL: `+05 03:00:00.000000000`. */
export function readDaySecond(text: string): DaySecondInterval | null {
  const match = /^([+-]?)(\d{1,9}) (\d\d:\d\d:\d\d)(?:\.(\d{0,9}))?$/.exec(text);
  if (match === null) return null;
  return { isNegative: match[1] === '-', days: Number(match[2]), clock: match[3] ?? '', fraction: match[4] ?? '' };
}
