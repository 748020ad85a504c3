/**
 * A column's type as the server's catalog tells it. `fraction` and `scale`: digits behind the point; `precision`: null where none is declared.
 * `isNational`: of the national character set (NCHAR, NVARCHAR2, NCLOB).
 */
export type SourceType =
  /** NUMBER. Without a scale any number; INTEGER is (38, 0). The scale may be negative, or above the precision. */
  | { readonly tag: 'number'; readonly precision: number; readonly scale: number | null }
  /** FLOAT: a NUMBER whose precision is told in binary digits. */
  | { readonly tag: 'float'; readonly bits: number }
  /** BINARY_FLOAT (32) and BINARY_DOUBLE (64). */
  | { readonly tag: 'binaryFloat'; readonly bits: 32 | 64 }
  /** Padded with spaces. `characters`: for a length in bytes the most that there can be. */
  | { readonly tag: 'char'; readonly isNational: boolean; readonly characters: number }
  | { readonly tag: 'varchar'; readonly isNational: boolean; readonly characters: number }
  | { readonly tag: 'clob'; readonly isNational: boolean }
  | { readonly tag: 'long' }
  | { readonly tag: 'raw'; readonly bytes: number }
  | { readonly tag: 'blob' }
  | { readonly tag: 'longRaw' }
  /** With a time of day, to the second. */
  | { readonly tag: 'date' }
  | { readonly tag: 'timestamp'; readonly fraction: number }
  /** TIMESTAMP WITH TIME ZONE. */
  | { readonly tag: 'zoned'; readonly fraction: number }
  /** TIMESTAMP WITH LOCAL TIME ZONE. */
  | { readonly tag: 'local'; readonly fraction: number }
  /** INTERVAL YEAR TO MONTH. */
  | { readonly tag: 'yearMonth'; readonly years: number }
  /** INTERVAL DAY TO SECOND. */
  | { readonly tag: 'daySecond'; readonly days: number; readonly fraction: number }
  | { readonly tag: 'rowid' }
  | { readonly tag: 'urowid'; readonly bytes: number }
  | { readonly tag: 'boolean' }
  | { readonly tag: 'xml' }
  | { readonly tag: 'json' }
  | { readonly tag: 'ref' }
  /** The pseudo column ORA_ROWSCN: the SCN of the row's last change, or of its block's. */
  | { readonly tag: 'rowScn' }
  /** BFILE, objects, collections, and whatever newer servers have: neither read nor replicated. */
  | { readonly tag: 'unsupported'; readonly name: string };

/** As ALL_TAB_COLS tells it; null where it says nothing. */
export interface CatalogType {
  /** DATA_TYPE: `NUMBER`, `TIMESTAMP(6) WITH TIME ZONE`. */
  readonly name: string;
  /** The schema of an object type. */
  readonly owner: string | null;
  /** In bytes. */
  readonly length: number;
  /** CHAR_LENGTH: of the column in characters, whatever its length was declared in. */
  readonly characters: number;
  readonly precision: number | null;
  readonly scale: number | null;
}

const NUMBER_PRECISION = 38;
const DEFAULT_FRACTION = 6;
const FLOAT_BITS = 126;

/** Types that have no lengths of their own. */
const PLAIN: Readonly<Record<string, SourceType>> = {
  BINARY_FLOAT: { tag: 'binaryFloat', bits: 32 },
  BINARY_DOUBLE: { tag: 'binaryFloat', bits: 64 },
  CLOB: { tag: 'clob', isNational: false },
  NCLOB: { tag: 'clob', isNational: true },
  LONG: { tag: 'long' },
  BLOB: { tag: 'blob' },
  'LONG RAW': { tag: 'longRaw' },
  DATE: { tag: 'date' },
  ROWID: { tag: 'rowid' },
  BOOLEAN: { tag: 'boolean' },
  JSON: { tag: 'json' },
};

export function sourceTypeOf(type: CatalogType): SourceType {
  const { name, owner, length, characters, precision, scale } = type;
  if (name === 'XMLTYPE') return { tag: 'xml' };
  if (owner !== null) return name.startsWith('REF ') ? { tag: 'ref' } : { tag: 'unsupported', name };
  const plain = PLAIN[name];
  if (plain !== undefined) return plain;
  switch (name) {
    case 'NUMBER':
      return { tag: 'number', precision: precision ?? NUMBER_PRECISION, scale };
    case 'FLOAT':
      return { tag: 'float', bits: precision ?? FLOAT_BITS };
    case 'CHAR':
    case 'NCHAR':
      return { tag: 'char', isNational: name === 'NCHAR', characters };
    case 'VARCHAR2':
    case 'NVARCHAR2':
      return { tag: 'varchar', isNational: name === 'NVARCHAR2', characters };
    case 'RAW':
      return { tag: 'raw', bytes: length };
    case 'UROWID':
      return { tag: 'urowid', bytes: length };
    case 'REF':
      return { tag: 'ref' };
    default:
      return timeType(type);
  }
}

/** `TIMESTAMP(6) WITH LOCAL TIME ZONE`, `INTERVAL DAY(2) TO SECOND(6)`: the catalog writes precisions into the names. */
function timeType({ name, precision, scale }: CatalogType): SourceType {
  const fraction = scale ?? DEFAULT_FRACTION;
  switch (name.replaceAll(/\(\d+\)/g, '')) {
    case 'TIMESTAMP':
      return { tag: 'timestamp', fraction };
    case 'TIMESTAMP WITH TIME ZONE':
      return { tag: 'zoned', fraction };
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return { tag: 'local', fraction };
    case 'INTERVAL YEAR TO MONTH':
      return { tag: 'yearMonth', years: precision ?? 2 };
    case 'INTERVAL DAY TO SECOND':
      return { tag: 'daySecond', days: precision ?? 2, fraction };
    default:
      return { tag: 'unsupported', name };
  }
}

/** As people write it: `NUMBER(10,2)`, `VARCHAR2(20)`. */
export function declaredType({ name, length, characters, precision, scale }: CatalogType): string {
  switch (name) {
    case 'NUMBER':
      if (scale === null) return name;
      return precision === null ? `NUMBER(*,${scale})` : `NUMBER(${precision},${scale})`;
    case 'FLOAT':
      return precision === null ? name : `FLOAT(${precision})`;
    case 'CHAR':
    case 'NCHAR':
    case 'VARCHAR2':
    case 'NVARCHAR2':
      return `${name}(${characters})`;
    case 'RAW':
    case 'UROWID':
      return `${name}(${length})`;
    default:
      return name;
  }
}

/**
 * Whether SQL_REDO tells values of the type whole and exactly. Of the others it tells some of them in pieces (large objects), some rounded
 * (binary floats), some not at all: a row with one is read again from its table.
 */
export function isToldByRedo(type: SourceType): boolean {
  return !READ_AGAIN.has(type.tag);
}

const READ_AGAIN: ReadonlySet<SourceType['tag']> = new Set([
  'binaryFloat',
  'clob',
  'blob',
  'long',
  'longRaw',
  'xml',
  'json',
  'ref',
  'boolean',
  'urowid',
  'rowScn',
  'unsupported',
]);

/** Types whose values cannot be compared, and of which an old image holds nothing. */
export function isLarge(type: SourceType): boolean {
  return LARGE.has(type.tag);
}

const LARGE: ReadonlySet<SourceType['tag']> = new Set(['clob', 'blob', 'long', 'longRaw', 'xml', 'json']);
