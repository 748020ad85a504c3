import type { RedoTable } from './redo-statement.ts';

/** Column names of one place of a statement, as they were met last there. */
export class NameList {
  readonly names: readonly string[];
  /** Each name in its quotes. */
  readonly printed: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
    this.printed = names.map(inQuotes);
  }
}

const NONE = new NameList([]);

/** What is remembered of a table, so that statements alike share their names and need no reading of them. */
export class KnownTable {
  /** `"OWNER"."TABLE"`, as printed. */
  readonly printed: string;
  readonly table: RedoTable;
  /** Of the last insert: `("A","B") values (`. */
  insertHead = '';
  insert = NONE;
  set = NONE;
  where = NONE;

  constructor(printed: string, table: RedoTable) {
    this.printed = printed;
    this.table = table;
  }
}

/** A copy that does not hold on to the statement it was cut from. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

export function inQuotes(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The first name that is there twice; null: none. */
export function repeatedName(names: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}
