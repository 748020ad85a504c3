import type { ColumnType } from '../../changes/column-type.ts';
import type { Dialect } from './dialect.ts';

/** What the layout needs to know of a column. */
export interface LayoutColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly inKey: boolean;
}

/** A stored type with its sizes: `bytes` at most in a row, `inPage` of those that InnoDB cannot move out of the page. */
interface StoredType {
  readonly ddl: string;
  readonly bytes: number;
  readonly inPage: number;
}

const BYTES_PER_CHARACTER = 4;
/** A longer text becomes LONGTEXT: it takes part in no key and costs the row's 65,535 bytes too much. */
const LONGEST_VARCHAR = 512;
const LONGEST_VARBINARY = 1024;
/** InnoDB's 3,072 bytes of key, less the 24 of `__load`, `__seq` and `__ordinal`. */
const KEY_BYTES = 3072 - 24;
/** MySQL's 65,535 bytes of row, less what staging rows add besides the origin key. */
const ROW_BYTES = 65_535 - 512;
/** InnoDB's 8,126 bytes of half a page, less what staging rows add besides the origin key. */
const PAGE_BYTES = 8126 - 256;
/** Up to this many bytes a variable-length column stays in the page; longer ones leave a pointer of 40 bytes. */
const IN_PAGE_BYTES = 255;
const POINTER_BYTES = 40;

/**
 * Column name → DDL type. Depends on all columns: texts share the room of the key, and the widest texts move out of the row
 * until it fits. A value that does not fit its column is refused by the server, never cut.
 */
export function columnDdl(columns: readonly LayoutColumn[], dialect: Dialect): Map<string, string> {
  const keyLengths = keyTextLengths(columns);
  const stored = new Map(columns.map((column) => [column.name, storedType(column, keyLengths, dialect)]));
  const keyBytes = sum(columns.filter((column) => column.inKey).map((column) => stored.get(column.name)?.bytes ?? 0));
  // A staging row holds the key twice: as it is and as it was.
  while (
    sum([...stored.values()].map((type) => type.bytes)) + keyBytes > ROW_BYTES ||
    sum([...stored.values()].map((type) => type.inPage)) + keyBytes > PAGE_BYTES
  ) {
    const widest = widestMovable(columns, stored);
    if (widest === null) break;
    stored.set(widest.name, outOfRow(widest.type, dialect));
  }
  return new Map([...stored].map(([name, type]) => [name, type.ddl]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function widestMovable(columns: readonly LayoutColumn[], stored: ReadonlyMap<string, StoredType>): LayoutColumn | null {
  let widest: LayoutColumn | null = null;
  let most = POINTER_BYTES + 12;
  for (const column of columns) {
    if (column.inKey || (column.type.tag !== 'text' && column.type.tag !== 'binary')) continue;
    const bytes = stored.get(column.name)?.bytes ?? 0;
    if (bytes > most) {
      most = bytes;
      widest = column;
    }
  }
  return widest;
}

/** Key column → characters (text) or bytes (binary) that it gets, so that the whole key fits. */
function keyTextLengths(columns: readonly LayoutColumn[]): Map<string, number> {
  const key = columns.filter((column) => column.inKey);
  const units = key.flatMap((column) => {
    if (column.type.tag === 'text') {
      return [{ name: column.name, wanted: column.type.maxCharacters, size: BYTES_PER_CHARACTER }];
    }
    return column.type.tag === 'binary' ? [{ name: column.name, wanted: column.type.maxBytes, size: 1 }] : [];
  });
  let room = KEY_BYTES - 16 * (key.length - units.length);
  const lengths = new Map<string, number>();
  // The narrow ones first: what they leave over goes to the wide ones.
  const ascending = units.toSorted((a, b) => wantedBytes(a) - wantedBytes(b));
  ascending.forEach((unit, index) => {
    const share = Math.floor(room / (ascending.length - index));
    const bytes = Math.min(share, wantedBytes(unit));
    lengths.set(unit.name, Math.max(1, Math.floor(bytes / unit.size)));
    room -= bytes;
  });
  return lengths;
}

function wantedBytes(unit: { readonly wanted: number | null; readonly size: number }): number {
  return unit.wanted === null ? Number.MAX_SAFE_INTEGER : Math.max(1, unit.wanted) * unit.size;
}

function storedType(column: LayoutColumn, keyLengths: ReadonlyMap<string, number>, dialect: Dialect): StoredType {
  const keyLength = keyLengths.get(column.name);
  const { type } = column;
  switch (type.tag) {
    case 'boolean':
      return fixed('TINYINT(1)', 1);
    case 'integer':
      return fixed(INTEGERS[type.bits] + (type.unsigned ? ' UNSIGNED' : ''), type.bits / 8);
    case 'decimal':
      return fixed(`DECIMAL(${type.precision},${type.scale})`, Math.ceil(type.precision / 2) + 2);
    case 'double':
      return fixed('DOUBLE', 8);
    case 'date':
      return fixed('DATE', 4);
    case 'time':
      return fixed(`TIME${fraction(dialect.storedFraction(type.fraction))}`, 8);
    case 'datetime':
      return fixed(`DATETIME${fraction(dialect.storedFraction(type.fraction))}`, 9);
    case 'text': {
      if (keyLength !== undefined) return varchar(keyLength, dialect);
      const length = type.maxCharacters;
      return length === null || length > LONGEST_VARCHAR ? outOfRow(type, dialect) : varchar(length, dialect);
    }
    case 'binary': {
      if (keyLength !== undefined) return variable(`VARBINARY(${keyLength})`, keyLength);
      const length = type.maxBytes;
      return length === null || length > LONGEST_VARBINARY
        ? outOfRow(type, dialect)
        : variable(`VARBINARY(${Math.max(1, length)})`, length);
    }
  }
}

const INTEGERS = { 8: 'TINYINT', 16: 'SMALLINT', 24: 'MEDIUMINT', 32: 'INT', 64: 'BIGINT' } as const;

function fraction(digits: number): string {
  return digits === 0 ? '' : `(${digits})`;
}

function fixed(ddl: string, bytes: number): StoredType {
  return { ddl, bytes, inPage: bytes };
}

function variable(ddl: string, bytes: number): StoredType {
  return { ddl, bytes: bytes + 2, inPage: bytes <= IN_PAGE_BYTES ? bytes + 2 : POINTER_BYTES };
}

function varchar(characters: number, dialect: Dialect): StoredType {
  const length = Math.max(1, characters);
  return variable(`VARCHAR(${length}) ${characterSet(dialect)}`, length * BYTES_PER_CHARACTER);
}

function outOfRow(type: ColumnType, dialect: Dialect): StoredType {
  const ddl = type.tag === 'binary' ? 'LONGBLOB' : `LONGTEXT ${characterSet(dialect)}`;
  return { ddl, bytes: 12, inPage: POINTER_BYTES };
}

/** For every text column: servers' and databases' defaults differ. */
export function characterSet(dialect: Dialect): string {
  return `CHARACTER SET utf8mb4 COLLATE ${dialect.textCollation}`;
}
