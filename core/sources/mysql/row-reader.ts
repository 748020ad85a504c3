import type { Misfit, RowChange, RowValues } from '../../changes/change.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { EventBytes } from './binlog/event-bytes.ts';
import { EVENT, type EventHeader } from './binlog/event-header.ts';
import { uncompressed } from './binlog/events.ts';
import type { LoggedTable } from './logged-table.ts';
import { RowCursor } from './values/row-cursor.ts';
import { passValue } from './values/value-extent.ts';

type Values = (string | null | undefined)[];
export type RowOperation = RowChange['op'];

/** Types of rows events: what they do, whether they have the extra data of version 2, whether MariaDB compressed their rows. */
const ROWS: ReadonlyMap<
  number,
  { readonly op: RowOperation; readonly hasExtra: boolean; readonly isCompressed: boolean }
> = new Map([
  [EVENT.writeRowsV1, { op: 'insert', hasExtra: false, isCompressed: false }],
  [EVENT.updateRowsV1, { op: 'update', hasExtra: false, isCompressed: false }],
  [EVENT.deleteRowsV1, { op: 'delete', hasExtra: false, isCompressed: false }],
  [EVENT.writeRows, { op: 'insert', hasExtra: true, isCompressed: false }],
  [EVENT.updateRows, { op: 'update', hasExtra: true, isCompressed: false }],
  [EVENT.deleteRows, { op: 'delete', hasExtra: true, isCompressed: false }],
  [EVENT.writeRowsCompressedV1, { op: 'insert', hasExtra: false, isCompressed: true }],
  [EVENT.updateRowsCompressedV1, { op: 'update', hasExtra: false, isCompressed: true }],
  [EVENT.deleteRowsCompressedV1, { op: 'delete', hasExtra: false, isCompressed: true }],
  [EVENT.writeRowsCompressed, { op: 'insert', hasExtra: true, isCompressed: true }],
  [EVENT.updateRowsCompressed, { op: 'update', hasExtra: true, isCompressed: true }],
  [EVENT.deleteRowsCompressed, { op: 'delete', hasExtra: true, isCompressed: true }],
]);

export function isRowsEvent(type: number): boolean {
  return ROWS.has(type);
}

/** The columns that an image holds, one bit each, the lowest first. */
interface Image {
  readonly present: Buffer;
  readonly isWhole: boolean;
  /** Bytes of the null bits: one for each column that is present. */
  readonly nullBytes: number;
}

/**
 * Rows events → changes. Keeps what it reads in fields: a row is read by several methods, and an object for each would cost
 * more than the row.
 */
export class RowReader {
  readonly #cursor = new RowCursor();
  #misfit: Misfit | null = null;

  /**
   * One rows event of a table whose plan is known; `idBytes` as its table map has them.
   * @returns false where the log does not say which row was changed, or what a new one holds; the rows before it were taken
   * @throws PenstockError PS2008
   */
  read(
    plan: LoggedTable,
    buffer: Buffer,
    header: EventHeader,
    idBytes: 4 | 6,
    take: (change: RowChange) => void,
  ): boolean {
    const kind = ROWS.get(header.type);
    const what = `rows of ${tableId(plan.schema.table)}`;
    if (kind === undefined) throw new PenstockError('PS2008', `${what} came as an event of type ${header.type}`);
    const bytes = new EventBytes(buffer, header.start, header.end, what);
    bytes.take(idBytes + 2);
    if (kind.hasExtra) bytes.take(bytes.unsigned(2) - 2);
    const width = bytes.packed();
    if (width !== plan.columns.length) {
      throw new PenstockError('PS2008', `${what} have ${width} columns, not ${plan.columns.length}`);
    }
    const first = readImage(bytes, width);
    const second = kind.op === 'update' ? readImage(bytes, width) : first;
    // Images without a column take no bytes: there is not even a sign of how many rows there are.
    if (first.nullBytes === 0) return false;
    const rows = kind.isCompressed ? uncompressed(bytes.bytes(bytes.rest)) : buffer;
    const [start, end] = kind.isCompressed ? [0, rows.length] : [bytes.offset, header.end];
    try {
      return this.#rows(plan, kind.op, { rows, start, end }, [first, second], take);
    } catch (error) {
      if (error instanceof RangeError) throw new PenstockError('PS2008', `${what} end too early`);
      throw error;
    }
  }

