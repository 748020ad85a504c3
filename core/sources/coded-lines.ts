import { rowHash } from '../changes/row-digest.ts';
import { fetchKey } from '../changes/row-key.ts';
import { encodeLine } from '../extracts/row-encoding.ts';
import type { ReadTable } from './reading.ts';
import { canonicalRow, columnDecoders, type ColumnDecoder } from './row-decoder.ts';
import type { MisfitRow } from './source-connector.ts';

/** Rows in the server's own output text → lines to load, judged, converted and hashed by code. */
export class CodedLines {
  rows = 0;
  readonly #table: ReadTable;
  readonly #decoders: readonly ColumnDecoder[];
  readonly #onMisfit: (misfit: MisfitRow) => void;
  #lines: string[] = [];

  constructor(table: ReadTable, onMisfit: (misfit: MisfitRow) => void) {
    this.#table = table;
    this.#decoders = columnDecoders(table);
    this.#onMisfit = onMisfit;
  }

  add(outputs: readonly (string | null)[]): void {
    const { values, misfit } = canonicalRow(this.#decoders, outputs);
    if (misfit !== null) {
      const row = Object.fromEntries(
        this.#table.columns.map(({ column }, index) => [column.name, outputs[index] ?? null]),
      );
      const { schema } = this.#table;
      this.#onMisfit({ ...misfit, row, key: fetchKey(schema, values, misfit.column) });
      return;
    }
    this.rows++;
    this.#lines.push(encodeLine(this.#table.schema.identity.tag === 'row' ? [rowHash(values), ...values] : values));
  }

  /** The lines so far, which are then forgotten. */
  take(): Buffer {
    const bytes = Buffer.from(this.#lines.join(''), 'utf8');
    this.#lines = [];
    return bytes;
  }
}
