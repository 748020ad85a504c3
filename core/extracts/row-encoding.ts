import type { TableSchema } from '../changes/table-schema.ts';

/**
 * The lines of extract parts: LOAD DATA's default dialect, which SingleStore and MySQL read alike.
 * Fields end with TAB, lines with LF, `\` escapes, NULL is `\N`. Only `\`, TAB and LF (and NUL, which some servers stop at) are escaped.
 *
 * A line of a chunk (full extract): the schema's columns; before them `__row` where the table has no key.
 *
 * A line of a delta part begins with lead columns:
 * | column | content |
 * |---|---|
 * | `__op` | `U`: the row as it is after the change; `D`: the row is gone |
 * | `__seq` | decimal; a total order of all changes of a pipeline, stable across replays |
 * | `__at` | commit time at the source, `YYYY-MM-DD HH:MM:SS.ffffff`, UTC |
 * | `__absent` | for tables with a key: ordinals (from 1, comma-separated) of columns that the source did not send; empty: all are there. The destination takes them from the row that stood under the origin key |
 * | `__origin1`…`__originN` | for tables with a key: the key under which the row stood before this extract part; `\N` where `__absent` is empty |
 * | `__row`, `__ordinal` | for tables without a key: the row's hash; for `U` the copy's number 1…n among the added ones, for `D` how many copies go |
 *
 * After them the schema's columns in order; in a `D` line all but the key columns are `\N`.
 */
export function leadColumns(identity: TableSchema['identity']): string[] {
  const lead = ['__op', '__seq', '__at'];
  if (identity.tag === 'row') return [...lead, '__row', '__ordinal'];
  return [...lead, '__absent', ...identity.columns.map((_, index) => `__origin${index + 1}`)];
}

/** Names that a replicated column cannot have. */
export const RESERVED_COLUMN = /^__(op|seq|at|absent|origin\d+|row|ordinal|load)$/;

const SPECIAL = /[\\\t\n\0]/;
const SPECIAL_EVERYWHERE = /[\\\t\n\0]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' };

/** One field; null is NULL. */
export function encodeField(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value) ? value.replace(SPECIAL_EVERYWHERE, (character) => ESCAPED[character] ?? '') : value;
}

/** One line with its LF. */
export function encodeLine(fields: readonly (string | null)[]): string {
  let line = '';
  for (let index = 0; index < fields.length; index++) {
    line += (index === 0 ? '' : '\t') + encodeField(fields[index] ?? null);
  }
  return `${line}\n`;
}

const DECODED: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

/** One field back; the inverse of {@link encodeField}. */
export function decodeField(field: string): string | null {
  if (field === '\\N') return null;
  if (!field.includes('\\')) return field;
  return field.replace(/\\(.)/gs, (_, character: string) => DECODED[character] ?? character);
}

/** One line without its LF → its fields. */
export function decodeLine(line: string): (string | null)[] {
  return line.split('\t').map(decodeField);
}

/** The `__seq` of change `index` (from 0, below 10^10) of an extract: fits a signed BIGINT for 900 million extracts. */
export function sequenceText(extract: number, index: number): string {
  return `${extract}${index.toString().padStart(10, '0')}`;
}
