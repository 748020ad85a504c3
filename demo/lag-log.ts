import type { Progress } from '../core/operations/operation-context.ts';

/** What the demo remembers of the loads that it saw. */
export class LagLog {
  readonly #lags: number[] = [];
  #rows = 0;

  note(update: Progress): void {
    if (update.tag !== 'load') return;
    this.#lags.push(update.lagMilliseconds);
    this.#rows += update.rows;
  }

  get loads(): number {
    return this.#lags.length;
  }

  /** Changes loaded. */
  get rows(): number {
    return this.#rows;
  }

  /** The lag that `share` (0 to 1) of the loads stayed within, in milliseconds; null when there was none. */
  lag(share: number): number | null {
    const sorted = [...this.#lags].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  }
}
