import type { SourceType } from '../values/source-type.ts';

/** The value that rows have in a column that was added later: NULL, an output text that is known, or one that nobody can tell. */
export type ColumnDefault =
  { readonly tag: 'null' } | { readonly tag: 'known'; readonly output: string } | { readonly tag: 'unknown' };

interface DeclaredDefault {
  readonly type: SourceType;
  /** `COLUMN_DEFAULT`: in MariaDB an expression (`'a'`, `NULL`, `current_timestamp()`), in MySQL the text itself. */
  readonly text: string | null;
  /** `EXTRA`. */
  readonly extra: string;
  readonly nullable: boolean;
  readonly isMariaDb: boolean;
}

const UNKNOWN: ColumnDefault = { tag: 'unknown' };

/** Only plain constants of plain types are known; all else stops a table in which such a column appears, which is safe. */
export function columnDefault({ type, text, extra, nullable, isMariaDb }: DeclaredDefault): ColumnDefault {
  if (/auto_increment|generated|on update/i.test(extra)) return UNKNOWN;
  const constant = isMariaDb ? mariaDbConstant(text) : text;
  if (constant === undefined) return UNKNOWN;
  if (constant !== null) return /^current_timestamp|\(\)$/i.test(constant) ? UNKNOWN : outputOf(type, constant);
  return nullable ? { tag: 'null' } : implicitDefault(type);
}

/** Null: none, or NULL; undefined: an expression. */
function mariaDbConstant(text: string | null): string | null | undefined {
  if (text === null || text === 'NULL') return null;
  const quoted = /^'((?:[^'\\]|'')*)'$/.exec(text);
  if (quoted !== null) return (quoted[1] ?? '').replaceAll("''", "'");
  return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
}

function outputOf(type: SourceType, text: string): ColumnDefault {
  // information_schema speaks utf8mb3: a character beyond it is a question mark there, whatever the default really is.
  if (text.includes('?')) return UNKNOWN;
  if (type.tag === 'integer') return /^-?\d+$/.test(text) ? known(BigInt(text).toString()) : UNKNOWN;
  if (type.tag === 'decimal') return decimalOutput(text, type.scale);
  if (type.tag === 'varchar' || type.tag === 'enum') return known(text);
  if (type.tag === 'char') return known(text.replace(/ +$/, ''));
  if (type.tag === 'date') return /^[1-9]\d{3}-\d\d-\d\d$/.test(text) ? known(text) : UNKNOWN;
  return UNKNOWN;
}

function known(output: string): ColumnDefault {
  return { tag: 'known', output };
}

function decimalOutput(text: string, scale: number): ColumnDefault {
  const match = /^(-?)0*(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[3] ?? '';
  if (match === null || fraction.length > scale) return UNKNOWN;
  const digits = `${match[2] ?? ''}${scale === 0 ? '' : `.${fraction.padEnd(scale, '0')}`}`;
  return { tag: 'known', output: `${match[1] ?? ''}${digits}` };
}

/** What NOT NULL columns without a default get when they are added (manual, "Data Type Default Values"). */
function implicitDefault(type: SourceType): ColumnDefault {
  if (type.tag === 'integer') return known('0');
  if (type.tag === 'decimal') return decimalOutput('0', type.scale);
  if (type.tag === 'varchar' || type.tag === 'char' || type.tag === 'text') return known('');
  return type.tag === 'enum' ? known(type.labels[0] ?? '') : UNKNOWN;
}
