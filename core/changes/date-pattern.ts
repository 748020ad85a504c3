/**
 * Dates and times in a pattern of Java's SimpleDateFormat, which the users of the seeds' TChange write: `yyyyMMdd`, `dd.MM.yyyy HH:mm:ss`.
 * Letters y M d H h m s S a, text in quotes ('' is a quote). Reading is strict: the whole text must match, and the day must exist.
 */
export interface DatePattern {
  /** The fields of a text in this pattern, or null where it is not one. */
  read(text: string): DateFields | null;
}

export interface DateFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

type FieldLetter = 'y' | 'M' | 'd' | 'H' | 'h' | 'm' | 's' | 'S' | 'a';
type Element =
  | { readonly tag: 'field'; readonly letter: FieldLetter; readonly count: number }
  | { readonly tag: 'text'; readonly text: string };

const ELEMENT = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/gy;
const LETTERS = 'yMdHhmsSa';
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const SHORT_MONTH = 3;
/** Two-digit years mean 1970 to 2069; Java's own rule depends on the day of reading. */
const PIVOT = 70;
const MICROSECOND_DIGITS = 6;

/** @returns a text that says what is wrong with the pattern where it cannot be used */
export function parseDatePattern(pattern: string): DatePattern | string {
  const elements = split(pattern);
  if (typeof elements === 'string') return elements;
  if (elements.every((element) => element.tag === 'text')) return 'it has no field';
  const fields = elements.flatMap((element) => (element.tag === 'field' ? [element] : []));
  const repeated = fields.find((field, index) => fields.findIndex((other) => other.letter === field.letter) !== index);
  if (repeated !== undefined) return `${repeated.letter} stands in it twice`;
  const source = elements.map((element, index) => expression(element, elements[index + 1])).join('');
  const regex = new RegExp(`^\\s*${source}\\s*$`, 'i');
  return {
    read: (text) => {
      const match = regex.exec(text);
      return match === null ? null : fieldsOf(fields.map((field, index) => ({ field, text: match[index + 1] ?? '' })));
    },
  };
}

function split(pattern: string): Element[] | string {
  const elements: Element[] = [];
  ELEMENT.lastIndex = 0;
  let end = 0;
  for (let match = ELEMENT.exec(pattern); match !== null; match = ELEMENT.exec(pattern)) {
    end = ELEMENT.lastIndex;
    const letter = match[2];
    if (letter === undefined) {
      const quoted = match[1];
      elements.push({
        tag: 'text',
        text: quoted === undefined ? match[0] : quoted === '' ? "'" : quoted.replaceAll("''", "'"),
      });
    } else if (LETTERS.includes(letter)) {
      elements.push({ tag: 'field', letter: letter as FieldLetter, count: match[0].length });
    } else {
      return `the letter ${letter} is not known`;
    }
  }
  return end === pattern.length ? elements : 'a quote is not closed';
}

/** A number is as wide as its letters where another number follows at once, else it may have as many digits as its field can. */
function expression(element: Element, next: Element | undefined): string {
  if (element.tag === 'text') return element.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/\s+/g, '\\s+');
  const { letter, count } = element;
  if (letter === 'a') return '(am|pm)';
  if (letter === 'M' && count >= SHORT_MONTH) return '([a-z]{3,9})';
  const adjacent = next?.tag === 'field' && next.letter !== 'a' && !(next.letter === 'M' && next.count >= SHORT_MONTH);
  if (adjacent) return `(\\d{${count}})`;
  if (letter === 'y') return count === 2 ? '(\\d{2})' : '(\\d{4})';
  if (letter === 'S') return `(\\d{1,${Math.max(count, MICROSECOND_DIGITS)}})`;
  return `(\\d{1,${Math.max(count, 2)}})`;
}

interface ReadField {
  readonly field: { readonly letter: FieldLetter; readonly count: number };
  readonly text: string;
}

function fieldsOf(read: readonly ReadField[]): DateFields | null {
  const textOf = (letter: FieldLetter) => read.find((one) => one.field.letter === letter)?.text ?? null;
  const numberOf = (letter: FieldLetter, missing: number) => {
    const text = textOf(letter);
    return text === null ? missing : Number(text);
  };
  const yearText = textOf('y');
  const fields = {
    year: yearText === null ? 1970 : yearOf(yearText),
    month: monthOf(textOf('M')),
    day: numberOf('d', 1),
    hour: hourOf(numberOf('H', 0), textOf('h'), textOf('a')),
    minute: numberOf('m', 0),
    second: numberOf('s', 0),
    microsecond: microsecondOf(textOf('S') ?? ''),
  };
  return exists(fields) ? fields : null;
}

function yearOf(text: string): number {
  const year = Number(text);
  if (text.length !== 2) return year;
  return year < PIVOT ? 2000 + year : 1900 + year;
}

/** 0 where the text names no month. */
function monthOf(text: string | null): number {
  if (text === null) return 1;
  if (/^\d+$/.test(text)) return Number(text);
  const name = text.toLowerCase();
  return MONTHS.findIndex((month) => month === name || month.slice(0, SHORT_MONTH) === name) + 1;
}

/** -1 where the clock has no such hour. */
function hourOf(hour: number, ofTwelve: string | null, half: string | null): number {
  if (ofTwelve === null) return hour;
  const number = Number(ofTwelve);
  if (number < 1 || number > 12) return -1;
  return (number % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0);
}

/** Digits of a fraction; -1 where there are more than a microsecond has. */
function microsecondOf(digits: string): number {
  if (/[1-9]/.test(digits.slice(MICROSECOND_DIGITS))) return -1;
  return Number(digits.slice(0, MICROSECOND_DIGITS).padEnd(MICROSECOND_DIGITS, '0'));
}

function exists(fields: DateFields): boolean {
  const { year, month, day, hour, minute, second, microsecond } = fields;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  return hour >= 0 && hour < 24 && minute < 60 && second < 60 && microsecond >= 0;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
