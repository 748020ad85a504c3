import type { TableName } from '../../changes/table-name.ts';

/** An identifier as SQL, always quoted. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal; right whatever standard_conforming_strings says, because a backslash makes it an E literal. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}

export function qualified(table: TableName): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`;
}
