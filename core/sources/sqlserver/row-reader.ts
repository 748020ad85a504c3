import type { Misfit, RowChange, RowValues } from '../../changes/change.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { canonicalRow } from '../row-decoder.ts';
import { identityValues, type LoggedTable } from './logged-table.ts';
import type { Row } from './server/session.ts';

/** Of a row of `capturedChanges`: LSN, command id, sequence value, operation, update mask. */
const HEAD = 5;

const OPERATION = { delete: '1', insert: '2', before: '3', after: '4' } as const;

/**
 * Rows of one change table, in their order, as changes. An update comes as two rows, before and after, and is told by the second one; one
 * that the server carried out as a delete and an insert (its key was changed) comes as these two, and is told so.
 */
export class CapturedRows {
  readonly #logged: LoggedTable;
  /** By column of the schema, its ordinal in the update mask, from 1. */
  readonly #ordinals: readonly number[];
  #before: Row | null = null;

  constructor(logged: LoggedTable, ordinals: readonly number[]) {
    this.#logged = logged;
    this.#ordinals = ordinals;
  }

  /** Whether a row is awaited without which the last one says nothing. */
  get isBetween(): boolean {
    return this.#before !== null;
  }

  /** @returns null for the first row of an update. @throws PenstockError PS2008 where rows do not follow each other as they must */
  next(row: Row): RowChange | null {
    const { schema } = this.#logged.table;
    const [lsn, , sequence, operation] = row;
    const before = this.#before;
    if ((operation === OPERATION.after) !== (before !== null)) throw this.#outOfOrder();
    if (operation === OPERATION.before) {
      this.#before = row;
      return null;
    }
    if (operation === OPERATION.delete) {
      return { schema, op: 'delete', before: identityValues(this.#logged, row.slice(HEAD)), after: null, misfit: null };
    }
    if (operation === OPERATION.insert) {
      const { values, misfit } = canonicalRow(this.#logged.decoders, row.slice(HEAD));
      return { schema, op: 'insert', before: null, after: values, misfit };
    }
    if (before === null || before[0] !== lsn || before[2] !== sequence) throw this.#outOfOrder();
    this.#before = null;
    return this.#updated(before, row);
  }

  #updated(before: Row, after: Row): RowChange {
    const logged = this.#logged;
    const old = identityValues(logged, before.slice(HEAD));
    const { values, misfit } = this.#after(after);
    const moved = !logged.hasKey || logged.identity.some((place) => old[place] !== values[place]);
    return { schema: logged.table.schema, op: 'update', before: moved ? old : null, after: values, misfit };
  }

  /** A large value that did not change may be missing, which is not NULL. */
  #after(row: Row): { readonly values: RowValues; readonly misfit: Misfit | null } {
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

/**
 * Whether a column's bit is set. @param mask hexadecimal digits; the bit of ordinal 1 is the lowest one of the last byte
 * ("sys.fn_cdc_is_bit_set" of the manual)
 */
export function isChanged(mask: string, ordinal: number): boolean {
  if (ordinal < 1) return true;
  const digit = mask.at(-1 - Math.floor((ordinal - 1) / 4));
  return digit !== undefined && ((Number.parseInt(digit, 16) >> ((ordinal - 1) % 4)) & 1) === 1;
}
