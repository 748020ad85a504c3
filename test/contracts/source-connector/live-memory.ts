import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What stays reachable, measured after a full collection: garbage that merely waits does not count. */
export class LiveMemory {
  looks = 0;
  /** The most bytes over the beginning. */
  liveGrowth = 0;
  residentGrowth = 0;
  readonly #collect: () => void;
  readonly #live: number;
  readonly #resident: number;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
    this.#live = this.#measure();
    this.#resident = process.memoryUsage.rss();
  }

  look(): void {
    this.looks++;
    this.residentGrowth = Math.max(this.residentGrowth, process.memoryUsage.rss() - this.#resident);
    this.liveGrowth = Math.max(this.liveGrowth, this.#measure() - this.#live);
  }

  #measure(): number {
    this.#collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }
}
