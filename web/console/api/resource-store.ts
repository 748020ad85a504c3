import { problemOf, type Problem } from './problem.ts';

/** What is known of one resource. While it is fetched again, what was known stays: pages do not flicker. */
export interface Resource<T> {
  /** Null until the first answer. */
  readonly data: T | null;
  /** Why the last fetch failed; null after one that did not. */
  readonly problem: Problem | null;
  readonly isFetching: boolean;
}

export type Fetch<T> = (signal: AbortSignal) => Promise<T>;

const NOTHING: Resource<never> = { data: null, problem: null, isFetching: true };

interface Entry {
  resource: Resource<unknown>;
  /** The answer as text: the same answer is no change, and nothing is drawn again. */
  text: string;
  readonly readers: Set<() => void>;
  controller: AbortController | null;
}

/**
 * Answers by key, shared by all components that read them. The least recently left are forgotten.
 * A fetch of a key replaces the one under way; the answer of a replaced fetch is dropped.
 */
export class ResourceStore {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;

  constructor(most = 200) {
    this.#most = most;
  }

  read(key: string): Resource<unknown> {
    return this.#entries.get(key)?.resource ?? NOTHING;
  }

  subscribe(key: string, reader: () => void): () => void {
    const entry = this.#entry(key);
    entry.readers.add(reader);
    return () => {
      entry.readers.delete(reader);
      if (entry.readers.size === 0) this.#leave(key, entry);
    };
  }

  /** As `fetch`, but a fetch of this key that is under way is as good: several parts of a page read the same. */
  async join(key: string, fetch: Fetch<unknown>): Promise<void> {
    if (this.#entry(key).controller === null) await this.fetch(key, fetch);
  }

  async fetch(key: string, fetch: Fetch<unknown>): Promise<void> {
    const entry = this.#entry(key);
    entry.controller?.abort();
    const controller = new AbortController();
    entry.controller = controller;
    this.#set(entry, { ...entry.resource, isFetching: true });
    try {
      const data = await fetch(controller.signal);
      if (entry.controller === controller) this.#answer(entry, data);
    } catch (error) {
      if (entry.controller === controller) {
        this.#set(entry, { ...entry.resource, problem: problemOf(error), isFetching: false });
      }
    } finally {
      if (entry.controller === controller) entry.controller = null;
    }
  }

  /** An answer that came another way: by a live event, or by the change that made it. */
  put(key: string, data: unknown): void {
    const entry = this.#entry(key);
    entry.controller?.abort();
    entry.controller = null;
    this.#answer(entry, data);
  }

  #answer(entry: Entry, data: unknown): void {
    // Of undefined there is no text.
    const text = data === undefined ? '' : JSON.stringify(data);
    const isSame = entry.resource.data !== null && entry.text === text;
    entry.text = text;
    this.#set(entry, { data: isSame ? entry.resource.data : data, problem: null, isFetching: false });
  }

  #set(entry: Entry, next: Resource<unknown>): void {
    const { data, problem, isFetching } = entry.resource;
    if (data === next.data && problem === next.problem && isFetching === next.isFetching) return;
    entry.resource = next;
    for (const reader of entry.readers) reader();
  }

  #entry(key: string): Entry {
    const found = this.#entries.get(key);
    if (found !== undefined) return found;
    const made: Entry = { resource: NOTHING, text: '', readers: new Set(), controller: null };
    this.#entries.set(key, made);
    return made;
  }

  /** Nobody reads it now: a fetch under way ends, and it moves to the end of the queue of what is forgotten. */
  #leave(key: string, entry: Entry): void {
    entry.controller?.abort();
    entry.controller = null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldKey, old] of this.#entries) {
      if (this.#entries.size <= this.#most) return;
      if (old.readers.size === 0) this.#entries.delete(oldKey);
    }
  }
}
