import { PenstockError } from '../../../errors/penstock-error.ts';
import type { EventBytes } from './event-bytes.ts';
import { COLUMN_TYPE, type MappedColumn } from './mapped-column.ts';

/** Fields of a table map's optional metadata (MySQL libs/mysql/binlog/event/rows_event.h, Optional_metadata_field_type). */
const FIELD = {
  signedness: 1,
  defaultCharset: 2,
  columnCharset: 3,
  columnName: 4,
  setLabels: 5,
  enumLabels: 6,
  simplePrimaryKey: 8,
  primaryKeyWithPrefix: 9,
  labelDefaultCharset: 10,
  labelColumnCharset: 11,
} as const;

type PlainColumn = Pick<MappedColumn, 'type' | 'metadata' | 'nullable'>;
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Columns = Writable<MappedColumn>[];

/** Columns with a bit for their sign: YEAR is one of them (MySQL sql/field_common_properties.h; seen so on MariaDB). */
const NUMERIC = new Set<number>([
  COLUMN_TYPE.tiny,
  COLUMN_TYPE.short,
  COLUMN_TYPE.int24,
  COLUMN_TYPE.long,
  COLUMN_TYPE.longlong,
  COLUMN_TYPE.newDecimal,
  COLUMN_TYPE.float,
  COLUMN_TYPE.double,
  COLUMN_TYPE.year,
]);
/** Columns with a collation; MariaDB gives GEOMETRY one too, MySQL 9 VECTOR. */
const TEXT = new Set<number>([
  COLUMN_TYPE.string,
  COLUMN_TYPE.varString,
  COLUMN_TYPE.varchar,
  COLUMN_TYPE.varcharCompressed,
  COLUMN_TYPE.blob,
  COLUMN_TYPE.blobCompressed,
]);

/** Reads the fields behind the null bits to the event's end; those that are not known are passed over by their lengths. */
export function readMetadata(
  plain: readonly PlainColumn[],
  bytes: EventBytes,
  isMariaDb: boolean,
): { readonly columns: MappedColumn[]; readonly primaryKey: number[] | null } {
  const columns: Columns = plain.map((column) => ({
    ...column,
    name: null,
    unsigned: null,
    collation: null,
    labels: null,
  }));
  const ofTypes = (types: ReadonlySet<number>) => columns.filter(({ type }) => types.has(type));
  const texts = ofTypes(new Set([...TEXT, isMariaDb ? COLUMN_TYPE.geometry : COLUMN_TYPE.vector]));
  const labelled = ofTypes(new Set([COLUMN_TYPE.enum, COLUMN_TYPE.set]));
  let primaryKey: number[] | null = null;
  while (bytes.rest > 0) {
    const field = bytes.u8();
    const value = bytes.part(bytes.packed());
    switch (field) {
      case FIELD.signedness:
        readSignedness(ofTypes(NUMERIC), value);
        break;
      case FIELD.defaultCharset:
        readDefaultCharset(texts, value);
        break;
      case FIELD.columnCharset:
        for (const column of texts) column.collation = value.packed();
        break;
      case FIELD.labelDefaultCharset:
        readDefaultCharset(labelled, value);
        break;
      case FIELD.labelColumnCharset:
        for (const column of labelled) column.collation = value.packed();
        break;
      case FIELD.columnName:
        for (const column of columns) column.name = value.text(value.packed());
        break;
      case FIELD.setLabels:
        readLabels(ofTypes(new Set([COLUMN_TYPE.set])), value);
        break;
      case FIELD.enumLabels:
        readLabels(ofTypes(new Set([COLUMN_TYPE.enum])), value);
        break;
      case FIELD.simplePrimaryKey:
      case FIELD.primaryKeyWithPrefix:
        primaryKey = readPrimaryKey(value, field === FIELD.primaryKeyWithPrefix);
        break;
      default:
        value.take(value.rest);
    }
    value.requireEnd();
  }
  return { columns, primaryKey };
}

/** One bit for each numeric column, the highest first; set: unsigned. */
function readSignedness(columns: Columns, value: EventBytes): void {
  const bits = value.bytes((columns.length + 7) >> 3);
  for (const [index, column] of columns.entries()) {
    column.unsigned = (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
  }
}

/** The collation of most, then pairs of place among these columns and collation. */
function readDefaultCharset(columns: Columns, value: EventBytes): void {
  const collation = value.packed();
  for (const column of columns) column.collation = collation;
  while (value.rest > 0) {
    const place = value.packed();
    const column = columns[place];
    if (column === undefined) throw new PenstockError('PS2008', `a table map has a collation for text column ${place}`);
    column.collation = value.packed();
  }
}

function readLabels(columns: Columns, value: EventBytes): void {
  for (const column of columns) {
    const count = value.packed();
    const labels: Buffer[] = [];
    for (let index = 0; index < count; index++) labels.push(Buffer.from(value.bytes(value.packed())));
    column.labels = labels;
  }
}

/** A prefix's length, which stands behind each column's place, does not matter: the key's columns are what identifies. */
function readPrimaryKey(value: EventBytes, withPrefix: boolean): number[] {
  const ordinals: number[] = [];
  while (value.rest > 0) {
    ordinals.push(value.packed());
    if (withPrefix) value.packed();
  }
  return ordinals;
}
