import type { TableName } from '../../../changes/table-name.ts';
import { BoundValues, plain } from './bound-values.ts';
import type { CatalogStatement } from './catalog.ts';
import type { SqlText } from './sql-text.ts';

const SECONDS = `'YYYY-MM-DD HH24:MI:SS'`;

/** Columns of object types and XMLTYPE are VIRTUAL_COLUMN too, over hidden ones that are stored; those that are computed have an expression. */
const IS_VIRTUAL = `C.VIRTUAL_COLUMN = 'YES' AND C.DEFAULT_LENGTH IS NOT NULL`;

/** Of a REF DATA_TYPE has the name of what it refers to. */
const DATA_TYPE = `CASE WHEN C.DATA_TYPE_MOD = 'REF' THEN 'REF ' || C.DATA_TYPE ELSE C.DATA_TYPE END`;

/** By interval; of list partitioning newer servers alone tell whether it is automatic. */
const MAKES_PARTS = `EXISTS (SELECT 1 FROM ALL_PART_TABLES P WHERE P.OWNER = T.OWNER AND P.TABLE_NAME = T.TABLE_NAME
    AND (P.INTERVAL IS NOT NULL OR P.PARTITIONING_TYPE = 'LIST' OR P.SUBPARTITIONING_TYPE = 'LIST'))`;

const IS_ENCRYPTED = `EXISTS (SELECT 1 FROM ALL_ENCRYPTED_COLUMNS E WHERE E.OWNER = C.OWNER AND E.TABLE_NAME = C.TABLE_NAME AND E.COLUMN_NAME = C.COLUMN_NAME)`;

/** ALL_TABLES says it itself from 12.2 on only. */
const IS_EXTERNAL = `EXISTS (SELECT 1 FROM ALL_EXTERNAL_TABLES X WHERE X.OWNER = T.OWNER AND X.TABLE_NAME = T.TABLE_NAME)`;

/** Not Oracle's own, not a part of another table, not a copy that the server keeps itself. */
const OF_USERS = `T.OWNER IN (SELECT USERNAME FROM ALL_USERS WHERE ORACLE_MAINTAINED = 'N') AND T.NESTED = 'NO' AND T.TEMPORARY = 'N'
  AND T.SECONDARY = 'N' AND NVL(T.DROPPED, 'NO') = 'NO' AND NOT ${IS_EXTERNAL} AND (T.IOT_TYPE IS NULL OR T.IOT_TYPE = 'IOT')
  AND T.TABLE_NAME NOT LIKE 'MLOG$\\_%' ESCAPE '\\' AND T.TABLE_NAME NOT LIKE 'RUPD$\\_%' ESCAPE '\\'`;

const KEY_COLUMNS = `FROM ALL_CONSTRAINTS C JOIN ALL_CONS_COLUMNS K ON K.OWNER = C.OWNER AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME AND K.TABLE_NAME = C.TABLE_NAME
WHERE C.CONSTRAINT_TYPE = 'P' AND C.STATUS = 'ENABLED'`;

const LIST_TABLES = `SELECT T.OWNER, T.TABLE_NAME, TO_CHAR(T.NUM_ROWS) FROM ALL_TABLES T WHERE ${OF_USERS}`;

const LIST_KEYS = `SELECT C.OWNER, C.TABLE_NAME, K.COLUMN_NAME ${KEY_COLUMNS}
  AND C.OWNER IN (SELECT USERNAME FROM ALL_USERS WHERE ORACLE_MAINTAINED = 'N') ORDER BY C.OWNER, C.TABLE_NAME, K.POSITION`;

function flag(condition: string): string {
  return `CASE WHEN ${condition} THEN '1' ELSE '0' END`;
}

