/** Digits that hold every SCN of a long life. */
const DIGITS = 20;

/** Negative, 0 or positive, as `a` is before, the same as or after `b`: decimal texts without leading zeros. */
export function compareScns(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function laterScn(a: string, b: string): string {
  return compareScns(a, b) < 0 ? b : a;
}

export function earlierScn(a: string, b: string): string {
  return compareScns(b, a) < 0 ? b : a;
}

/** Sorts as a string. */
export function paddedScn(scn: string): string {
  return scn.padStart(DIGITS, '0');
}
