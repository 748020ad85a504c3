/** Times in a row that a round is tried again, by the server's error. */
const TRIES: ReadonlyMap<number, number> = new Map([
  // A log was written over while it was read: it is archived by now, or soon.
  [310, 20],
  // A log is missing in what was listed: one was archived, and its group used again, since.
  [1291, 3],
  // A file cannot be opened: one that was moved is listed anew; else it is gone.
  [1284, 3],
]);

/**
 * Whether a round that failed is made again from the same place. Rows that it gave come again, and are known by their addresses.
 * It is never taken for the end of the log.
 * @param failures in a row, this one included
 */
export function isTriedAgain(number: number | null, failures: number): boolean {
  return number !== null && failures <= (TRIES.get(number) ?? 0);
}
