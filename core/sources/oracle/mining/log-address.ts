/** Where a row stands in the redo of its thread. Rows of one redo record may share it. */
export interface LogAddress {
  /** `RBASQN.RBABLK.RBABYTE`, hexadecimal. */
  readonly rsId: string;
  readonly ssn: number;
}

const RS_ID_DIGITS = 26;
const SSN_DIGITS = 10;

/** Whether an RS_ID is all zero: such a row has no address of its own. */
export function isNowhere(rsId: string): boolean {
  for (let index = 0; index < rsId.length; index++) {
    const code = rsId.charCodeAt(index);
    // 0, x and the point.
    if (code !== 0x30 && code !== 0x78 && code !== 0x2e) return false;
  }
  return true;
}

/** Negative, 0 or positive; only within a thread. All but the first part of an RS_ID have a fixed width, so that a longer one is later. */
export function compareAddresses(a: LogAddress, b: LogAddress): number {
  if (a.rsId === b.rsId) return a.ssn - b.ssn;
  if (a.rsId.length !== b.rsId.length) return a.rsId.length - b.rsId.length;
  return a.rsId < b.rsId ? -1 : 1;
}

/** Sorts as a string. */
export function paddedAddress({ rsId, ssn }: LogAddress): string {
  return `${rsId.padStart(RS_ID_DIGITS, '0')}/${ssn.toString().padStart(SSN_DIGITS, '0')}`;
}
