import { appendFileSync } from 'node:fs';
import type { EventSink, PenstockEvent } from '../../core/events/event.ts';

/** Appends events to a file, one JSON object a line, and tells listeners. Never throws: what is reported about goes on. */
export class FileEvents implements EventSink {
  readonly #path: string;
  readonly #listeners = new Set<(event: PenstockEvent) => void>();

  constructor(path: string) {
    this.#path = path;
  }

  emit(event: PenstockEvent): void {
    try {
      appendFileSync(this.#path, `${JSON.stringify(event)}\n`, { mode: 0o600 });
      for (const listener of this.#listeners) listener(event);
    } catch {
      // A full disk shows itself where it does harm: at the next put.
    }
  }

  /** @returns what takes the listener off again */
  listen(listener: (event: PenstockEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
