import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { EventSink, PenstockEvent } from '../../core/events/event.ts';

const FILE_BYTES = 64 << 20;

/**
 * Appends events to a file, one JSON object a line, and tells listeners. A full file becomes `<path>.1`, in place of
 * the one before, so that there are never more than two. Never throws: what is reported about goes on.
 */
export class FileEvents implements EventSink {
  readonly #path: string;
  readonly #fileBytes: number;
  readonly #listeners = new Set<(event: PenstockEvent) => void>();

  /** `fileBytes`: when a file is full. */
  constructor(path: string, fileBytes = FILE_BYTES) {
    this.#path = path;
    this.#fileBytes = fileBytes;
  }

  emit(event: PenstockEvent): void {
    // A full disk shows itself where it does harm: at the next put.
    quietly(() => this.#append(`${JSON.stringify(event)}\n`));
    for (const listener of this.#listeners) quietly(() => listener(event));
  }

  /** @returns what takes the listener off again */
  listen(listener: (event: PenstockEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The size is asked of the file each time: other processes append to it too. */
  #append(line: string): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size + line.length > this.#fileBytes) renameSync(this.#path, `${this.#path}.1`);
    appendFileSync(this.#path, line, { mode: 0o600 });
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Nobody to tell.
  }
}
