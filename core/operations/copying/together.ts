/** Works that end together: the first failure tells the others to end. */
export class Together {
  readonly #failed = new AbortController();
  readonly #outer: AbortSignal;
  /** Aborts with the outer signal, or when one of the works has failed. */
  readonly signal: AbortSignal;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    this.signal = AbortSignal.any([outer, this.#failed.signal]);
  }

  /** Ends only when every worker has: one that went on alone would write over what the next try does. */
  async workers(count: number, worker: () => Promise<void>): Promise<void> {
    await this.all(Array.from({ length: count }, worker));
  }

  /** Waits for all. @throws the outer signal's reason, or else the first failure */
  async all(works: readonly Promise<void>[]): Promise<void> {
    const guarded = works.map(async (work) => {
      try {
        await work;
      } catch (error) {
        this.#failed.abort(error);
        throw error;
      }
    });
    const outcomes = await Promise.allSettled(guarded);
    if (outcomes.every((outcome) => outcome.status === 'fulfilled')) return;
    this.#outer.throwIfAborted();
    this.#failed.signal.throwIfAborted();
  }
}
