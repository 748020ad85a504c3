import type { SourcePosition } from '../../../changes/position.ts';
import { readRecord, recordEnd, recordKind, recordTable, type ChangeRecord, type RecordKind } from './change-record.ts';
import type { MinedTable, MinedTables } from './mined-table.ts';
import type { RecordLog } from './record-log.ts';
import type { SpillFiles } from './spilled-bytes.ts';
import { undoneChanges } from './survivors.ts';

/** What the redo log tells, transaction by transaction in the order of their commits: `begin`, changes, `commit`; a `heartbeat` only between two. */
export type MinedEvent =
  | {
      readonly tag: 'begin';
      /** transaction-key.ts. */
      readonly key: string;
      /** Of the commit. */
      readonly scn: string;
      /** Where the commit stands among all; sorts as a string. */
      readonly order: string;
      /** Of the commit, by the database's clock: `YYYY-MM-DD HH24:MI:SS`. */
      readonly timestamp: string;
    }
  | { readonly tag: 'change'; readonly table: MinedTable; readonly record: MinedChange }
  | { readonly tag: 'ddl'; readonly table: MinedTable; readonly sql: string }
  | { readonly tag: 'obstacle'; readonly table: MinedTable; readonly reason: string }
  | { readonly tag: 'commit'; readonly position: SourcePosition; readonly scn: string; readonly timestamp: string }
  | { readonly tag: 'heartbeat'; readonly position: SourcePosition; readonly timestamp: string | null };

export interface MinedChange {
  /**
   * `row`: an insert, update or delete. `piece`: a step of a change of a LOB, an XML document or an extended string, behind the row that it belongs to.
   * `undonePiece`: something was taken back, such steps maybe, so that what the row holds is to be asked.
   */
  readonly kind: 'row' | 'piece' | 'undonePiece';
  /** OPERATION_CODE. */
  readonly operation: number;
  /** Null, or a placeholder, where LogMiner does not know it. */
  readonly rowId: string | null;
  /** The dictionary did not know the table as it was: names in the SQL are missing. */
  readonly isMismatch: boolean;
  /** SQL_REDO. */
  readonly sql: string | null;
}

/** A batch is given out when it has so many events, or so many characters of SQL. */
const BATCH_EVENTS = 2000;
const BATCH_CHARACTERS = 1024 * 1024;

/** What a transaction did, without what it took back itself. `memory`: bytes for finding that. */
export async function* transactionEvents(
  log: RecordLog,
  files: SpillFiles,
  tables: MinedTables,
  memory: number,
): AsyncGenerator<readonly MinedEvent[]> {
  const undone = await undoneChanges(log, files, memory);
  let events: MinedEvent[] = [...undone.unmatched].map((table) => unmatched(tables.of(table)));
  let characters = 0;
  let number = 0;
  let isInUndone = false;
  for await (const piece of log.pieces(files)) {
    for (let at = 0; at < piece.length; at = recordEnd(piece, at)) {
      const isUndone = undone.has(number++);
      const record = readRecord(piece, at);
      if (!isPiece(record.kind)) isInUndone = isUndone;
      const event =
        isUndone || (isInUndone && isPiece(record.kind)) ? null : eventOf(record, log, tables.of(record.table));
      if (event === null) continue;
      events.push(event);
      characters += record.text?.length ?? 0;
      if (events.length < BATCH_EVENTS && characters < BATCH_CHARACTERS) continue;
      yield events;
      events = [];
      characters = 0;
    }
  }
  if (events.length > 0) yield events;
}

/**
 * Whether a transaction took back all that it did, so that nothing of it is left that could be told. Where nobody can tell it did not; which pieces of
 * large values were taken back is not told, but that some were.
 */
export async function isTakenBack(log: RecordLog, files: SpillFiles, memory: number): Promise<boolean> {
  if (log.undos === 0) return log.count === 0;
  const undone = await undoneChanges(log, files, memory);
  let number = 0;
  let isInUndone = false;
  for await (const piece of log.pieces(files)) {
    for (let at = 0; at < piece.length; at = recordEnd(piece, at)) {
      const isUndone = undone.has(number++);
      const [kind, table] = [recordKind(piece, at), recordTable(piece, at)];
      if (!isPiece(kind)) isInUndone = isUndone;
      const isOfPieces = undone.ofPieces.has(table);
      const isKnown = isOfPieces || !undone.unmatched.has(table);
      if (kind === 'piece' ? !isInUndone && !isOfPieces : !isUndo(kind) && !(isUndone && isKnown)) return false;
    }
  }
  return true;
}

function isUndo(kind: RecordKind): boolean {
  return kind === 'undo' || kind === 'undonePiece';
}

/** Whatever follows a change that was taken back, up to the first that took something back, was taken back too; pieces have no undo that names them. */
function isPiece(kind: RecordKind): boolean {
  return kind === 'piece' || kind === 'undonePiece';
}

function eventOf(record: ChangeRecord, log: RecordLog, table: MinedTable): MinedEvent | null {
  const { kind, operation, rowId, isMismatch, text } = record;
  const change = { operation, rowId, isMismatch, sql: text };
  switch (kind) {
    case 'undo':
      return null;
    case 'change':
      return { tag: 'change', table, record: { ...change, kind: 'row' } };
    case 'piece':
      // The log does not tell which pieces were taken back.
      return { tag: 'change', table, record: { ...change, kind: log.undos > 0 ? 'undonePiece' : kind } };
    case 'undonePiece':
      return { tag: 'change', table, record: { ...change, kind } };
    case 'ddl':
      return { tag: 'ddl', table, sql: text ?? '' };
    case 'obstacle':
      return { tag: 'obstacle', table, reason: text ?? '' };
  }
}

function unmatched(table: MinedTable): MinedEvent {
  return {
    tag: 'obstacle',
    table,
    reason: 'a transaction took something back, and what was read of it does not tell what',
  };
}
