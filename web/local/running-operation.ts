import type { Progress } from '../../core/operations/operation-context.ts';
import type { Operation, OperationRequest } from '../api/schemas/operations.ts';
import type { ProgressRow } from '../api/schemas/values.ts';

const SHOWN = 200;
const ORDER: Readonly<Record<ProgressRow['state'], number>> = {
  failed: 0,
  copying: 1,
  finishing: 2,
  waiting: 3,
  done: 4,
};

/** An operation at work in this process: what is known of it now, and its stop. */
export class RunningOperation {
  readonly id: string;
  readonly request: OperationRequest;
  readonly #by: string;
  readonly #startedAt: string;
  readonly #stop = new AbortController();
  readonly #tables = new Map<string, ProgressRow>();
  #message = 'it starts';

  constructor(started: Pick<Operation, 'id' | 'by' | 'startedAt'> & { readonly request: OperationRequest }) {
    this.id = started.id;
    this.request = started.request;
    this.#by = started.by;
    this.#startedAt = started.startedAt;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort(new Error('stopped by an operator'));
  }

  say(message: string): void {
    this.#message = message;
  }

  progress(update: Progress): void {
    switch (update.tag) {
      case 'copy': {
        const { table, state, rows, estimatedRows, bytes } = update;
        this.#tables.set(table, { table, state, rows, estimatedRows, bytes });
        this.#message = `${table}: ${state}`;
        break;
      }
      case 'extract':
        this.#message = `extract ${update.extract}: ${update.rows} changes read`;
        break;
      case 'load':
        this.#message = `extract ${update.extract}: ${update.rows} changes loaded`;
        break;
      case 'verify':
        this.#tables.set(update.table, {
          table: update.table,
          state: 'done',
          rows: update.rows,
          estimatedRows: null,
          bytes: 0,
        });
        this.#message = `${update.table}: ${update.equal ? 'equal' : 'not equal'}`;
        break;
      case 'note':
        this.#message = update.message;
    }
  }

  /** All tables' latest, those first that somebody wants to see. */
  get allProgress(): ProgressRow[] {
    return [...this.#tables.values()].sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  }

  get operation(): Operation {
    return {
      id: this.id,
      request: this.request as Operation['request'],
      by: this.#by,
      startedAt: this.#startedAt,
      endedAt: null,
      state: this.#stop.signal.aborted ? 'stopping' : 'running',
      message: this.#message,
      progress: this.allProgress.slice(0, SHOWN),
      error: null,
      result: null,
    };
  }
}
