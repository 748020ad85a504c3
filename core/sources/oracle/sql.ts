import type { TableName } from '../../changes/table-name.ts';

/** An identifier as SQL, always quoted; Oracle's names hold no quotes, so one in a name can only be meant to escape. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal, of the statements that are shown to people; what is sent binds its values. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function qualified(table: TableName): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`;
}
