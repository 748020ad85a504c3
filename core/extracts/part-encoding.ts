import { keyOrdinals, type TableSchema } from '../changes/table-schema.ts';
import { rowHash } from '../changes/row-digest.ts';
import { datetimeText } from '../changes/timestamp.ts';
import type { RowValues } from '../changes/change.ts';
import type { CompactedLine, Compaction } from './compaction.ts';
import { encodeField, sequenceText } from './row-encoding.ts';

/** The lines of a part as bytes, and what the manifest says of them. */
export interface EncodedLines {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly hasAbsent: boolean;
}

const FLUSH_CHARACTERS = 1 << 16;

export function encodeLines(extract: number, schema: TableSchema, compaction: Compaction): EncodedLines {
  const encoder = new LineEncoder(extract, schema);
  const buffers: Buffer[] = [];
  let text = '';
  for (const line of compaction.lines()) {
    text += encoder.encode(line);
    if (text.length >= FLUSH_CHARACTERS) {
      buffers.push(Buffer.from(text, 'utf8'));
      text = '';
    }
  }
  if (text !== '') buffers.push(Buffer.from(text, 'utf8'));
  return { bytes: Buffer.concat(buffers), rows: encoder.rows, hasAbsent: encoder.hasAbsent };
}

class LineEncoder {
  rows = 0;
  hasAbsent = false;
  readonly #extract: number;
  readonly #columns: number;
  readonly #key: readonly number[];
  readonly #isKey: readonly boolean[];
  readonly #byRow: boolean;
  readonly #nullOrigin: string;

  constructor(extract: number, schema: TableSchema) {
    this.#extract = extract;
    this.#columns = schema.columns.length;
    this.#key = keyOrdinals(schema);
    this.#isKey = schema.columns.map((_, index) => this.#key.includes(index));
    this.#byRow = schema.identity.tag === 'row';
    this.#nullOrigin = '\t\\N'.repeat(this.#key.length);
  }

  encode(line: CompactedLine): string {
    this.rows++;
    let text = `${line.op}\t${sequenceText(this.#extract, line.index)}\t${datetimeText(line.at)}`;
    if (this.#byRow) text += `\t${rowHash(line.values)}\t${line.ordinal}`;
    else text += this.#absentAndOrigin(line);
    return `${text}${this.#fields(line)}\n`;
  }

  #absentAndOrigin(line: CompactedLine): string {
    const absent = line.op === 'U' ? absentOrdinals(line.values) : '';
    if (absent === '' || line.op !== 'U') return `\t${this.#nullOrigin}`;
    this.hasAbsent = true;
    const { origin } = line;
    const originText = origin === null ? this.#nullOrigin : origin.map((value) => `\t${encodeField(value)}`).join('');
    return `\t${absent}${originText}`;
  }

  #fields(line: CompactedLine): string {
    let text = '';
    const keyOnly = line.op === 'D' && !this.#byRow;
    for (let index = 0; index < this.#columns; index++) {
      const value = keyOnly && this.#isKey[index] !== true ? null : line.values[index];
      text += value === null || value === undefined ? '\t\\N' : `\t${encodeField(value)}`;
    }
    return text;
  }
}

/** Ordinals from 1 of the values that are not there, comma-separated. */
function absentOrdinals(values: RowValues): string {
  if (!values.includes(undefined)) return '';
  return values.flatMap((value, index) => (value === undefined ? [index + 1] : [])).join(',');
}
