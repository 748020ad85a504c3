/**
 * Which partitions a reader knows. Their numbers are asked again and again; one that was made behind an answer and was gone before the next is
 * never known, and its rows are not found. So of a statement that ends partitions it must be sure that they were there when the numbers were asked.
 * Places in the log are told by the order of positions.
 */
export class KnownParts {
  /** An SCN behind each answer, ascending: those that the log has not come to, and the last two before. */
  #asked: string[] = [];
  /** By table, where partitions of it were made last. */
  readonly #made = new Map<string, string>();

  asked(order: string): void {
    this.#asked.push(order);
  }

  /** Reading has come to a place of the log. */
  reached(order: string): void {
    if (this.#asked.length < 3 || (this.#asked[2] ?? '') >= order) return;
    const ahead = this.#asked.findIndex((one) => one >= order);
    this.#asked = this.#asked.slice((ahead === -1 ? this.#asked.length : ahead) - 2);
  }

  /** A statement made partitions, or put others in their place. */
  made(table: string, order: string): void {
    this.#made.set(table, order);
  }

  /** Whether all partitions were known that were there right before a place in the log: all had been made when the last but one SCN was asked. */
  isSure(table: string, order: string): boolean {
    const [earlier, later] = this.#asked.filter((one) => one < order).slice(-2);
    const made = this.#made.get(table);
    return earlier !== undefined && later !== undefined && (made === undefined || made < earlier);
  }
}
