import type { MinedRow } from './mined-row.ts';

/** XIDSQN of a row that does not say the sequence of its transaction. */
const UNKNOWN_SEQUENCE = 4_294_967_295;

/** The undo slot that a transaction holds while it is open; containers have their own. */
export function slotOf({ container, transaction }: MinedRow): string {
  return `${container?.id ?? 0}:${transaction.segment}.${transaction.slot}`;
}

/** Tells transactions of all containers apart: `<container>:<usn>.<slot>.<sequence>`. */
export function transactionKey(row: MinedRow): string {
  return `${slotOf(row)}.${row.transaction.sequence}`;
}

export function isPartial({ transaction }: MinedRow): boolean {
  return transaction.sequence === UNKNOWN_SEQUENCE;
}

/** All zero: the row belongs to no transaction. */
export function isNoTransaction({ transaction: { segment, slot, sequence } }: MinedRow): boolean {
  return segment === 0 && slot === 0 && sequence === 0;
}
