import { inQuotes, KnownTable, NameList, ownText, repeatedName } from './known-table.ts';
import { NULL_VALUE, readValue, type ReadString } from './read-value.ts';
import type { RedoFault, RedoImage, RedoStatement, RedoTable, RedoValue } from './redo-statement.ts';
import { readRelaxedString, type StringPlace } from './relaxed-string.ts';
import { RedoProblem, Scanner } from './scanner.ts';

/**
 * `strict`: strings as SQL has them. `relaxed`: a statement that cannot be read so is read again as one whose apostrophes stand unescaped,
 * as Oracle prints extended strings; where that allows more than one reading it is a fault all the same.
 * A text whose unescaped apostrophes all stand in pairs cannot be told from an escaped one, and is read as that.
 */
export type RedoReading = 'strict' | 'relaxed';

/** Of SQL_REDO for a row of a temporary table, which is nothing to be read. */
export const NO_REDO = '/* No SQL_REDO for temporary tables */';

const MOST_KNOWN_TABLES = 20_000;
const EMPTY: RedoImage = { names: [], values: [] };
const QUOTE = 0x22;

type ReadStrings = Readonly<Record<StringPlace, ReadString>>;

const readStrict: ReadString = (scanner) => scanner.string();
const STRICT: ReadStrings = { value: readStrict, lastValue: readStrict, set: readStrict, where: readStrict };
const RELAXED: ReadStrings = {
  value: (scanner) => readRelaxedString(scanner, 'value'),
  lastValue: (scanner) => readRelaxedString(scanner, 'lastValue'),
  set: (scanner) => readRelaxedString(scanner, 'set'),
  where: (scanner) => readRelaxedString(scanner, 'where'),
};

interface Conditions {
  readonly where: RedoImage;
  readonly rowId: string | null;
}
const NO_CONDITIONS: Conditions = { where: EMPTY, rowId: null };

/**
 * Reads the inserts, updates and deletes that LogMiner prints into SQL_REDO (pieces joined, no ROWID or semicolon needed), by hand
 * and from left to right: names of columns are compared with those of the table's last statement and read only where they differ.
 * One parser serves one reader; it remembers tables, never values.
 */
export class RedoParser {
  readonly #reading: RedoReading;
  readonly #scanner = new Scanner();
  readonly #tables = new Map<string, KnownTable>();
  #last: KnownTable | null = null;
  #strings = STRICT;

  constructor(reading: RedoReading) {
    this.#reading = reading;
  }

