/** A piece of a statement; comments are none. */
export type Token =
  /** A keyword, or a name without quotes; `upper` for comparing. */
  | { readonly tag: 'word'; readonly text: string; readonly upper: string }
  /** A quoted name. */
  | { readonly tag: 'name'; readonly text: string }
  | { readonly tag: 'string' }
  | { readonly tag: 'symbol'; readonly text: string };

/** How the session that ran the statement read it. */
export interface SqlDialect {
  /** `"` quotes names, not texts. */
  readonly ansiQuotes: boolean;
  /** A backslash in a text is itself. */
  readonly noBackslashEscapes: boolean;
}

const BLANK = /[ \t\n\v\f\r]+/y;
const WORD = /[0-9A-Za-z_$\u0080-\u{10ffff}]+/uy;
const LINE_COMMENT = /--(?=[ \t\n\v\f\r]|$)[^\n]*|#[^\n]*/y;
/** An executed comment: what it holds is part of the statement. The server blanks the mark of one that it did not execute. */
const EXECUTED = /\/\*M?!\d*/y;

/**
 * Cuts a statement into tokens, as far as telling which tables it concerns needs it.
 * `isWhole`: false where a quote or a comment is not closed, so that the rest cannot be told.
 */
export function tokenize(
  sql: string,
  dialect: SqlDialect,
): { readonly tokens: readonly Token[]; readonly isWhole: boolean } {
  const tokens: Token[] = [];
  let at = 0;
  let isExecuted = false;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(sql)) return false;
    at = pattern.lastIndex;
    return true;
  };
  while (at < sql.length) {
    if (skip(BLANK) || skip(LINE_COMMENT)) continue;
    if (skip(EXECUTED)) {
      isExecuted = true;
      continue;
    }
    if (isExecuted && sql.startsWith('*/', at)) {
      isExecuted = false;
      at += 2;
      continue;
    }
    if (sql.startsWith('/*', at)) {
      const end = sql.indexOf('*/', at + 2);
      if (end === -1) return { tokens, isWhole: false };
      at = end + 2;
      continue;
    }
    const start = at;
    if (skip(WORD)) {
      const text = sql.slice(start, at);
      tokens.push({ tag: 'word', text, upper: text.toUpperCase() });
      continue;
    }
    const character = sql.charAt(at);
    if (character !== '`' && character !== '"' && character !== "'") {
      tokens.push({ tag: 'symbol', text: character });
      at++;
      continue;
    }
    const isName = character === '`' || (character === '"' && dialect.ansiQuotes);
    const end = closingQuote(sql, at, !isName && !dialect.noBackslashEscapes);
    if (end === -1) return { tokens, isWhole: false };
    if (isName) tokens.push({ tag: 'name', text: sql.slice(at + 1, end).replaceAll(character.repeat(2), character) });
    else tokens.push({ tag: 'string' });
    at = end + 1;
  }
  return { tokens, isWhole: true };
}

/** Where a quoted piece ends that begins at `start`; a doubled quote stands for one. */
function closingQuote(sql: string, start: number, hasEscapes: boolean): number {
  const quote = sql.charAt(start);
  for (let at = start + 1; at < sql.length; at++) {
    const character = sql.charAt(at);
    if (character === '\\' && hasEscapes) at++;
    else if (character === quote) {
      if (sql.charAt(at + 1) !== quote) return at;
      at++;
    }
  }
  return -1;
}

/** Reads tokens one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get rest(): readonly Token[] {
    return this.#tokens.slice(this.#at);
  }

  peek(ahead = 0): Token | null {
    return this.#tokens[this.#at + ahead] ?? null;
  }

  /** The next token's keyword; empty where it is none. */
  peekWord(ahead = 0): string {
    const token = this.peek(ahead);
    return token?.tag === 'word' ? token.upper : '';
  }

  next(): Token | null {
    const token = this.peek();
    this.#at++;
    return token;
  }

  nextWord(): string {
    const word = this.peekWord();
    this.#at++;
    return word;
  }

  /** Moves over these keywords, if they are next. */
  accept(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.peekWord(index) === word)) return false;
    this.#at += words.length;
    return true;
  }

  acceptAny(...words: readonly string[]): boolean {
    if (!words.includes(this.peekWord())) return false;
    this.#at++;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    const token = this.peek();
    if (token?.tag !== 'symbol' || token.text !== symbol) return false;
    this.#at++;
    return true;
  }

  /** A name, quoted or not; null where something else is next. */
  name(): string | null {
    const token = this.peek();
    if (token?.tag !== 'name' && token?.tag !== 'word') return null;
    this.#at++;
    return token.text;
  }

  /** Cuts the rest at commas outside parentheses. */
  commaSeparated(): TokenReader[] {
    const parts: Token[][] = [[]];
    let depth = 0;
    for (let token = this.next(); token !== null; token = this.next()) {
      if (token.tag === 'symbol') {
        if (token.text === '(') depth++;
        if (token.text === ')') depth--;
        if (token.text === ',' && depth === 0) {
          parts.push([]);
          continue;
        }
      }
      parts.at(-1)?.push(token);
    }
    return parts.filter((part) => part.length > 0).map((part) => new TokenReader(part));
  }

  /** What stands in the parentheses that are next, as a reader of its own; null where there are none. */
  parenthesized(): TokenReader | null {
    if (!this.acceptSymbol('(')) return null;
    const inner: Token[] = [];
    let depth = 1;
    for (let token = this.next(); token !== null; token = this.next()) {
      if (token.tag === 'symbol' && token.text === '(') depth++;
      if (token.tag === 'symbol' && token.text === ')' && --depth === 0) break;
      inner.push(token);
    }
    return new TokenReader(inner);
  }
}
