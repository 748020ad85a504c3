import { recordEnd, recordKind, recordRowId, recordTable } from './change-record.ts';
import type { RecordLog } from './record-log.ts';
import type { SpillFiles } from './spilled-bytes.ts';

/** ROW_ID of a row with a large LOB: it says nothing of where the row is. */
export const PLACEHOLDER_ROW_ID = 'AAAAAAAAAAAAAAAAAA';

/** About what an undone row takes in memory while its change is looked for. */
const WANTED_BYTES = 128;

export interface Undone {
  /** Whether the record of this number was taken back. */
  has(record: number): boolean;
  /** Tables of which something was taken back that was not there. */
  readonly unmatched: ReadonlySet<number>;
}

const NOTHING: Undone = { has: () => false, unmatched: new Set() };

/**
 * Which changes of a transaction were taken back: each undo takes the latest change of its row that stands before it and was not taken back yet.
 * Read from the end, so that nothing is kept but the undos whose change is still to come; where these are too many for `memory` bytes the log is
 * read several times, each time for a part of the row ids. A bit is kept for each record.
 */
export async function undoneChanges(log: RecordLog, files: SpillFiles, memory: number): Promise<Undone> {
  if (log.undos === 0) return NOTHING;
  const parts = Math.ceil((log.undos * WANTED_BYTES) / memory);
  const undone = new Uint8Array(Math.ceil(log.count / 8));
  const unmatched = new Set<number>();
  for (let part = 0; part < parts; part++) await markUndone(log, files, { part, parts }, undone, unmatched);
  return { has: (record) => ((undone[record >> 3] ?? 0) & (1 << (record & 7))) !== 0, unmatched };
}

interface Wanted {
  count: number;
  readonly table: number;
}

async function markUndone(
  log: RecordLog,
  files: SpillFiles,
  { part, parts }: { readonly part: number; readonly parts: number },
  undone: Uint8Array,
  unmatched: Set<number>,
): Promise<void> {
  const wanted = new Map<string, Wanted>();
  let record = log.count;
  for await (const piece of log.piecesBackwards(files)) {
    for (const start of starts(piece).reverse()) {
      record--;
      const kind = recordKind(piece, start);
      if (kind !== 'undo' && !isTakenBack(kind)) continue;
      const row = rowOf(piece, start);
      if (parts > 1 && hash(row) % parts !== part) continue;
      const found = wanted.get(row);
      if (kind === 'undo') {
        if (found === undefined) wanted.set(row, { count: 1, table: recordTable(piece, start) });
        else found.count++;
      } else if (found !== undefined) {
        undone[record >> 3] = (undone[record >> 3] ?? 0) | (1 << (record & 7));
        if (--found.count === 0) wanted.delete(row);
      }
    }
  }
  for (const { table } of wanted.values()) unmatched.add(table);
}

function isTakenBack(kind: ReturnType<typeof recordKind>): boolean {
  return kind === 'change' || kind === 'obstacle';
}

/** The row that an undo and its change have in common. Rows without an address of their own are those of their table: the latest is meant. */
function rowOf(piece: Buffer, start: number): string {
  const rowId = recordRowId(piece, start);
  return rowId === PLACEHOLDER_ROW_ID || rowId === '' ? `${rowId}/${recordTable(piece, start)}` : rowId;
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
