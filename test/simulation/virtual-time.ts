/** Something that happens at a moment of virtual time; the order of equal moments is the order of planning. */
export interface PlannedEvent {
  readonly microseconds: number;
  readonly sequence: number;
  readonly label: string;
  /** Null once cancelled. */
  action: (() => void) | null;
}

/** 2026-01-01T00:00:00Z. */
const BEGINNING_MILLISECONDS = 1_767_225_600_000;

/**
 * Virtual time: a queue of events, of which the next one happens as soon as everything that the one before
 * set going (all promise reactions) has come to rest. Nothing here reads a real clock.
 */
export class VirtualTime {
  readonly #queue: PlannedEvent[] = [];
  readonly #onEvent: ((line: string) => void) | null;
  #microseconds = 0;
  #sequence = 0;
  #hashLow = 0x811c9dc5;
  #hashHigh = 0x1b873593;
  #events = 0;

  /** `onEvent` receives a line for every event, for traces. */
  constructor(onEvent: ((line: string) => void) | null = null) {
    this.#onEvent = onEvent;
  }

  /** Microseconds since the run began. */
  get microseconds(): number {
    return this.#microseconds;
  }

  /** Milliseconds since 1970, whole. */
  get epochMilliseconds(): number {
    return BEGINNING_MILLISECONDS + Math.floor(this.#microseconds / 1000);
  }

  /** Microseconds since 1970. */
  get epochMicroseconds(): bigint {
    return BigInt(BEGINNING_MILLISECONDS) * 1000n + BigInt(this.#microseconds);
  }

  get events(): number {
    return this.#events;
  }

  /** Plans `action` in `milliseconds` from now. */
  after(milliseconds: number, label: string, action: () => void): PlannedEvent {
    const event: PlannedEvent = {
      microseconds: this.#microseconds + Math.max(0, Math.round(milliseconds * 1000)),
      sequence: this.#sequence++,
      label,
      action,
    };
    this.#push(event);
    return event;
  }

  /** Runs events until `done` says so, the queue is empty, or `untilMilliseconds` of the run have passed. */
  async run(untilMilliseconds: number, done: () => boolean): Promise<'done' | 'idle' | 'time'> {
    for (;;) {
      if (done()) return 'done';
      const next = this.#queue[0];
      if (next === undefined) return 'idle';
      if (next.microseconds > untilMilliseconds * 1000) return 'time';
      this.#pop();
      if (next.action === null) continue;
      this.#microseconds = next.microseconds;
      this.#events += 1;
      this.note(next.label);
      next.action();
      await quiet();
    }
  }

  /** Puts a line into the trace and its hash. */
  note(label: string): void {
    let low = Math.imul(this.#hashLow ^ this.#microseconds, 0x01000193);
    let high = this.#hashHigh ^ low;
    for (let index = 0; index < label.length; index++) {
      low = Math.imul(low ^ label.charCodeAt(index), 0x01000193);
      high = Math.imul(high ^ (low >>> 13), 0x5bd1e995);
    }
    this.#hashLow = low;
    this.#hashHigh = high;
    this.#onEvent?.(`${(this.#microseconds / 1000).toFixed(3).padStart(11)} ${label}`);
  }

  /** 16 hexadecimal digits over all events and notes so far. */
  traceHash(): string {
    return [this.#hashHigh, this.#hashLow].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #push(event: PlannedEvent): void {
    const queue = this.#queue;
    let place = queue.length;
    queue.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = queue[parent]!;
      if (!earlier(event, above)) break;
      queue[place] = above;
      place = parent;
    }
    queue[place] = event;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop();
    if (last === undefined || queue.length === 0) return;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && earlier(queue[child + 1]!, queue[child]!)) child += 1;
      if (!earlier(queue[child]!, last)) break;
      queue[place] = queue[child]!;
      place = child;
    }
    queue[place] = last;
  }
}

function earlier(a: PlannedEvent, b: PlannedEvent): boolean {
  return a.microseconds < b.microseconds || (a.microseconds === b.microseconds && a.sequence < b.sequence);
}

/** Resolves when all promise reactions that are due have run. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
