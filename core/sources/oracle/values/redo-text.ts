import {
  readRawDate,
  readRawDaySecond,
  readRawNumber,
  readRawTimestamp,
  readRawYearMonth,
  readRawZoned,
} from '../redo/raw-values.ts';
import type { RedoValue } from '../redo/redo-statement.ts';
import {
  inUtc,
  readDate,
  readDaySecond,
  readTimestamp,
  readYearMonth,
  readZoned,
  type DaySecondInterval,
  type RedoTime,
  type YearMonthInterval,
  type ZonedTime,
} from '../redo/times.ts';
import { printedNumber } from './number-text.ts';
import { isLarge, type SourceType } from './source-type.ts';

/** What a value of the redo log is to its column. `ask`: the log does not tell it exactly. `wrong`: no value of the column's type. */
export type ToldText =
  | { readonly tag: 'text'; readonly text: string }
  | { readonly tag: 'null' }
  | { readonly tag: 'ask' }
  | { readonly tag: 'wrong' }
  /** It is told in a way that is not read. */
  | { readonly tag: 'unread'; readonly reason: string };

const NULL: ToldText = { tag: 'null' };
const ASK: ToldText = { tag: 'ask' };
const WRONG: ToldText = { tag: 'wrong' };
const EMPTY: ToldText = { tag: 'text', text: '' };

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?$/i;
const FRACTION_DIGITS = 9;
const MINUTES = 60;

/** The output text (value-sql.ts) of a value that SQL_REDO tells of a column of this type. Raw bytes are those of a table that LogMiner did not know. */
export function redoText(type: SourceType, value: RedoValue): ToldText {
  switch (value.tag) {
    case 'null':
      return NULL;
    // To Oracle a text of no characters is NULL, but for that of a large object.
    case 'emptyString':
      return isLarge(type) ? ASK : NULL;
    case 'unsupported':
    case 'xml':
      return ASK;
    case 'emptyClob':
    case 'emptyBlob':
      return type.tag === 'clob' || type.tag === 'blob' ? EMPTY : ASK;
    case 'text':
    case 'number':
    case 'unicode':
    case 'raw':
    case 'date':
    case 'timestamp':
    case 'timestampZone':
    case 'yearToMonth':
    case 'dayToSecond':
      return TEXTS[type.tag](value, type as never);
  }
}

type PrintedValue = Exclude<
  RedoValue,
  { readonly tag: 'null' | 'emptyString' | 'unsupported' | 'xml' | 'emptyClob' | 'emptyBlob' }
>;

function told(text: string | null): ToldText {
  return text === null ? WRONG : { tag: 'text', text };
}

function number(value: PrintedValue): ToldText {
  if (value.tag === 'raw') {
    const read = readRawNumber(Buffer.from(value.hex, 'hex'));
    return told(read === null ? null : printedNumber(read));
  }
  return 'text' in value && NUMBER.test(value.text) ? told(printedNumber(value.text)) : WRONG;
}

/** Of raw bytes: raw-column.ts. */
function text(value: PrintedValue): ToldText {
  if (value.tag === 'raw') return ASK;
  if (value.tag !== 'text' && value.tag !== 'unicode') return WRONG;
  return value.text === '' ? NULL : told(value.text);
}

function large(value: PrintedValue): ToldText {
  return (value.tag === 'text' || value.tag === 'unicode') && value.text === '' ? ASK : text(value);
}

function bytes(value: PrintedValue): ToldText {
  return value.tag === 'raw' ? told(value.hex.toUpperCase()) : WRONG;
}

function date(value: PrintedValue): ToldText {
  if (value.tag === 'raw') return told(readRawDate(Buffer.from(value.hex, 'hex')));
  return value.tag === 'date' ? told(readDate(value.text, value.format)) : WRONG;
}

function timeText(time: RedoTime | null): string | null {
  return time === null ? null : `${time.dateTime}.${time.fraction.padEnd(FRACTION_DIGITS, '0')}`;
}

function timestamp(value: PrintedValue): ToldText {
  if (value.tag === 'raw') return told(timeText(readRawTimestamp(Buffer.from(value.hex, 'hex'))));
  return value.tag === 'timestamp' ? told(timeText(readTimestamp(value.text))) : WRONG;
}

/** The session's zone is UTC; a value may be printed with its zone all the same. */
function local(value: PrintedValue): ToldText {
  if (value.tag !== 'timestampZone') return timestamp(value);
  const time = readZoned(value.text);
  return told(time === null ? null : timeText(inUtc(time)));
}

function zoned(value: PrintedValue): ToldText {
  if (value.tag === 'raw') return told(zonedText(readRawZoned(Buffer.from(value.hex, 'hex'))));
  return value.tag === 'timestampZone' ? told(zonedText(readZoned(value.text))) : WRONG;
}

function zonedText(time: ZonedTime | null): string | null {
  if (time === null) return null;
  const distance = Math.abs(time.offsetMinutes);
  const [hours, minutes] = [Math.floor(distance / MINUTES), distance % MINUTES].map((part) =>
    part.toString().padStart(2, '0'),
  );
  return `${timeText(time) ?? ''} ${time.offsetMinutes < 0 ? '-' : '+'}${hours ?? ''}:${minutes ?? ''}`;
}

function yearMonth(value: PrintedValue, { years }: Extract<SourceType, { tag: 'yearMonth' }>): ToldText {
  if (value.tag === 'raw') return told(yearMonthText(readRawYearMonth(Buffer.from(value.hex, 'hex')), years));
  return value.tag === 'yearToMonth' ? told(yearMonthText(readYearMonth(value.text), years)) : WRONG;
}

function yearMonthText(interval: YearMonthInterval | null, digits: number): string | null {
  if (interval === null) return null;
  const { isNegative, years, months } = interval;
  return `${isNegative ? '-' : '+'}${years.toString().padStart(digits, '0')}-${months.toString().padStart(2, '0')}`;
}

function daySecond(value: PrintedValue, type: Extract<SourceType, { tag: 'daySecond' }>): ToldText {
  if (value.tag === 'raw') return told(daySecondText(readRawDaySecond(Buffer.from(value.hex, 'hex')), type));
  return value.tag === 'dayToSecond' ? told(daySecondText(readDaySecond(value.text), type)) : WRONG;
}

function daySecondText(
  interval: DaySecondInterval | null,
  { days, fraction }: Extract<SourceType, { tag: 'daySecond' }>,
): string | null {
  if (interval === null) return null;
  const digits = interval.fraction.padEnd(FRACTION_DIGITS, '0').slice(0, fraction);
  const seconds = fraction === 0 ? interval.clock : `${interval.clock}.${digits}`;
  return `${interval.isNegative ? '-' : '+'}${interval.days.toString().padStart(days, '0')} ${seconds}`;
}

const ask = (): ToldText => ASK;

/** By the column's type; see source-type.ts `isToldByRedo` for those that are asked for. */
const TEXTS: {
  readonly [Tag in SourceType['tag']]: (value: PrintedValue, type: Extract<SourceType, { tag: Tag }>) => ToldText;
} = {
  number,
  float: number,
  char: text,
  varchar: text,
  // A small large value is printed as one that is not.
  clob: large,
  blob: bytes,
  raw: bytes,
  date,
  timestamp,
  local,
  zoned,
  yearMonth,
  daySecond,
  rowid: text,
  binaryFloat: ask,
  long: ask,
  longRaw: ask,
  urowid: ask,
  boolean: ask,
  xml: ask,
  json: ask,
  ref: ask,
  rowScn: ask,
  unsupported: ask,
};
