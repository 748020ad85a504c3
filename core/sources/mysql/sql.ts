import type { TableName } from '../../changes/table-name.ts';

/** An identifier as SQL, always quoted. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text literal, for sessions whose sql_mode is empty (connection.ts sees to it): a backslash escapes there. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}

export function qualified(table: TableName): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`;
}
