/** What a row of an open transaction leaves behind until its commit. Kept as bytes, in memory or on disk. */
export interface ChangeRecord {
  readonly kind: RecordKind;
  /** OPERATION_CODE. */
  readonly operation: number;
  /** Number of the row's table among those met. */
  readonly table: number;
  readonly rowId: string | null;
  /** The dictionary did not know the table as it was: names are missing. */
  readonly isMismatch: boolean;
  /** SQL_REDO; the reason for `obstacle`. */
  readonly text: string | null;
}

export const RECORD_KINDS = ['change', 'undo', 'piece', 'undonePiece', 'ddl', 'obstacle'] as const;
/**
 * `change`: insert, update or delete. `undo`: takes the latest change of its row back. `piece`: of a LOB, an XML document or an extended string.
 * `undonePiece`: one that was taken back. `obstacle`: something that cannot be told.
 */
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Length, kind, operation, flags, length of the row id, table. */
const HEAD = 12;
const IS_MISMATCH = 1;
const HAS_ROW_ID = 2;
const HAS_TEXT = 4;

/** Bytes of a record, at most a few more than it takes. */
export function roomFor(record: ChangeRecord): number {
  const text = record.text ?? '';
  // Measuring is slower than assuming the worst, which short texts can afford.
  return HEAD + (record.rowId?.length ?? 0) + (text.length < 1024 ? text.length * 3 : Buffer.byteLength(text));
}

/** @returns where the record ends */
export function writeRecord(record: ChangeRecord, buffer: Buffer, start: number): number {
  const { kind, operation, table, rowId, isMismatch, text } = record;
  let end = start + HEAD;
  if (rowId !== null) end += buffer.write(rowId, end, 'latin1');
  if (text !== null) end += buffer.write(text, end, 'utf8');
  buffer.writeUInt32LE(end - start, start);
  buffer[start + 4] = RECORD_KINDS.indexOf(kind);
  buffer[start + 5] = operation;
  buffer[start + 6] =
    (isMismatch ? IS_MISMATCH : 0) | (rowId === null ? 0 : HAS_ROW_ID) | (text === null ? 0 : HAS_TEXT);
  buffer[start + 7] = rowId?.length ?? 0;
  buffer.writeUInt32LE(table, start + 8);
  return end;
}

/** Where the record that begins at `start` ends. */
export function recordEnd(buffer: Buffer, start: number): number {
  return start + buffer.readUInt32LE(start);
}

export function recordKind(buffer: Buffer, start: number): RecordKind {
  return RECORD_KINDS[buffer[start + 4] ?? 0] ?? 'obstacle';
}

export function recordOperation(buffer: Buffer, start: number): number {
  return buffer[start + 5] ?? 0;
}

/** The row id's bytes: empty where it has none. */
export function recordRowId(buffer: Buffer, start: number): string {
  return buffer.toString('latin1', start + HEAD, start + HEAD + (buffer[start + 7] ?? 0));
}

export function recordTable(buffer: Buffer, start: number): number {
  return buffer.readUInt32LE(start + 8);
}

export function readRecord(buffer: Buffer, start: number): ChangeRecord {
  const flags = buffer[start + 6] ?? 0;
  const text = start + HEAD + (buffer[start + 7] ?? 0);
  return {
    kind: recordKind(buffer, start),
    operation: recordOperation(buffer, start),
    table: recordTable(buffer, start),
    rowId: (flags & HAS_ROW_ID) === 0 ? null : recordRowId(buffer, start),
    isMismatch: (flags & IS_MISMATCH) !== 0,
    text: (flags & HAS_TEXT) === 0 ? null : buffer.toString('utf8', text, recordEnd(buffer, start)),
  };
}
