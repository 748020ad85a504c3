import { rowKey, rowKeyOf } from '../changes/row-key.ts';
import { keyOrdinals } from '../changes/table-schema.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { encodeLine } from '../extracts/row-encoding.ts';
import type { ReadTable } from './reading.ts';
import { canonicalRow, columnDecoders, type ColumnDecoder } from './row-decoder.ts';
import type { FetchedRows, KeyedMisfit } from './source-connector.ts';

/** Rows in output text → the lines of those that have one of the keys. The server's own comparison may have found more than these. */
export class WantedRows {
  readonly #table: ReadTable;
  readonly #decoders: readonly ColumnDecoder[];
  readonly #keys: ReadonlySet<string>;
  readonly #misfits: KeyedMisfit[] = [];
  #takenAt: Timestamp | null = null;
  #rows = 0;
  #lines: string[] = [];

  constructor(table: ReadTable, keys: readonly (readonly string[])[]) {
    this.#table = table;
    this.#decoders = columnDecoders(table);
    this.#keys = new Set(keys.map((key) => rowKey(table.schema, key)));
  }

  /** The rows are read from now on. */
  begin(takenAt: Timestamp): void {
    this.#takenAt = takenAt;
  }

  add(outputs: readonly (string | null)[]): void {
    const { schema, columns } = this.#table;
    const { values, misfit } = canonicalRow(this.#decoders, outputs);
    if (!this.#keys.has(rowKeyOf(schema, values))) return;
    if (misfit === null) {
      this.#rows++;
      this.#lines.push(encodeLine(values));
      return;
    }
    const row = Object.fromEntries(columns.map(({ column }, index) => [column.name, outputs[index] ?? null]));
    const key = keyOrdinals(schema).map((ordinal) => values[ordinal] ?? '');
    this.#misfits.push({ ...misfit, row, key });
  }

  /** The lines so far, which are then forgotten. */
  take(): Buffer {
    const bytes = Buffer.from(this.#lines.join(''), 'utf8');
    this.#lines = [];
    return bytes;
  }

  summary(): ReturnType<FetchedRows['summary']> {
    return { rows: this.#rows, misfits: this.#misfits, takenAt: this.#takenAt ?? '' };
  }
}
