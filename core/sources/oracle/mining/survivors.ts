import { recordEnd, recordKind, recordOperation, recordRowId, recordTable } from './change-record.ts';
import type { RecordLog } from './record-log.ts';
import { OPERATION } from './row-record.ts';
import type { SpillFiles } from './spilled-bytes.ts';

/** ROW_ID of a row with a large LOB: it says nothing of where the row is. */
export const PLACEHOLDER_ROW_ID = 'AAAAAAAAAAAAAAAAAA';

/** About what an undone row takes in memory while its change is looked for. */
const WANTED_BYTES = 192;
const LEAST_BYTES = 64 * 1024;

export interface Undone {
  /** Whether the record of this number was taken back. */
  has(record: number): boolean;
  /** Tables of which something was taken back that was not there, or of which nobody can tell what was. */
  readonly unmatched: ReadonlySet<number>;
  /** Tables of which something was taken back that was pieces of large values alone, as it seems. */
  readonly ofPieces: ReadonlySet<number>;
}

const NOTHING: Undone = { has: () => false, unmatched: new Set(), ofPieces: new Set() };

/**
 * Which changes of a transaction were taken back. The server takes the latest change back first, with one row for what one statement did to one
 * row, and that names the row's own ROWID: an insert by a delete, a delete by an insert, an update by an update. So each undo takes the latest change
 * of its row that is of its kind, stands before it and was not taken back yet. An insert takes what its statement wrote into its row behind it too.
 * A change of a row with a large value has a placeholder instead of a ROWID: it was taken back if the last undo behind it that still
 * looks for its change is of its kind. Pieces of large values alone are no change that could be found: who reads them asks what became of them.
 *
 * Read from the end, so that nothing is kept but the undos whose change is still to come; where these are too many for `memory` bytes the log is
 * read several times, each time for a part of the row ids: then nobody can tell what an undo of a large value is about. A bit is kept for each record.
 */
export async function undoneChanges(log: RecordLog, files: SpillFiles, memory: number): Promise<Undone> {
  if (log.undos === 0) return NOTHING;
  const parts = Math.ceil((log.undos * WANTED_BYTES) / Math.max(memory, LEAST_BYTES));
  const undone = new Uint8Array(Math.ceil(log.count / 8));
  const unmatched = new Set<number>();
  const ofPieces = new Set<number>();
  for (let part = 0; part < parts; part++) {
    const pending = await markUndone(log, files, { part, parts }, undone, unmatched);
    for (const table of pending.tables(false)) unmatched.add(table);
    for (const table of pending.tables(true)) ofPieces.add(table);
  }
  return { has: (record) => ((undone[record >> 3] ?? 0) & (1 << (record & 7))) !== 0, unmatched, ofPieces };
}

async function markUndone(
  log: RecordLog,
  files: SpillFiles,
  { part, parts }: { readonly part: number; readonly parts: number },
  undone: Uint8Array,
  unmatched: Set<number>,
): Promise<PendingUndos> {
  const pending = new PendingUndos(unmatched, parts === 1);
  let record = log.count;
  for await (const piece of log.piecesBackwards(files)) {
    for (const start of starts(piece).reverse()) {
      record--;
      const kind = recordKind(piece, start);
      const row = {
        rowId: recordRowId(piece, start),
        table: recordTable(piece, start),
        operation: recordOperation(piece, start),
      };
      const isHere = parts === 1 || !hasRowId(row) || hash(row.rowId) % parts === part;
      if (kind === 'piece') pending.passPiece(row.table);
      else if (kind === 'undo') {
        if (isHere) pending.add(row);
      } else if (kind === 'change' || kind === 'obstacle') {
        if (isHere && pending.take(row)) undone[record >> 3] = (undone[record >> 3] ?? 0) | (1 << (record & 7));
      }
    }
  }
  return pending;
}

interface Changed {
  /** Empty, or a placeholder: it is not told. */
  readonly rowId: string;
  readonly table: number;
  /** OPERATION_CODE. */
  readonly operation: number;
}

interface Undo extends Changed {
  isDone: boolean;
  /** It may belong to pieces of a large value behind which no change of a row stands. */
  mayBeOfPieces: boolean;
}