export function catalogSql(statement: CatalogStatement): SqlText {
  switch (statement.tag) {
    case 'listTables':
      return plain(LIST_TABLES);
    case 'listKeys':
      return plain(LIST_KEYS);
    case 'tables':
      return ofTables(statement.tables, 'T', tables);
    case 'tableObjects':
      return ofTables(statement.tables, 'O', tableObjects, 'OBJECT_NAME');
    case 'columns':
      return ofTables(statement.tables, 'C', columns);
    case 'keys':
      return ofTables(
        statement.tables,
        'C',
        (named) =>
          `SELECT C.OWNER, C.TABLE_NAME, K.COLUMN_NAME ${KEY_COLUMNS} AND ${named} ORDER BY C.OWNER, C.TABLE_NAME, K.POSITION`,
      );
    case 'logGroups':
      return ofTables(
        statement.tables,
        'G',
        (named) => `SELECT G.OWNER, G.TABLE_NAME, G.LOG_GROUP_TYPE FROM ALL_LOG_GROUPS G WHERE ${named}`,
      );
    case 'unlogged':
      return unlogged(statement.tables);
    case 'extents':
      return extents(statement.table);
    case 'tableSize':
      return ofTables(
        [statement.table],
        'T',
        (named) =>
          `SELECT TO_CHAR(ROUND(T.NUM_ROWS * T.AVG_ROW_LEN)), TO_CHAR(T.NUM_ROWS) FROM ALL_TABLES T WHERE ${named}`,
      );
    case 'leadingColumns':
      return leadingColumns(statement.table);
  }
}

function tables(named: string): string {
  return `SELECT T.OWNER, T.TABLE_NAME, TO_CHAR(O.OBJECT_ID), TO_CHAR(O.DATA_OBJECT_ID),
  CASE WHEN T.IOT_TYPE IS NOT NULL THEN 'index' WHEN T.CLUSTER_NAME IS NOT NULL THEN 'cluster' ELSE 'heap' END,
  ${flag(`T.TEMPORARY = 'Y'`)}, ${flag(`T.NESTED = 'YES'`)}, ${flag(IS_EXTERNAL)}, ${flag(`T.DEPENDENCIES = 'ENABLED'`)}, ${flag(`T.ROW_MOVEMENT = 'ENABLED'`)},
  TO_CHAR(O.LAST_DDL_TIME, ${SECONDS}), ${flag(MAKES_PARTS)}
FROM ALL_TABLES T JOIN ALL_OBJECTS O ON O.OWNER = T.OWNER AND O.OBJECT_NAME = T.TABLE_NAME AND O.OBJECT_TYPE = 'TABLE'
WHERE ${named}`;
}

function tableObjects(named: string): string {
  return `SELECT O.OWNER, O.OBJECT_NAME, TO_CHAR(O.OBJECT_ID), TO_CHAR(O.DATA_OBJECT_ID) FROM ALL_OBJECTS O
WHERE O.OBJECT_TYPE IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION') AND ${named}`;
}

function columns(named: string): string {
  return `SELECT C.OWNER, C.TABLE_NAME, C.COLUMN_NAME, TO_CHAR(C.COLUMN_ID), TO_CHAR(C.INTERNAL_COLUMN_ID), TO_CHAR(C.SEGMENT_COLUMN_ID),
  ${DATA_TYPE}, C.DATA_TYPE_OWNER, TO_CHAR(C.DATA_LENGTH), TO_CHAR(C.CHAR_LENGTH), TO_CHAR(C.DATA_PRECISION), TO_CHAR(C.DATA_SCALE),
  ${flag(`C.NULLABLE = 'Y'`)}, ${flag(IS_VIRTUAL)}, C.DATA_DEFAULT, ${flag(`C.DEFAULT_ON_NULL = 'YES'`)}, ${flag(`C.IDENTITY_COLUMN = 'YES'`)},
  ${flag(IS_ENCRYPTED)}
FROM ALL_TAB_COLS C WHERE ${named} AND (C.HIDDEN_COLUMN = 'NO' OR C.USER_GENERATED = 'YES') ORDER BY C.OWNER, C.TABLE_NAME, C.INTERNAL_COLUMN_ID`;
}

/** Of what has parts, the parts tell; the whole only says what new ones will have. */
function unloggedParts(views: readonly string[], alias: string, column = ''): string {
  const each = views.map((view) => {
    const isLeaf = view.endsWith('SUBPARTITIONS') ? '' : ` AND P.COMPOSITE = 'NO'`;
    return `EXISTS (SELECT 1 FROM ${view} P WHERE P.TABLE_OWNER = ${alias}.OWNER AND P.TABLE_NAME = ${alias}.TABLE_NAME${column}${isLeaf} AND P.LOGGING = 'NO')`;
  });
  return each.join(' OR ');
}

