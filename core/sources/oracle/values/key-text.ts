import type { SourceType } from './source-type.ts';

const MOST_DIGITS = 126;
const DATE = /^-?(\d{4})-(\d\d)-(\d\d)(?: ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?)?$/;
const LAST_JULIAN_YEAR = 1582;
const FEBRUARY = 2;

/** A text as it is compared with a column; null: it is no value of the column. */
type Compared<Type> = (text: string, type: Type) => string | null;

/**
 * A canonical text as a statement compares it with a column (value-sql.ts `inputSql`); null: no value of the type has it, so that it
 * finds no row, and the server would refuse to read it.
 */
export function keyText(type: SourceType, text: string): string | null {
  const compared = COMPARED[type.tag];
  return compared === undefined ? text : compared(text, type as never);
}

const number = (text: string) => (/^-?\d+(?:\.\d+)?$/.test(text) && text.length <= MOST_DIGITS ? text : null);
// '' is NULL.
const ofCharacters = (text: string, { characters }: { readonly characters: number }) =>
  text !== '' && Array.from(text).length <= characters ? text : null;
const time = (text: string) => (isTime(text) ? text : null);

const COMPARED: { readonly [Tag in SourceType['tag']]?: Compared<Extract<SourceType, { tag: Tag }>> } = {
  number,
  float: number,
  char: ofCharacters,
  varchar: ofCharacters,
  raw: (text, { bytes }) => (/^(?:[0-9a-f]{2})+$/i.test(text) && text.length <= bytes * 2 ? text : null),
  date: (text) => (isTime(text) && !/\.\d*[1-9]/.test(text) ? text.replace(/\.0+$/, '') : null),
  timestamp: time,
  local: time,
};

/** Whether there is such a day: leap years are Julian before October 1582. */
function isTime(text: string): boolean {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || year === 0) return false;
  const isLeap = year % 4 === 0 && (year <= LAST_JULIAN_YEAR || year % 100 !== 0 || year % 400 === 0);
  const days = month === FEBRUARY ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= days;
}
