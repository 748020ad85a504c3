/** A table at the source. `schema` is the source's schema, or its database where that holds the tables at once. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** The one text of a table's name, `schema.name`; a part that holds a dot or a quote is quoted as in SQL. Unique, and parsed back by {@link parseTableName}. */
export function tableId(table: TableName): string {
  return `${quotePart(table.schema)}.${quotePart(table.name)}`;
}

function quotePart(part: string): string {
  return /^[^."]+$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`;
}

const NAME = /^(?:"((?:[^"]|"")+)"|([^."]+))\.(?:"((?:[^"]|"")+)"|([^."]+))$/;

/** `schema.name` → {@link TableName}, or null where the text is not of that form. */
export function parseTableName(text: string): TableName | null {
  const match = NAME.exec(text);
  if (match === null) return null;
  const schema = match[1]?.replaceAll('""', '"') ?? match[2];
  const name = match[3]?.replaceAll('""', '"') ?? match[4];
  return schema === undefined || name === undefined ? null : { schema, name };
}