  parse(sql: string): RedoStatement | RedoFault {
    const strict = this.#parse(sql, STRICT);
    if (strict.op !== 'fault' || this.#reading === 'strict') return strict;
    return this.#parse(sql, RELAXED);
  }

  /** Passes `"OWNER"."TABLE" where …` inside another text. @throws RedoProblem */
  parseLocator(outer: Scanner): Conditions & { readonly table: RedoTable } {
    const scanner = this.#scanner;
    this.#strings = STRICT;
    scanner.text = outer.text;
    scanner.at = outer.at;
    try {
      const known = this.#table();
      const alias = this.#alias('where');
      return { table: known.table, ...this.#conditions(known, alias) };
    } finally {
      outer.at = scanner.at;
      scanner.text = '';
    }
  }

  #parse(sql: string, strings: ReadStrings): RedoStatement | RedoFault {
    const scanner = this.#scanner;
    scanner.text = sql;
    scanner.at = 0;
    this.#strings = strings;
    try {
      scanner.skipSpace();
      if (scanner.take('insert into ')) return this.#insert();
      if (scanner.take('update ')) return this.#update();
      if (scanner.take('delete from ')) return this.#delete();
      return scanner.fail('expected insert into, update or delete from');
    } catch (error) {
      if (!(error instanceof RedoProblem)) throw error;
      return { op: 'fault', offset: error.offset, reason: error.message };
    } finally {
      scanner.text = '';
    }
  }

  #insert(): RedoStatement {
    const scanner = this.#scanner;
    const known = this.#table();
    const list = this.#insertHead(known);
    const { names } = list;
    const values: RedoValue[] = [];
    const last = names.length - 1;
    for (let index = 0; index < last; index++) {
      values.push(readValue(scanner, this.#strings.value));
      if (scanner.code !== 0x2c) {
        scanner.skipSpace();
        if (scanner.code === 0x29) scanner.fail(`${index + 1} values for ${names.length} columns`);
        if (scanner.code !== 0x2c) scanner.fail('expected , or )');
      }
      scanner.at++;
      scanner.skipSpace();
    }
    values.push(readValue(scanner, this.#strings.lastValue));
    scanner.skipSpace();
    if (scanner.code === 0x2c) scanner.fail(`more values than the ${names.length} columns`);
    if (!scanner.take(')')) scanner.fail('expected )');
    scanner.finish();
    return { op: 'insert', table: known.table, set: { names, values } };
  }

  /** Passes `("A","B") values (`. */
  #insertHead(known: KnownTable): NameList {
    const scanner = this.#scanner;
    if (known.insertHead !== '' && scanner.take(known.insertHead)) {
      scanner.skipSpace();
      return known.insert;
    }
    const start = scanner.at;
    const names: string[] = [];
    scanner.expect('(');
    do {
      scanner.skipSpace();
      names.push(ownText(scanner.name()));
      scanner.skipSpace();
    } while (scanner.take(','));
    scanner.expect(')');
    scanner.expect('values');
    scanner.skipSpace();
    if (!scanner.take('(')) scanner.fail('expected (');
    this.#demandDistinct(names, start);
    known.insertHead = ownText(scanner.text.slice(start, scanner.at));
    known.insert = new NameList(names);
    scanner.skipSpace();
    return known.insert;
  }

  #update(): RedoStatement {
    const scanner = this.#scanner;
    const known = this.#table();
    const alias = this.#alias('set');
    scanner.expect('set');
    const set = this.#assignments(known, alias);
    const { where, rowId } = this.#conditions(known, alias);
    scanner.finish();
    return { op: 'update', table: known.table, set, where, rowId };
  }

  #delete(): RedoStatement {
    const scanner = this.#scanner;
    const known = this.#table();
    const { where, rowId } = this.#conditions(known, this.#alias('where'));
    scanner.finish();
    return { op: 'delete', table: known.table, where, rowId };
  }

  /** Passes `"OWNER"."TABLE"`. */
  #table(): KnownTable {
    const scanner = this.#scanner;
    const last = this.#last;
    if (last !== null && scanner.text.startsWith(last.printed, scanner.at)) {
      const end = scanner.at + last.printed.length;
      if (scanner.text.charCodeAt(end) !== QUOTE) {
        scanner.at = end;
        return last;
      }
    }
    const start = scanner.at;
    scanner.skipName();
    const middle = scanner.at;
    if (!scanner.take('.')) scanner.fail('expected a . between owner and table');
    scanner.skipName();
    const end = scanner.at;
    const printed = scanner.text.slice(start, end);
    const known = this.#tables.get(printed) ?? this.#remember(printed, middle - start);
    this.#last = known;
    return known;
  }

  #remember(printed: string, middle: number): KnownTable {
    if (this.#tables.size >= MOST_KNOWN_TABLES) this.#tables.clear();
    const own = ownText(printed);
    const known = new KnownTable(own, { owner: unquoted(own.slice(0, middle)), name: unquoted(own.slice(middle + 1)) });
    this.#tables.set(own, known);
    return known;
  }

