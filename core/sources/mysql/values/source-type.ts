/** A column's type at the source, as far as reading its values needs it. */
export type SourceType =
  | { readonly tag: 'integer'; readonly bits: 8 | 16 | 24 | 32 | 64; readonly unsigned: boolean }
  | { readonly tag: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly tag: 'float' }
  | { readonly tag: 'double' }
  | { readonly tag: 'bit'; readonly bits: number }
  | { readonly tag: 'year' }
  | { readonly tag: 'date' }
  | { readonly tag: 'time'; readonly fraction: number }
  | { readonly tag: 'datetime'; readonly fraction: number }
  | { readonly tag: 'timestamp'; readonly fraction: number }
  | { readonly tag: 'char'; readonly characters: number; readonly charset: string }
  | { readonly tag: 'varchar'; readonly characters: number; readonly charset: string }
  | { readonly tag: 'text'; readonly charset: string }
  | { readonly tag: 'binary'; readonly bytes: number }
  | { readonly tag: 'varbinary'; readonly bytes: number }
  | { readonly tag: 'blob' }
  | { readonly tag: 'enum'; readonly labels: readonly string[]; readonly charset: string }
  | { readonly tag: 'set'; readonly labels: readonly string[]; readonly charset: string }
  /** MySQL's own type; MariaDB's JSON is a text. */
  | { readonly tag: 'json' }
  | { readonly tag: 'geometry' }
  | { readonly tag: 'vector' }
  | { readonly tag: 'uuid' }
  | { readonly tag: 'inet4' }
  | { readonly tag: 'inet6' }
  /** Not known here: it can be copied as text, but not read from the log. */
  | { readonly tag: 'unknown'; readonly declared: string };

/** What of a type is in information_schema.COLUMNS. */
export interface DeclaredType {
  /** `DATA_TYPE`: `int`. */
  readonly name: string;
  /** `COLUMN_TYPE`: `int(10) unsigned zerofill`. */
  readonly declared: string;
  readonly characters: number | null;
  readonly bytes: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly fraction: number | null;
  readonly charset: string | null;
}

const INTEGER_BITS: Readonly<Record<string, 8 | 16 | 24 | 32 | 64>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  bigint: 64,
};
const GEOMETRIES = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
]);
/** Types that their name alone tells. */
const UNADORNED = new Set(['float', 'double', 'year', 'date', 'json', 'vector', 'uuid', 'inet4', 'inet6']);
const TEXTS = new Set(['tinytext', 'text', 'mediumtext', 'longtext']);
const BLOBS = new Set(['tinyblob', 'blob', 'mediumblob', 'longblob']);

/** A column's type as information_schema declares it. */
export function sourceTypeOf(type: DeclaredType): SourceType {
  const { name, declared } = type;
  const bits = INTEGER_BITS[name];
  if (bits !== undefined) return { tag: 'integer', bits, unsigned: / unsigned/.test(declared) };
  if (TEXTS.has(name)) return { tag: 'text', charset: type.charset ?? 'utf8mb4' };
  if (BLOBS.has(name)) return { tag: 'blob' };
  if (GEOMETRIES.has(name)) return { tag: 'geometry' };
  if (UNADORNED.has(name)) return { tag: name } as SourceType;
  return adorned(type);
}

/** Types that are told by more than their name. */
function adorned(type: DeclaredType): SourceType {
  const { name, declared } = type;
  const charset = type.charset ?? 'utf8mb4';
  switch (name) {
    case 'decimal':
      return { tag: 'decimal', precision: type.precision ?? 10, scale: type.scale ?? 0 };
    case 'bit':
      return { tag: 'bit', bits: type.precision ?? 1 };
    case 'time':
    case 'datetime':
    case 'timestamp':
      return { tag: name, fraction: type.fraction ?? 0 };
    case 'char':
    case 'varchar':
      return { tag: name, characters: type.characters ?? 1, charset };
    case 'binary':
    case 'varbinary':
      return { tag: name, bytes: type.bytes ?? 1 };
    case 'enum':
    case 'set':
      return { tag: name, labels: labelsOf(declared), charset };
    default:
      return { tag: 'unknown', declared };
  }
}

/** `enum('a','it''s')` → its labels; information_schema doubles quotes, and escapes nothing else. */
export function labelsOf(declared: string): string[] {
  return [...declared.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll("''", "'"));
}

/**
 * What tells a column from another one of the same name and canonical type whose older rows would read differently at the source:
 * TIMESTAMP and DATETIME differ in zone, FLOAT and DOUBLE in digits, CHAR loses spaces, BINARY(n) is padded to n bytes, and a change
 * of the character set rewrites the texts. MySQL numbers no columns, so this stands for a number (Column.sourceId).
 */
export function sourceIdOf(type: SourceType): string {
  if (type.tag === 'varchar' || type.tag === 'text') return `text/${type.charset}`;
  if ('charset' in type) return `${type.tag}/${type.charset}`;
  if (type.tag === 'binary') return `binary/${type.bytes}`;
  if (type.tag === 'varbinary' || type.tag === 'blob') return 'bytes';
  return type.tag === 'unknown' ? type.declared : type.tag;
}