/** Undos whose change is still to come, on the way from the end of a transaction to its beginning. */
class PendingUndos {
  readonly #unmatched: Set<number>;
  readonly #isAll: boolean;
  readonly #byRow = new Map<string, Undo[]>();
  /** The last one is that of the latest change. */
  readonly #byTable = new Map<number, Undo[]>();
  /** Those that the pieces above the next change may have. */
  #ofPieces: Undo[] = [];

  /** `isAll`: it is told of the undos of all rows. */
  constructor(unmatched: Set<number>, isAll: boolean) {
    this.#unmatched = unmatched;
    this.#isAll = isAll;
  }

  add(undo: Changed): void {
    this.#ofPieces = [];
    const known = { ...undo, isDone: false, mayBeOfPieces: false };
    const { rowId, table } = undo;
    if (hasRowId(undo)) listOf(this.#byRow, rowId).push(known);
    listOf(this.#byTable, table).push(known);
  }

  /** Whether the change was taken back. */
  take(change: Changed): boolean {
    const isTaken = hasRowId(change) ? this.#takeOfRow(change) : this.#takeLatest(change);
    this.#ofPieces = [];
    return isTaken;
  }

  passPiece(table: number): void {
    const latest = this.#latest(table);
    if (latest?.operation !== OPERATION.update || latest.mayBeOfPieces) return;
    if (!this.#isAll) this.#unmatched.add(table);
    for (const undo of this.#byRow.get(latest.rowId) ?? [latest]) {
      if (undo.isDone || undo.operation !== OPERATION.update) continue;
      undo.mayBeOfPieces = true;
      this.#ofPieces.push(undo);
    }
  }

  /** Of undos that have found no change. `areOfPieces`: those that may belong to pieces, else all others. */
  tables(areOfPieces: boolean): readonly number[] {
    return [...this.#byTable].flatMap(([table, undos]) =>
      undos.some(({ isDone, mayBeOfPieces }) => !isDone && mayBeOfPieces === areOfPieces) ? [table] : [],
    );
  }

  #takeOfRow({ rowId, table, operation }: Changed): boolean {
    const undos = this.#byRow.get(rowId);
    if (undos === undefined) return false;
    const undo = undos.findLast(({ operation: back }) => reverses(back, operation) || reversesBefore(back, operation));
    if (undo === undefined) return false;
    // What the statement of an insert wrote into its row goes with it, and not with what was done to a row that stood there before.
    if (!reverses(undo.operation, operation)) return true;
    if (undo.mayBeOfPieces) this.#unmatched.add(table);
    undo.isDone = true;
    undos.splice(undos.indexOf(undo), 1);
    if (undos.length === 0) this.#byRow.delete(rowId);
    this.#latest(table);
    return true;
  }

  #takeLatest({ table, operation }: Changed): boolean {
    const undo = this.#latest(table);
    if (undo === null || !reverses(undo.operation, operation)) return false;
    if (!this.#isAll) this.#unmatched.add(table);
    // The pieces above are its own.
    for (const one of this.#ofPieces) one.mayBeOfPieces = false;
    if (undo.mayBeOfPieces) this.#unmatched.add(table);
    undo.isDone = true;
    const undos = this.#byRow.get(undo.rowId);
    undos?.splice(undos.indexOf(undo), 1);
    if (undos?.length === 0) this.#byRow.delete(undo.rowId);
    this.#latest(table);
    return true;
  }

  #latest(table: number): Undo | null {
    const undos = this.#byTable.get(table);
    while (undos?.at(-1)?.isDone === true) undos.pop();
    return undos?.at(-1) ?? null;
  }
}

function listOf<Key>(lists: Map<Key, Undo[]>, key: Key): Undo[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** Whether the undo is of an insert, and the change may be of its statement. */
function reversesBefore(undo: number, change: number): boolean {
  return undo === OPERATION.delete && change === OPERATION.update;
}

/** What LogMiner cannot tell may be anything. */
function reverses(undo: number, change: number): boolean {
  if (undo === OPERATION.unsupported || change === OPERATION.unsupported) return true;
  if (change === OPERATION.insert) return undo === OPERATION.delete;
  if (change === OPERATION.delete) return undo === OPERATION.insert;
  return undo === change;
}

function hasRowId({ rowId }: Changed): boolean {
  return rowId !== '' && rowId !== PLACEHOLDER_ROW_ID;
}

function starts(piece: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < piece.length; at = recordEnd(piece, at)) found.push(at);
  return found;
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
