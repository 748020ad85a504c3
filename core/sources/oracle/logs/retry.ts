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
 * Failures of one round after the other. Each kind is counted by itself: that logs were written over says nothing of whether one is missing.
 */
export class RoundFailures {
  readonly #inARow = new Map<number, number>();

  /**
   * Whether the round that failed is made again from the same place. Rows that it gave come again, and are known by their addresses.
   * It is never taken for the end of the log.
   */
  isTriedAgain(number: number | null): boolean {
    if (number === null) return false;
    const failures = (this.#inARow.get(number) ?? 0) + 1;
    this.#inARow.set(number, failures);
    return failures <= (TRIES.get(number) ?? 0);
  }

  /** A round came to its end. */
  forget(): void {
    this.#inARow.clear();
  }
}