  #rows(
    plan: LoggedTable,
    op: RowOperation,
    { rows, start, end }: { readonly rows: Buffer; readonly start: number; readonly end: number },
    [first, second]: readonly [Image, Image],
    take: (change: RowChange) => void,
  ): boolean {
    const cursor = this.#cursor;
    cursor.buffer = rows;
    cursor.offset = start;
    // Of an old row its key is enough, unless the new image leaves something out.
    const isKeyEnough = !plan.isRowIdentity && (op === 'delete' || (op === 'update' && second.isWhole));
    let isTold = true;
    while (cursor.offset < end) {
      this.#misfit = null;
      const values = this.#values(plan, first, isKeyEnough);
      const change =
        op === 'update'
          ? this.#updated(plan, values, second)
          : op === 'insert'
            ? inserted(plan, values, first, this.#misfit)
            : deleted(plan, values);
      if (cursor.offset > end) {
        throw new PenstockError('PS2008', `a row of ${tableId(plan.schema.table)} does not end with its event`);
      }
      if (change === null) isTold = false;
      else if (isTold) take(change);
    }
    return isTold;
  }

  #updated(plan: LoggedTable, before: Values, image: Image): RowChange | null {
    if (!identifies(plan, before)) return null;
    const oldMisfit = this.#misfit;
    this.#misfit = null;
    const after = this.#values(plan, image, false);
    let misfit = this.#newMisfit();
    const { schema } = plan;
    // A minimal image holds only what was changed: what it lacks is what the row had, as far as the old image says it.
    for (let index = 0; index < after.length; index++) {
      if (after[index] !== undefined) continue;
      after[index] = before[index];
      if (oldMisfit !== null && oldMisfit.column === schema.columns[index]?.name) misfit ??= oldMisfit;
    }
    if (!identifies(plan, after)) return null;
    const moved = plan.isRowIdentity || plan.keyOrdinals.some((ordinal) => before[ordinal] !== after[ordinal]);
    return { schema, op: 'update', before: moved ? before : null, after, misfit };
  }

  #newMisfit(): Misfit | null {
    return this.#misfit;
  }

  /** One image; what it does not hold, or `keyOnly` leaves out, stays undefined. */
  #values(plan: LoggedTable, image: Image, keyOnly: boolean): Values {
    const cursor = this.#cursor;
    const { columns } = plan;
    const nulls = cursor.offset;
    cursor.offset = nulls + image.nullBytes;
    const { buffer } = cursor;
    const values: Values = new Array<string | null | undefined>(plan.schema.columns.length);
    let place = 0;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      if (column === undefined) break;
      if (!image.isWhole && (((image.present[index >> 3] ?? 0) >> (index & 7)) & 1) === 0) {
        if (column.decoder?.isMasked === true) values[column.ordinal] = null;
        continue;
      }
      const { decoder, ordinal } = column;
      let value: string | null = null;
      const isNull = (((buffer[nulls + (place >> 3)] ?? 0) >> (place & 7)) & 1) === 1;
      place++;
      if (keyOnly && !column.isKey) {
        if (!isNull) passValue(cursor, column.extent);
        continue;
      }
      if (!isNull) {
        value = column.read(cursor);
        if (decoder !== null) value = this.#canonical(decoder, value);
      } else if (decoder?.mustBeSet === true) {
        this.#misfit ??= { column: decoder.name, reason: 'NULL in a key column' };
      }
      if (ordinal !== -1) values[ordinal] = value;
    }
    return values;
  }

  #canonical(decoder: NonNullable<LoggedTable['columns'][number]['decoder']>, output: string): string | null {
    if (decoder.isMasked) return null;
    if (decoder.read === null) return output;
    const value = decoder.read(output);
    if (value === null || typeof value === 'string') return value;
    this.#misfit ??= { column: decoder.name, reason: value.reason };
    return output;
  }
}

function readImage(bytes: EventBytes, width: number): Image {
  const present = bytes.bytes((width + 7) >> 3);
  let count = 0;
  for (let index = 0; index < width; index++) count += ((present[index >> 3] ?? 0) >> (index & 7)) & 1;
  return { present, isWhole: count === width, nullBytes: (count + 7) >> 3 };
}

/** A minimal image of a new row lacks the columns that got their defaults then: they are not what another row has under its key now. */
function inserted(plan: LoggedTable, after: RowValues, image: Image, misfit: Misfit | null): RowChange | null {
  if (!image.isWhole && after.includes(undefined)) return null;
  return { schema: plan.schema, op: 'insert', before: null, after, misfit };
}

function deleted(plan: LoggedTable, before: RowValues): RowChange | null {
  return identifies(plan, before) ? { schema: plan.schema, op: 'delete', before, after: null, misfit: null } : null;
}

/** Whether the values say which row it is: all key columns, or all columns of a table without a key. */
function identifies(plan: LoggedTable, values: RowValues): boolean {
  if (plan.isRowIdentity) return !values.includes(undefined);
  for (const ordinal of plan.keyOrdinals) if (values[ordinal] === undefined) return false;
  return true;
}