function unlogged(names: readonly TableName[]): SqlText {
  const bound = new BoundValues();
  const parts = unloggedParts(['ALL_TAB_PARTITIONS', 'ALL_TAB_SUBPARTITIONS'], 'T');
  const lobParts = unloggedParts(
    ['ALL_LOB_PARTITIONS', 'ALL_LOB_SUBPARTITIONS'],
    'L',
    ' AND P.COLUMN_NAME = L.COLUMN_NAME',
  );
  return bound.sql(`SELECT T.OWNER, T.TABLE_NAME, NULL FROM ALL_TABLES T WHERE ${namedTables(names, 'T', bound)} AND (T.LOGGING = 'NO' OR ${parts})
UNION ALL SELECT L.OWNER, L.TABLE_NAME, L.COLUMN_NAME FROM ALL_LOBS L WHERE ${namedTables(names, 'L', bound)}
  AND (L.PARTITIONED = 'NO' AND L.LOGGING = 'NO' OR ${lobParts})`);
}

/** Blocks that a file of a small-file tablespace can have. */
const BLOCKS_OF_FILE = 4_194_304;

/**
 * A ROWID has the data object, the file within its tablespace, the block and the row in it. In a bigfile tablespace the only file is
 * number 1024, of which a ROWID has room for nothing, and the block's number goes on in the file's place.
 */
function extents({ schema, name }: TableName): SqlText {
  const bound = new BoundValues();
  const file = `MOD(E.RELATIVE_FNO, 1024) + TRUNC(E.BLOCK_ID / ${BLOCKS_OF_FILE})`;
  const rowId = `DBMS_ROWID.ROWID_CREATE(1, O.DATA_OBJECT_ID, ${file}, MOD(E.BLOCK_ID, ${BLOCKS_OF_FILE}), 0)`;
  return bound.sql(`SELECT ROWIDTOCHAR(${rowId}), TO_CHAR(E.BYTES)
FROM DBA_EXTENTS E JOIN DBA_OBJECTS O ON O.OWNER = E.OWNER AND O.OBJECT_NAME = E.SEGMENT_NAME
  AND (O.SUBOBJECT_NAME = E.PARTITION_NAME OR O.SUBOBJECT_NAME IS NULL AND E.PARTITION_NAME IS NULL)
WHERE E.OWNER = ${bound.text(schema)} AND E.SEGMENT_NAME = ${bound.text(name)} AND O.DATA_OBJECT_ID IS NOT NULL
  AND E.SEGMENT_TYPE IN ('TABLE', 'TABLE PARTITION', 'TABLE SUBPARTITION') AND O.OBJECT_TYPE = E.SEGMENT_TYPE
ORDER BY O.DATA_OBJECT_ID, E.RELATIVE_FNO, E.BLOCK_ID`);
}

function leadingColumns({ schema, name }: TableName): SqlText {
  const bound = new BoundValues();
  return bound.sql(
    `SELECT I.COLUMN_NAME FROM ALL_IND_COLUMNS I WHERE I.TABLE_OWNER = ${bound.text(schema)} AND I.TABLE_NAME = ${bound.text(name)} AND I.COLUMN_POSITION = 1`,
  );
}

function ofTables(
  names: readonly TableName[],
  alias: string,
  select: (named: string) => string,
  column = 'TABLE_NAME',
): SqlText {
  const bound = new BoundValues();
  return bound.sql(select(namedTables(names, alias, bound, column)));
}

function namedTables(names: readonly TableName[], alias: string, bound: BoundValues, column = 'TABLE_NAME'): string {
  const each = names.map(
    ({ schema, name }) => `(${alias}.OWNER = ${bound.text(schema)} AND ${alias}.${column} = ${bound.text(name)})`,
  );
  return each.length === 0 ? '1 = 0' : `(${each.join(' OR ')})`;
}