  /** Passes the name that a table may be given for its statement: `a`. @returns what columns are then preceded by */
  #alias(next: string): string {
    const scanner = this.#scanner;
    scanner.skipSpace();
    if (scanner.text.startsWith(next, scanner.at)) return '';
    const { code } = scanner;
    if (!isLowerCase(code) || isLowerCase(scanner.text.charCodeAt(scanner.at + 1))) return '';
    scanner.at++;
    return `${String.fromCharCode(code)}.`;
  }

  /** Passes `C = V, C = V`. */
  #assignments(known: KnownTable, alias: string): RedoImage {
    const scanner = this.#scanner;
    const start = scanner.at;
    const list = known.set;
    const values: RedoValue[] = [];
    let names: string[] | null = null;
    for (;;) {
      if (alias !== '' && !scanner.take(alias)) scanner.fail(`expected ${alias}`);
      names = this.#column(list, values.length, names);
      this.#equals();
      values.push(readValue(scanner, this.#strings.set));
      if (scanner.code !== 0x2c) {
        scanner.skipSpace();
        if (scanner.code !== 0x2c) break;
      }
      scanner.at++;
      scanner.skipSpace();
    }
    if (names === null && values.length === list.names.length) return { names: list.names, values };
    known.set = this.#newList(list, names, values.length, start);
    return { names: known.set.names, values };
  }

  /** Passes `where C = V and C IS NULL`, which may be left out. */
  #conditions(known: KnownTable, alias: string): Conditions {
    const scanner = this.#scanner;
    scanner.skipSpace();
    if (!scanner.take('where ')) return NO_CONDITIONS;
    const start = scanner.at;
    const list = known.where;
    const values: RedoValue[] = [];
    let names: string[] | null = null;
    let rowId: string | null = null;
    do {
      scanner.skipSpace();
      if (alias !== '') scanner.take(alias);
      if (scanner.take('ROWID')) {
        if (rowId !== null) scanner.fail('ROWID is there twice');
        this.#equals();
        rowId = scanner.string();
      } else {
        names = this.#column(list, values.length, names);
        values.push(scanner.take(' IS NULL') ? NULL_VALUE : this.#compared());
      }
    } while (scanner.take(' and '));
    if (names === null && values.length === list.names.length) return { where: { names: list.names, values }, rowId };
    // A ROWID alone says nothing of the table's columns.
    if (values.length === 0) return { where: EMPTY, rowId };
    known.where = this.#newList(list, names, values.length, start);
    return { where: { names: known.where.names, values }, rowId };
  }

  /** Passes ` = V`. */
  #compared(): RedoValue {
    this.#equals();
    return readValue(this.#scanner, this.#strings.where);
  }

  #equals(): void {
    const scanner = this.#scanner;
    if (scanner.take(' = ')) return;
    scanner.skipSpace();
    if (!scanner.take('=')) scanner.fail('expected =');
    scanner.skipSpace();
  }

  /**
   * Passes the name of a column, the `index`th of its place.
   * @returns null as long as the names are those of `list`; else all names up to this one
   */
  #column(list: NameList, index: number, names: string[] | null): string[] | null {
    const scanner = this.#scanner;
    const printed = names === null ? list.printed[index] : undefined;
    if (printed !== undefined && scanner.text.startsWith(printed, scanner.at)) {
      const end = scanner.at + printed.length;
      if (scanner.text.charCodeAt(end) !== QUOTE) {
        scanner.at = end;
        return null;
      }
    }
    const all = names ?? list.names.slice(0, index);
    all.push(ownText(scanner.name()));
    return all;
  }

  #newList(list: NameList, names: readonly string[] | null, count: number, start: number): NameList {
    const found = names ?? list.names.slice(0, count);
    this.#demandDistinct(found, start);
    return new NameList(found);
  }

  #demandDistinct(names: readonly string[], start: number): void {
    const twice = repeatedName(names);
    if (twice === null) return;
    const what = this.#strings === RELAXED ? 'ambiguous: column ' : 'column ';
    this.#scanner.fail(`${what}${inQuotes(twice)} is there twice`, start);
  }
}

function isLowerCase(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** `"a""b"` → `a"b`. */
function unquoted(printed: string): string {
  return printed.slice(1, -1).replaceAll('""', '"');
}
