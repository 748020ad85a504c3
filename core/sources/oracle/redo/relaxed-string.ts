import { RedoProblem, Scanner } from './scanner.ts';

/** Where a string stands: what may follow it there. */
export type StringPlace = 'value' | 'lastValue' | 'set' | 'where';

const AMBIGUOUS = 'ambiguous: apostrophes are not escaped, and a string may end at more than one place';

/**
 * Reads a string in which apostrophes may stand unescaped, as Oracle leaves them in extended strings: it ends at the first apostrophe
 * that is followed by what may follow a value in its place: `,` and a value, `, "COL" =`, ` where "COL"`, ` and "COL"`, or the end.
 * So no true end is passed by, as long as no apostrophe can be an end and a beginning, which is a fault. That a string ends too early shows where
 * the rest does not fit (too many values, a column twice); that is a fault too, because nobody can know what was meant.
 * Only for a statement that cannot be read as it should be.
 */
export function readRelaxedString(scanner: Scanner, place: StringPlace): string {
  if (scanner.code !== 0x27) scanner.fail('expected a string');
  const { text } = scanner;
  const start = scanner.at + 1;
  // What begins this string could as well have ended the one before.
  if (whatFollows(text, start) !== 'nothing') scanner.fail(AMBIGUOUS, start - 1);
  for (let end = text.indexOf("'", start); end >= 0; end = text.indexOf("'", end + 1)) {
    const follows = whatFollows(text, end + 1);
    if (follows === 'nothing') continue;
    if (!ENDS[place].includes(follows)) {
      if (DOUBTFUL[place].includes(follows)) scanner.fail(AMBIGUOUS, end);
      continue;
    }
    scanner.at = end + 1;
    const value = text.slice(start, end);
    // Two apostrophes are one where Oracle escapes, and two where it does not.
    if (value.includes("''") || value.endsWith("'")) scanner.fail(AMBIGUOUS, start - 1);
    return value;
  }
  return scanner.fail('a string has no end');
}

type Following = 'nothing' | 'value' | 'closing' | 'end' | 'set' | 'where' | 'and' | 'join';

const ENDS: Readonly<Record<StringPlace, readonly Following[]>> = {
  value: ['value'],
  lastValue: ['closing'],
  set: ['set', 'where', 'end'],
  where: ['and', 'end'],
};

/** What could be the end of this string if an earlier one had ended elsewhere. */
const DOUBTFUL: Readonly<Record<StringPlace, readonly Following[]>> = {
  value: ['closing', 'join'],
  lastValue: ['value', 'join'],
  set: ['join'],
  where: ['set', 'where', 'join'],
};

const VALUE_STARTS = [
  "'",
  'NULL',
  'TO_',
  'HEXTORAW(',
  'UNISTR(',
  'EMPTY_',
  'LM_EMPTY_STRING',
  'XMLType(',
  'Unsupported',
  '/* JSON */',
];

function whatFollows(text: string, at: number): Following {
  if (isEnd(text, at)) return 'end';
  switch (text.charAt(at)) {
    case ',':
      if (VALUE_STARTS.some((word) => text.startsWith(word, at + 1))) return 'value';
      return isAssignment(text, at + 1, [' = ']) ? 'set' : 'nothing';
    case ')':
      return isEnd(text, at + 1) ? 'closing' : 'nothing';
    case '|':
      return text.startsWith("||'", at) || text.startsWith('||UNISTR(', at) ? 'join' : 'nothing';
    case ' ':
      if (text.startsWith(' where ', at)) return isAssignment(text, at + 6, CONDITIONS) ? 'where' : 'nothing';
      if (text.startsWith(' and ', at)) return isAssignment(text, at + 4, CONDITIONS) ? 'and' : 'nothing';
      return 'nothing';
    default:
      return 'nothing';
  }
}

const CONDITIONS = [' = ', ' IS NULL'];

function isEnd(text: string, at: number): boolean {
  const rest = text.startsWith(';', at) ? at + 1 : at;
  return rest >= text.length || (text.length - rest < 8 && text.slice(rest).trim() === '');
}

/** ` "COL"` or ` a."COL"` or ` ROWID`, and what has to follow it. */
function isAssignment(text: string, at: number, following: readonly string[]): boolean {
  const scanner = new Scanner();
  scanner.text = text;
  scanner.at = at;
  if (!scanner.take(' ')) return false;
  scanner.take('a.');
  if (!scanner.take('ROWID')) {
    try {
      scanner.skipName();
    } catch (error) {
      if (error instanceof RedoProblem) return false;
      throw error;
    }
  }
  return following.some((word) => text.startsWith(word, scanner.at));
}
