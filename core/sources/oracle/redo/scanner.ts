/** Ends the reading of a text; `offset` and `reason` as in {@link RedoFault}. Never leaves this folder. */
export class RedoProblem extends Error {
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

const APOSTROPHE = 0x27;
const QUOTE = 0x22;

/** A place in a text, and what is read from there: words, names in quotes, strings. */
export class Scanner {
  text = '';
  at = 0;

  /** @throws RedoProblem always */
  fail(reason: string, offset = this.at): never {
    throw new RedoProblem(offset, reason);
  }

  /** The code of the character here; NaN at the end. */
  get code(): number {
    return this.text.charCodeAt(this.at);
  }

  skipSpace(): void {
    let code = this.text.charCodeAt(this.at);
    while (code === 0x20 || (code >= 0x09 && code <= 0x0d)) code = this.text.charCodeAt(++this.at);
  }

  /** Passes a word if it stands here. */
  take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** Passes a word, and the space around it. */
  expect(word: string): void {
    this.skipSpace();
    if (!this.take(word)) this.fail(`expected ${word}`);
    this.skipSpace();
  }

  /** Passes `"…"`, in which a quote is doubled, without reading it. */
  skipName(): void {
    if (this.code !== QUOTE) this.fail('expected a name in quotes');
    let end = this.text.indexOf('"', this.at + 1);
    while (end >= 0 && this.text.charCodeAt(end + 1) === QUOTE) end = this.text.indexOf('"', end + 2);
    if (end < 0) this.fail('a name in quotes has no end');
    if (end === this.at + 1) this.fail('a name is empty');
    this.at = end + 1;
  }

  /** Passes and reads `"…"`. */
  name(): string {
    const start = this.at + 1;
    this.skipName();
    const name = this.text.slice(start, this.at - 1);
    return name.includes('"') ? name.replaceAll('""', '"') : name;
  }

  /** Passes and reads `'…'`, in which an apostrophe is doubled. */
  string(): string {
    if (this.code !== APOSTROPHE) this.fail('expected a string');
    const { text } = this;
    const start = this.at + 1;
    let end = text.indexOf("'", start);
    if (end >= 0 && text.charCodeAt(end + 1) !== APOSTROPHE) {
      this.at = end + 1;
      return text.slice(start, end);
    }
    while (end >= 0 && text.charCodeAt(end + 1) === APOSTROPHE) end = text.indexOf("'", end + 2);
    if (end < 0) this.fail('a string has no end');
    this.at = end + 1;
    return text.slice(start, end).replaceAll("''", "'");
  }

  /** Passes and reads a whole number without a sign. */
  wholeNumber(): number {
    const start = this.at;
    while (this.code >= 0x30 && this.code <= 0x39) this.at++;
    const number = Number(this.text.slice(start, this.at));
    if (this.at === start || !Number.isSafeInteger(number)) this.fail('expected a whole number', start);
    return number;
  }

  /** Passes a semicolon, which may be left out, and demands the end. */
  finish(): void {
    this.skipSpace();
    if (this.take(';')) this.skipSpace();
    if (this.at < this.text.length) this.fail('expected the end of the statement');
  }
}
