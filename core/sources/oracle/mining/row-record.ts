import type { ChangeRecord } from './change-record.ts';
import type { MinedRow } from './mined-row.ts';

/** OPERATION_CODE. */
export const OPERATION = {
  insert: 1,
  delete: 2,
  update: 3,
  ddl: 5,
  start: 6,
  commit: 7,
  missingScn: 34,
  rollback: 36,
  unsupported: 255,
} as const;

/** Locator, write, trim and erase of a LOB (29 in practice, 28 as documented), XML documents, extended strings. */
const PIECES: ReadonlySet<number> = new Set([9, 10, 11, 28, 29, 68, 70, 71, 91, 92, 93]);
/** INTERNAL. */
const LOCATOR = 9;
const TEMPORARY = '/* No SQL_REDO for temporary tables */';
const UNSUPPORTED = 'Unsupported';
const MISMATCHED = 2;
/** Supplemental logging was off: the statement may be of a part of the row, or of another one (Utilities, "Tracking DDL Statements"). */
const UNSURE = 3;

/** What a row says of its table, or null where it says nothing that anybody needs. `table`: its number. */
export function recordOf(row: MinedRow, table: number): ChangeRecord | null {
  const { operation, rowId, sql } = row;
  if (sql?.startsWith(TEMPORARY) === true) return null;
  const record = { operation, table, rowId, isMismatch: isMismatch(row), text: sql };
  switch (operation) {
    case OPERATION.insert:
    case OPERATION.delete:
    case OPERATION.update:
      // How a change was taken back is of no interest: an undo of an update says no condition, that of an insert only a ROWID.
      if (row.isUndo) return { ...record, kind: 'undo', text: null };
      if (sql === null || sql.startsWith(UNSUPPORTED) || row.status === UNSURE)
        return { ...record, kind: 'obstacle', text: untold(row) };
      return { ...record, kind: 'change' };
    case OPERATION.unsupported:
      if (row.isUndo) return { ...record, kind: 'undo', text: null };
      return { ...record, kind: 'obstacle', text: untold(row) };
    case OPERATION.ddl:
      return { ...record, kind: 'ddl' };
    default:
      // Beginnings of pieces say nothing, where each piece says itself what it belongs to.
      if (!PIECES.has(operation) || (operation === LOCATOR && sql === null)) return null;
      return { ...record, kind: row.isUndo ? 'undonePiece' : 'piece' };
  }
}

const EXCHANGED =
  /\bEXCHANGE\s+(?:SUB)?PARTITION\b.*?\bWITH\s+TABLE\s+(?:("[^"]+"|[\w$#]+)\s*\.\s*)?("[^"]+"|[\w$#]+)/is;

/** The row, once for each table that it may be about: a statement that gives a table's rows to another one's partition names the other one alone. */
export function concerned(row: MinedRow): readonly MinedRow[] {
  if (row.operation !== OPERATION.ddl) return [row];
  const [, schema, table] = EXCHANGED.exec(row.sql ?? '') ?? [];
  if (table === undefined) return [row];
  const object = { id: null, version: null, dataId: null };
  // Without a schema it is one of whoever gave the statement, or of the same as the other's.
  const owners = schema === undefined ? new Set([row.owner, row.user]) : [namedBy(schema)];
  return [row, ...[...owners].map((owner) => ({ ...row, owner, table: namedBy(table), object }))];
}

function namedBy(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1) : written.toUpperCase();
}

/** With nothing in INFO it is a LONG, which can be read; for pieces of a LOB it is as always. */
function isMismatch({ operation, status, info, table, owner }: MinedRow): boolean {
  if (operation !== OPERATION.insert && operation !== OPERATION.delete && operation !== OPERATION.update) return false;
  if (owner === 'UNKNOWN' || table?.startsWith('OBJ# ') === true) return true;
  return status === MISMATCHED && info !== null && info !== '';
}

/** INFO is LogMiner's own text and holds no value. */
function untold({ info, scn }: MinedRow): string {
  const why = info === null || info === '' ? 'LogMiner does not support it' : info;
  return `a change at SCN ${scn} cannot be read from the redo log: ${why}`;
}
