import type { Misfit, RowChange, RowValues } from '../../changes/change.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { canonicalRow } from '../row-decoder.ts';
import { identityValues, type LoggedTable } from './logged-table.ts';
import type { Row } from './server/session.ts';

/** Of a row of `capturedChanges`: LSN, command id, sequence value, operation, update mask. */
const HEAD = 5;

interface Values {
  readonly values: RowValues;
  readonly misfit: Misfit | null;
}

const OPERATION = { delete: '1', insert: '2', before: '3', after: '4' } as const;

/** A change, and of how many rows it was read. */
export interface CapturedChange {
  readonly change: RowChange;
  readonly rows: 1 | 2;
}

/**
 * Rows of one change table, in their order, as changes. An update comes as two rows: before and after, or, where the server carried it out
 * as a delete and an insert because its key was changed, as these two with one sequence value.
 */
export class CapturedRows {
  readonly #logged: LoggedTable;
  /** By column of the schema, its ordinal in the update mask, from 1. */
  readonly #ordinals: readonly number[];

  constructor(logged: LoggedTable, ordinals: readonly number[]) {
    this.#logged = logged;
    this.#ordinals = ordinals;
  }

  /** @param following the row behind it, where there is one. @throws PenstockError PS2008 where rows do not follow each other as they must */
  next(row: Row, following: Row | undefined): CapturedChange {
    const { schema } = this.#logged.table;
    const second = following !== undefined && isOneChange(row, following) ? following : null;
    switch (row[3]) {
      case OPERATION.before:
        if (second?.[3] !== OPERATION.after) throw this.#outOfOrder();
        return { change: this.#updated(row, this.#after(second)), rows: 2 };
      case OPERATION.delete: {
        if (second?.[3] === OPERATION.insert) return { change: this.#updated(row, this.#whole(second)), rows: 2 };
        const before = identityValues(this.#logged, row.slice(HEAD));
        return { change: { schema, op: 'delete', before, after: null, misfit: null }, rows: 1 };
      }
      case OPERATION.insert: {
        const { values, misfit } = this.#whole(row);
        return { change: { schema, op: 'insert', before: null, after: values, misfit }, rows: 1 };
      }
      case undefined:
      case null:
      default:
        throw this.#outOfOrder();
    }
  }

  #whole(row: Row): Values {
    return canonicalRow(this.#logged.decoders, row.slice(HEAD));
  }

  #updated(before: Row, { values, misfit }: Values): RowChange {
    const logged = this.#logged;
    const old = identityValues(logged, before.slice(HEAD));
    const moved = !logged.hasKey || logged.identity.some((place) => old[place] !== values[place]);
    return { schema: logged.table.schema, op: 'update', before: moved ? old : null, after: values, misfit };
  }

  /** A large value that did not change may be missing, which is not NULL. */
  #after(row: Row): Values {
    const outputs = row.slice(HEAD);
    const { values, misfit } = canonicalRow(this.#logged.decoders, outputs);
    const mask = row[4] ?? '';
    const told = values.map((value, index) => {
      const isMissing =
        this.#logged.isLarge[index] === true && outputs[index] === null && !isChanged(mask, this.#ordinals[index] ?? 0);
      return isMissing ? undefined : value;
    });
    return { values: told, misfit };
  }

  #outOfOrder(): PenstockError {
    return new PenstockError('PS2008', `changes of ${this.#logged.id} in its change table do not follow each other`);
  }
}

/** Whether a row may be the first of two that tell one change. */
export function isFirstOfTwo([, , , operation]: Row): boolean {
  return operation === OPERATION.before || operation === OPERATION.delete;
}

/** By commit and sequence value. */
function isOneChange([lsn, , sequence]: Row, [nextLsn, , nextSequence]: Row): boolean {
  return lsn === nextLsn && sequence === nextSequence;
}

/**
 * Whether a column's bit is set. @param mask hexadecimal digits; the bit of ordinal 1 is the lowest one of the last byte
 * ("sys.fn_cdc_is_bit_set" of the manual)
 */
export function isChanged(mask: string, ordinal: number): boolean {
  if (ordinal < 1) return true;
  const digit = mask.at(-1 - Math.floor((ordinal - 1) / 4));
  return digit !== undefined && ((Number.parseInt(digit, 16) >> ((ordinal - 1) % 4)) & 1) === 1;
}
