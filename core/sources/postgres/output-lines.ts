import { rowHash } from '../../changes/row-digest.ts';
import { decodeField, encodeLine } from '../../extracts/row-encoding.ts';
import type { MisfitRow } from '../source-connector.ts';
import type { ReplicatedTable } from './describe.ts';
import { canonicalRow, columnDecoders, type ColumnDecoder } from '../row-decoder.ts';

/** Lines of COPY in the server's own output text → lines to load, judged and converted by code, a message a line. */
export class OutputLines {
  rows = 0;
  readonly #table: ReplicatedTable;
  readonly #decoders: readonly ColumnDecoder[];
  readonly #onMisfit: (misfit: MisfitRow) => void;
  #lines: string[] = [];

  constructor(table: ReplicatedTable, onMisfit: (misfit: MisfitRow) => void) {
    this.#table = table;
    this.#decoders = columnDecoders(table);
    this.#onMisfit = onMisfit;
  }

  /** One message of the COPY: one row with its line end. */
  add(buffer: Buffer, start: number, end: number): void {
    const outputs = parseLine(buffer.toString('utf8', start, end - 1));
    const { values, misfit } = canonicalRow(this.#decoders, outputs);
    if (misfit !== null) {
      const row = Object.fromEntries(
        this.#table.columns.map(({ column }, index) => [column.name, outputs[index] ?? null]),
      );
      this.#onMisfit({ ...misfit, row });
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

const PAGE_ESCAPES: Readonly<Record<string, string>> = { f: '\f', v: '\v' };

/** One line of COPY without its line end → its fields. COPY escapes two characters more than LOAD DATA does. */
export function parseLine(line: string): (string | null)[] {
  return line.split('\t').map((field) => {
    if (!field.includes('\\')) return field;
    if (!/\\[fv]/.test(field)) return decodeField(field);
    return decodeField(field.replace(/\\(.)/gs, (escape, letter: string) => PAGE_ESCAPES[letter] ?? escape));
  });
}
