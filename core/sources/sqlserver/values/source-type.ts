/**
 * A column's type as the server's catalog tells it, alias types resolved. `characters` and `bytes`: null is `(max)`.
 * `fraction` and `scale`: digits behind the point.
 */
export type SourceType =
  | { readonly tag: 'integer'; readonly bits: 8 | 16 | 32 | 64 }
  | { readonly tag: 'bit' }
  | { readonly tag: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly tag: 'money'; readonly isSmall: boolean }
  /** 24: real, 53: float. */
  | { readonly tag: 'float'; readonly bits: 24 | 53 }
  /** char and nchar, padded with spaces. */
  | { readonly tag: 'char'; readonly isUnicode: boolean; readonly characters: number }
  | { readonly tag: 'varchar'; readonly isUnicode: boolean; readonly characters: number | null }
  /** text and ntext. */
  | { readonly tag: 'text'; readonly isUnicode: boolean }
  | { readonly tag: 'binary'; readonly bytes: number }
  | { readonly tag: 'varbinary'; readonly bytes: number | null }
  | { readonly tag: 'image' }
  | { readonly tag: 'date' }
  | { readonly tag: 'time'; readonly fraction: number }
  | { readonly tag: 'smalldatetime' }
  | { readonly tag: 'datetime' }
  | { readonly tag: 'datetime2'; readonly fraction: number }
  | { readonly tag: 'datetimeoffset'; readonly fraction: number }
  | { readonly tag: 'uniqueidentifier' }
  | { readonly tag: 'xml' }
  | { readonly tag: 'rowversion' }
  | { readonly tag: 'hierarchyid' }
  /** geometry and geography. */
  | { readonly tag: 'spatial'; readonly isGeography: boolean }
  | { readonly tag: 'variant' }
  /** json and vector of newer servers, types of the user's own assemblies. */
  | { readonly tag: 'unknown'; readonly name: string };

/** As sys.columns and sys.types tell it; `length` in bytes, -1 for `(max)`. */
export interface CatalogType {
  readonly name: string;
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
}

const INTEGERS: Readonly<Record<string, 8 | 16 | 32 | 64>> = { tinyint: 8, smallint: 16, int: 32, bigint: 64 };
/** Characters of nchar and nvarchar are counted in pairs of bytes. */
const WIDE = 2;

/** Types that have no lengths of their own. */
const PLAIN: Readonly<Record<string, SourceType>> = {
  bit: { tag: 'bit' },
  money: { tag: 'money', isSmall: false },
  smallmoney: { tag: 'money', isSmall: true },
  real: { tag: 'float', bits: 24 },
  float: { tag: 'float', bits: 53 },
  text: { tag: 'text', isUnicode: false },
  ntext: { tag: 'text', isUnicode: true },
  image: { tag: 'image' },
  date: { tag: 'date' },
  smalldatetime: { tag: 'smalldatetime' },
  datetime: { tag: 'datetime' },
  uniqueidentifier: { tag: 'uniqueidentifier' },
  xml: { tag: 'xml' },
  timestamp: { tag: 'rowversion' },
  rowversion: { tag: 'rowversion' },
  hierarchyid: { tag: 'hierarchyid' },
  geometry: { tag: 'spatial', isGeography: false },
  geography: { tag: 'spatial', isGeography: true },
  sql_variant: { tag: 'variant' },
};

export function sourceTypeOf({ name, length, precision, scale }: CatalogType): SourceType {
  const bits = INTEGERS[name];
  if (bits !== undefined) return { tag: 'integer', bits };
  const plain = PLAIN[name];
  if (plain !== undefined) return plain;
  switch (name) {
    case 'decimal':
    case 'numeric':
      return { tag: 'decimal', precision, scale };
    case 'char':
      return { tag: 'char', isUnicode: false, characters: length };
    case 'nchar':
      return { tag: 'char', isUnicode: true, characters: length / WIDE };
    case 'varchar':
      return { tag: 'varchar', isUnicode: false, characters: length === -1 ? null : length };
    case 'nvarchar':
      return { tag: 'varchar', isUnicode: true, characters: length === -1 ? null : length / WIDE };
    case 'binary':
      return { tag: 'binary', bytes: length };
    case 'varbinary':
      return { tag: 'varbinary', bytes: length === -1 ? null : length };
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { tag: name, fraction: scale };
    default:
      return { tag: 'unknown', name };
  }
}

/** As people write it: `nvarchar(20)`, `decimal(10,2)`. */
export function declaredType({ name, length, precision, scale }: CatalogType): string {
  switch (name) {
    case 'decimal':
    case 'numeric':
      return `${name}(${precision},${scale})`;
    case 'char':
    case 'binary':
    case 'varchar':
    case 'varbinary':
      return `${name}(${length === -1 ? 'max' : length})`;
    case 'nchar':
    case 'nvarchar':
      return `${name}(${length === -1 ? 'max' : length / WIDE})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${name}(${scale})`;
    case 'timestamp':
      return 'rowversion';
    default:
      return name;
  }
}

/** Types whose values are stored beside the row: change data capture leaves them out of images in which they did not change. */
export function isLarge(type: SourceType): boolean {
  if (type.tag === 'varchar') return type.characters === null;
  if (type.tag === 'varbinary') return type.bytes === null;
  return LARGE.has(type.tag);
}

const LARGE: ReadonlySet<SourceType['tag']> = new Set(['text', 'image', 'xml', 'spatial', 'unknown']);
