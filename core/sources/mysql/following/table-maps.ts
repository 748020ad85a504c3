import type { TableName } from '../../../changes/table-name.ts';
import type { EventHeader } from '../binlog/event-header.ts';
import type { LoggedTable } from '../logged-table.ts';

/** What is known of the rows that a table map announces. */
export type MappedRows =
  | { readonly tag: 'notChosen' }
  | { readonly tag: 'read'; readonly table: TableName; readonly plan: LoggedTable }
  | { readonly tag: 'obstacle'; readonly table: TableName; readonly reason: string };

interface Entry {
  /** The event's body. */
  readonly bytes: Buffer;
  readonly rows: MappedRows;
}

/** More are forgotten between transactions: a server numbers a table anew whenever it opens it again. */
const MOST = 4096;

/** Table maps by the number that rows refer to, and by content: a statement repeats its map, a server repeats a table under other numbers. */
export class TableMaps {
  readonly #byNumber = new Map<number, Entry>();
  readonly #byContent = new Map<string, Entry>();

  /** Of the rows that follow; undefined: no map came for that number. */
  rowsOf(number: number): MappedRows | undefined {
    return this.#byNumber.get(number)?.rows;
  }

  /** Takes a table map that is known already. @returns false for one that is not */
  recall(number: number, buffer: Buffer, header: EventHeader, idBytes: number): boolean {
    const entry = this.#byNumber.get(number);
    if (entry?.bytes.compare(buffer, header.start, header.end) === 0) return true;
    const known = this.#byContent.get(contentOf(buffer, header.start + idBytes, header.end));
    if (known === undefined) return false;
    this.#byNumber.set(number, { bytes: Buffer.from(buffer.subarray(header.start, header.end)), rows: known.rows });
    return true;
  }

  learn(number: number, bytes: Buffer, idBytes: number, rows: MappedRows): void {
    const entry = { bytes, rows };
    this.#byNumber.set(number, entry);
    this.#byContent.set(contentOf(bytes, idBytes, bytes.length), entry);
  }

  /** Between transactions no rows refer to a map any more. */
  trim(): void {
    if (this.#byNumber.size > MOST) this.#byNumber.clear();
    if (this.#byContent.size > MOST) this.#byContent.clear();
  }

  /** The server began to number anew. */
  forgetNumbers(): void {
    this.#byNumber.clear();
  }

  /** Some table's structure is another one now. */
  forgetAll(): void {
    this.#byNumber.clear();
    this.#byContent.clear();
  }
}

function contentOf(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
