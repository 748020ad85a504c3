import type { Misfit, RowChange, RowValues } from '../../changes/change.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { LETTER, unexpected, type RowLetter } from './wire/log-letters.ts';
import type { RelationPlan } from './logged-table.ts';
import type { ColumnDecoder } from '../row-decoder.ts';

type Values = (string | null | undefined)[];

/**
 * Insert, Update and Delete messages → changes. Keeps what it reads in fields: a row is read by several methods,
 * and an object for each would cost more than the row.
 */
export class RowReader {
  #buffer: Buffer = Buffer.alloc(0);
  #offset = 0;
  #misfit: Misfit | null = null;

  /**
   * The message's body from behind the relation's OID.
   * @returns null where the log does not say which row was changed
   * @throws PenstockError PS2008
   */
  read(letter: RowLetter, plan: RelationPlan, buffer: Buffer, start: number, end: number): RowChange | null {
    this.#buffer = buffer;
    this.#offset = start;
    let part = this.#letter();
    let before: RowValues | null = null;
    this.#misfit = null;
    if (letter !== LETTER.insert && part !== LETTER.newRow) {
      if (part === LETTER.oldKey && (plan.isRowIdentity || plan.isFull)) return null;
      before = this.#oldRow(plan, part);
      if (letter === LETTER.update) part = this.#letter();
    }
    const change =
      letter === LETTER.delete ? deleted(plan, before) : this.#written(plan, letter === LETTER.insert, before, part);
    if (change !== null && this.#offset !== end) {
      throw new PenstockError('PS2008', `a row of ${tableId(plan.schema.table)} does not end with its message`);
    }
    return change;
  }

  #written(plan: RelationPlan, isInsert: boolean, before: RowValues | null, part: number): RowChange | null {
    if (part !== LETTER.newRow) throw unexpected('a new row', part);
    const oldMisfit = this.#misfit;
    this.#misfit = null;
    const after = this.#tuple(plan, false);
    let misfit = this.#newMisfit();
    const { schema } = plan;
    if (isInsert) return { schema, op: 'insert', before: null, after, misfit };
    if (before === null) return plan.isRowIdentity ? null : { schema, op: 'update', before, after, misfit };
    for (let index = 0; index < after.length; index++) {
      if (after[index] !== undefined) continue;
      after[index] = before[index];
      if (oldMisfit?.column === schema.columns[index]?.name) misfit ??= oldMisfit;
    }
    const moved =
      plan.isRowIdentity || plan.isKeyLate || plan.keyOrdinals.some((ordinal) => before[ordinal] !== after[ordinal]);
    return { schema, op: 'update', before: moved ? before : null, after, misfit };
  }

  #newMisfit(): Misfit | null {
    return this.#misfit;
  }

  #oldRow(plan: RelationPlan, part: number): RowValues {
    if (part !== LETTER.oldRow && part !== LETTER.oldKey) throw unexpected('an old row', part);
    return this.#tuple(plan, part === LETTER.oldKey);
  }

  /** `keyOnly`: of an old key all other columns come as NULL and are none. */
  #tuple(plan: RelationPlan, keyOnly: boolean): Values {
    const buffer = this.#buffer;
    const { columns } = plan;
    const count = buffer.readUInt16BE(this.#offset);
    let offset = this.#offset + 2;
    if (count !== columns.length) {
      const id = tableId(plan.schema.table);
      throw new PenstockError('PS2008', `a row of ${id} has ${count} columns, not ${columns.length}`);
    }
    const values: Values = new Array<string | null | undefined>(plan.schema.columns.length);
    for (const { decoder, ordinal, isKey } of columns) {
      const kind = buffer[offset++];
      let value: string | null | undefined = null;
      if (kind === LETTER.isText) {
        const end = offset + 4 + buffer.readUInt32BE(offset);
        if (decoder !== null && !decoder.isMasked)
          value = this.#value(decoder, buffer.toString('utf8', offset + 4, end));
        offset = end;
      } else if (kind === LETTER.isUnchanged) value = decoder?.isMasked === true ? null : undefined;
      else if (kind !== LETTER.isNull) throw unexpected('a column', kind);
      else if (decoder?.mustBeSet === true) this.#misfit ??= { column: decoder.name, reason: 'NULL in a key column' };
      if (ordinal !== -1) values[ordinal] = keyOnly && !isKey ? undefined : value;
    }
    this.#offset = offset;
    return values;
  }

  #value(decoder: ColumnDecoder, output: string): string | null {
    if (decoder.read === null) return output;
    const value = decoder.read(output);
    if (value === null || typeof value === 'string') return value;
    this.#misfit ??= { column: decoder.name, reason: value.reason };
    return output;
  }

  #letter(): number {
    return this.#buffer[this.#offset++] ?? 0;
  }
}

function deleted(plan: RelationPlan, before: RowValues | null): RowChange | null {
  return before === null ? null : { schema: plan.schema, op: 'delete', before, after: null, misfit: null };
}
