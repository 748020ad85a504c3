import { escape } from 'mysql2';

/** An identifier in backticks, whatever it holds. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A table's full name. */
export function qualified(database: string, table: string): string {
  return `${quoted(database)}.${quoted(table)}`;
}

/**
 * A value as a literal. The driver's `?` is not used: it would also replace a question mark inside a quoted name.
 * Right only while NO_BACKSLASH_ESCAPES is off, which connection.ts sees to.
 */
export function literal(value: string | number | bigint | null): string {
  return typeof value === 'bigint' ? value.toString() : escape(value);
}

/** Quoted names, each with a prefix such as `s.`, joined by commas. */
export function nameList(names: readonly string[], prefix = ''): string {
  return names.map((name) => prefix + quoted(name)).join(', ');
}
