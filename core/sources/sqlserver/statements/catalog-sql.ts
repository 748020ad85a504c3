import type { TableName } from '../../../changes/table-name.ts';
import { inputSql, outputSql } from '../values/value-sql.ts';
import { batch, BoundValues } from './bound-values.ts';
import type { CatalogStatement } from './catalog.ts';
import type { SqlText } from './sql-text.ts';
import { qualified } from '../sql.ts';

/** Tables of the server's own making: those of CDC and of what Microsoft ships. */
const OF_USERS = `t.is_ms_shipped = 0 AND s.name NOT IN (N'cdc', N'sys', N'INFORMATION_SCHEMA')`;
const LIST_TABLES = `SELECT s.name, t.name, CONVERT(varchar(11), t.object_id),
  (SELECT CONVERT(varchar(20), SUM(p.rows)) FROM sys.partitions AS p WHERE p.object_id = t.object_id AND p.index_id IN (0, 1))
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE ${OF_USERS} AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'SELECT') = 1;`;
const LIST_KEYS = `SELECT s.name, t.name, c.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
  JOIN sys.indexes AS i ON i.object_id = t.object_id AND i.is_primary_key = 1
  JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
  JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE ${OF_USERS} ORDER BY k.object_id, k.key_ordinal;`;

export function catalogSql(statement: CatalogStatement): SqlText {
  switch (statement.tag) {
    case 'listTables':
      return batch(LIST_TABLES);
    case 'listKeys':
      return batch(LIST_KEYS);
    case 'tables':
      return namedTables(
        statement.tables,
        (
          named,
        ) => `SELECT s.name, t.name, CONVERT(varchar(11), t.object_id), CONVERT(varchar(1), t.is_memory_optimized), CONVERT(varchar(1), t.temporal_type)
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE ${named};`,
      );
    case 'columns':
      return namedTables(statement.tables, columns);
    case 'defaultText': {
      const { type } = statement.column;
      const bound = new BoundValues();
      // The definition is read as the column reads it.
      const value = inputSql(type, bound.text(statement.constant));
      return bound.sql(`SELECT ${value === null ? 'NULL' : outputSql(type, value)};`);
    }
    case 'leadingColumns': {
      const bound = new BoundValues();
      return bound.sql(`SELECT c.name FROM sys.index_columns AS k JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE k.object_id = OBJECT_ID(${bound.text(qualified(statement.table))}) AND k.key_ordinal = 1;`);
    }
    case 'tableSize': {
      const bound = new BoundValues();
      return bound.sql(`SELECT CONVERT(varchar(20), SUM(a.used_pages) * 8192), CONVERT(varchar(20), SUM(CASE WHEN a.type = 1 THEN p.rows ELSE 0 END))
FROM sys.partitions AS p JOIN sys.allocation_units AS a ON a.container_id = CASE WHEN a.type = 2 THEN p.partition_id ELSE p.hobt_id END
WHERE p.object_id = OBJECT_ID(${bound.text(qualified(statement.table))}) AND p.index_id IN (0, 1);`);
    }
  }
}

function columns(named: string): string {
  return `SELECT s.name, t.name, c.name, CONVERT(varchar(11), c.column_id), COALESCE(b.name, y.name), CONVERT(varchar(11), c.max_length),
  CONVERT(varchar(11), c.precision), CONVERT(varchar(11), c.scale), CONVERT(varchar(1), c.is_nullable), CONVERT(varchar(1), c.is_computed),
  d.definition, CONVERT(varchar(11), k.key_ordinal), CONVERT(varchar(1), c.is_column_set), c.collation_name
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id JOIN sys.columns AS c ON c.object_id = t.object_id
  JOIN sys.types AS y ON y.user_type_id = c.user_type_id
  LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
  LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id
  LEFT JOIN (sys.index_columns AS k JOIN sys.indexes AS i ON i.object_id = k.object_id AND i.index_id = k.index_id AND i.is_primary_key = 1)
    ON k.object_id = c.object_id AND k.column_id = c.column_id
WHERE ${named} ORDER BY t.object_id, c.column_id;`;
}

function namedTables(tables: readonly TableName[], select: (named: string) => string): SqlText {
  const bound = new BoundValues();
  const names = tables.map(({ schema, name }) => `(s.name = ${bound.text(schema)} AND t.name = ${bound.text(name)})`);
  return bound.sql(select(names.length === 0 ? '1 = 0' : `(${names.join(' OR ')})`));
}
