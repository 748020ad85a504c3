import { BUSY } from '../workload.ts';
import { watching } from './seen-rows.ts';

/** A statement of the contract suites, which write standard SQL, as SQL Server understands it. T-SQL stays as it is. */
export function toTSql(statement: string): string {
  for (const [form, written] of WHOLE) if (form.test(statement)) return statement.replace(form, written);
  return statement.replace(CREATE, named).replace(ADD_COLUMN, '$1 ADD ').replace(GENERATED, 'AS ($1) PERSISTED');
}

const WHOLE: readonly (readonly [RegExp, string])[] = [
  [/^\s*BEGIN\s*;?\s*$/i, 'BEGIN TRANSACTION'],
  [/^\s*(COMMIT|ROLLBACK)\s*;?\s*$/i, '$1 TRANSACTION'],
  [/^\s*SAVEPOINT\s+(\w+)\s*;?\s*$/i, 'SAVE TRANSACTION $1'],
  [/^\s*ROLLBACK\s+TO\s+SAVEPOINT\s+(\w+)\s*;?\s*$/i, 'ROLLBACK TRANSACTION $1'],
  [
    /^\s*ALTER\s+TABLE\s+(\w+)\s+ALTER\s+COLUMN\s+(\w+)\s+SET\s+DEFAULT\s+(.*)$/i,
    'ALTER TABLE $1 ADD DEFAULT $3 FOR $2',
  ],
];

const CREATE = /^\s*CREATE\s+TABLE\s+(\w+)\s*\(.*$/is;
const PRIMARY_KEY = /,\s*PRIMARY\s+KEY\s*\(/i;
const ADD_COLUMN = /^(\s*ALTER\s+TABLE\s+\S+)\s+ADD\s+COLUMN\s+/i;
/** `x INTEGER GENERATED ALWAYS AS (n * 2) STORED`: a computed column has no type of its own. */
const GENERATED = /\w+\s+GENERATED\s+ALWAYS\s+AS\s+\((.*?)\)\s+STORED/i;

/** A primary key gets the name that other servers give it, by which it is dropped. */
function named(statement: string, table: string): string {
  return statement.replace(PRIMARY_KEY, `, CONSTRAINT ${table}_pkey PRIMARY KEY (`);
}

/** The table that a statement makes; null: it makes none. */
export function madeTable(statement: string): string | null {
  return /^\s*CREATE\s+TABLE\s+(\w+)/i.exec(statement)?.[1] ?? null;
}

/** What an administrator does with a table that is to be replicated, as soon as it is there. */
export function enabling(table: string, extractType: 'changeTracking' | 'cdc' | 'nothing'): string[] {
  if (extractType === 'nothing') return [];
  if (extractType === 'cdc') {
    return [
      `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @supports_net_changes = 0`,
    ];
  }
  const hasKey = `EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'dbo.${table}') AND type = 'PK')`;
  return [`IF ${hasKey} ALTER TABLE dbo.${table} ENABLE CHANGE_TRACKING`, ...(table === BUSY ? watching(table) : [])];
}
