/** Chunks that a reading may be ahead of its consumer. */
const MOST_AHEAD = 8;

/** What one reading has given and nobody has taken yet. */
class ReadAhead<Chunk> {
  readonly #chunks: Chunk[] = [];
  #isOver = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;
  #news = Promise.resolve();

  constructor() {
    this.#renew();
  }

  /** Waits until there is room. @returns false: nobody wants any more */
  async put(chunk: Chunk): Promise<boolean> {
    while (this.#chunks.length >= MOST_AHEAD && !this.#isOver) await this.#news;
    if (this.#isOver) return false;
    this.#chunks.push(chunk);
    this.#tell();
    return true;
  }

  end(failure: { readonly error: unknown } | null): void {
    this.#failure ??= failure;
    this.#isOver = true;
    this.#tell();
  }

  async *take(): AsyncGenerator<Chunk> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#tell();
        yield chunk;
      } else if (this.#failure !== null) throw this.#failure.error;
      else if (this.#isOver) return;
      else await this.#news;
    }
  }

  #tell(): void {
    this.#wake();
    this.#renew();
  }

  #renew(): void {
    this.#news = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/**
 * Runs readings on several workers at once and gives what they read one reading after the other, in their order. A worker takes the next reading that
 * nobody has, and is held back when it is some chunks ahead. When one fails, or the consumer leaves, the others are cut off in their midst:
 * `cutOff` ends at once what a worker does.
 */
export async function* inOrder<Worker, Reading, Chunk>(
  workers: readonly Worker[],
  readings: readonly Reading[],
  read: (worker: Worker, reading: Reading) => AsyncIterable<Chunk>,
  cutOff: (worker: Worker) => void,
): AsyncGenerator<Chunk> {
  const ahead = readings.map((reading) => ({ reading, chunks: new ReadAhead<Chunk>() }));
  let next = 0;
  let isOver = false;
  const busy = new Set<Worker>();
  const work = async (worker: Worker) => {
    busy.add(worker);
    for (let job = ahead[next++]; job !== undefined && !isOver; job = ahead[next++]) {
      try {
        for await (const chunk of read(worker, job.reading)) if (!(await job.chunks.put(chunk))) break;
        job.chunks.end(null);
      } catch (error) {
        job.chunks.end({ error });
      }
    }
    busy.delete(worker);
  };
  const working = Promise.all(workers.map(work));
  try {
    for (const { chunks } of ahead) yield* chunks.take();
  } finally {
    isOver = true;
    for (const { chunks } of ahead) chunks.end(null);
    for (const worker of busy) cutOff(worker);
    await working;
  }
}
