import {
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Clock } from '../../core/host/host.ts';
import type { LogBook, LogFilter } from '../api/console-host.ts';
import { codeOf } from '../api/logs/log-kind.ts';
import { isWanted } from '../api/logs/wanted-line.ts';
import type { LogLine, LogPage } from '../api/schemas/logs.ts';
import type { DatedFailure } from '../api/schemas/values.ts';
import { lineOfLogEvent, momentOfId } from './log-events.ts';

/** Lines come to the log service up to some seconds late, and not in order: younger ones are not shown yet, so that none is passed over. */
const SETTLE_MILLISECONDS = 8000;
/** The first piece of time that is looked through for the last lines, and how much longer each piece before it is. */
const FIRST_PIECE = 5 * 60_000;
const LONGER = 6;
/** The longest that a deployment keeps its logs. */
const OLDEST_MILLISECONDS = 731 * 86_400_000;
/** Calls for one answer: a page of a search holds at most 1 MB, and may be empty. */
const MOST_CALLS = 25;
/** The last errors are looked for among so many lines, with so many calls; that look may be so old, in milliseconds. */
const ERRORS = { lines: 50, calls: 6, fresh: 30_000 } as const;
/** An answer of a function has at most 6 MB. */
const DOWNLOADED_LINES = 10_000;

/** Warnings and errors, so that the service leaves out all others. `level` of the reader are numbers. */
const TROUBLE =
  '{ ($.level = "WARN") || ($.level = "ERROR") || ($.level = "CRITICAL") || ($.level >= 40) || ($.type = "HaltError") || ($.type = "TableStopped") || ($.type = "TableDiffers") || ($.type = "RetryError") || ($.type = "RowsQuarantined") || ($.type = "Log*") || ($.type = "HealthAlarm") }';

interface Piece {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

interface Back {
  readonly before: string | null;
  /** Exclusive. */
  readonly end: number;
  readonly limit: number;
  /** Of the service, at most. */
  readonly calls: number;
}

/** The log group of a pipeline: its functions and tasks write there. */
export class LogGroup implements LogBook {
  readonly #client: CloudWatchLogsClient;
  readonly #name: string;
  readonly #clock: Pick<Clock, 'now'>;
  #errors: { readonly until: number; readonly found: Promise<ReadonlyMap<string, DatedFailure>> } | null = null;

  constructor(client: CloudWatchLogsClient, name: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#name = name;
    this.#clock = clock;
  }

  async read(filter: LogFilter, { after, before, limit }: Parameters<LogBook['read']>[1]): Promise<LogPage> {
    const settled = this.#clock.now() - SETTLE_MILLISECONDS;
    if (after !== null) return this.#pageAfter(filter, after, limit, settled);
    const end = before === null ? settled : (momentOfId(before) ?? settled) + 1;
    const { lines, lookedBackTo } = await this.#last(filter, { before, end, limit, calls: MOST_CALLS });
    return {
      items: lines,
      last: lines.at(-1)?.id ?? (before === null ? markAt(settled) : null),
      // Where there were too few, the next look goes on from where this one ended.
      first: lines.length >= limit ? (lines[0]?.id ?? null) : lookedBackTo <= 0 ? null : markAt(lookedBackTo),
    };
  }

  /** The last of them, where there are more than an answer can hold; the log group has all. */
  async *lines(filter: LogFilter): AsyncIterable<LogLine> {
    const end = this.#clock.now() - SETTLE_MILLISECONDS;
    const { lines } = await this.#last(filter, { before: null, end, limit: DOWNLOADED_LINES, calls: MOST_CALLS });
    yield* lines;
  }

  async lastError(kind: 'source' | 'destination'): Promise<DatedFailure | null> {
    const now = this.#clock.now();
    if (this.#errors === null || now >= this.#errors.until) {
      const found = this.#lookForErrors(now);
      this.#errors = { until: now + ERRORS.fresh, found };
      found.catch(() => (this.#errors = null));
    }
    return (await this.#errors.found).get(kind) ?? null;
  }

  async #pageAfter(filter: LogFilter, after: string, limit: number, settled: number): Promise<LogPage> {
    const from = momentOfId(after) ?? settled;
    const budget = { calls: MOST_CALLS };
    const items: LogLine[] = [];
    for await (const line of this.#search(filter, { from, to: settled }, budget)) {
      if (line.id > after) items.push(line);
      if (items.length > 4 * limit) break;
    }
    const sorted = items.sort(byId).slice(0, limit);
    return { items: sorted, last: sorted.at(-1)?.id ?? after, first: sorted[0]?.id ?? null };
  }

  /** Looks back in pieces of time, each longer than the one after it, until there are enough lines. */
  async #last(
    filter: LogFilter,
    { before, end, limit, calls }: Back,
  ): Promise<{ readonly lines: LogLine[]; readonly lookedBackTo: number }> {
    const budget = { calls };
    let found: LogLine[] = [];
    let piece: Piece = { from: end - FIRST_PIECE, to: end };
    while (piece.to > this.#clock.now() - OLDEST_MILLISECONDS && found.length < limit && budget.calls > 0) {
      const lines: LogLine[] = [];
      for await (const line of this.#search(filter, piece, budget)) {
        if (before === null || line.id < before) lines.push(line);
        // Of a piece with very many lines the last ones are kept.
        if (lines.length > 2 * limit) lines.splice(0, lines.length - limit);
      }
      found = [...lines.sort(byId), ...found].slice(-limit);
      const length = (piece.to - piece.from) * LONGER;
      piece = { from: Math.max(0, piece.from - length), to: piece.from };
    }
    const isEnd = piece.to <= this.#clock.now() - OLDEST_MILLISECONDS;
    return { lines: found, lookedBackTo: isEnd ? 0 : piece.to };
  }

  /** Wanted lines of a piece, nearly in order, as long as the budget of calls suffices. */
  async *#search(filter: LogFilter, { from, to }: Piece, budget: { calls: number }): AsyncIterable<LogLine> {
    if (to <= from) return;
    const isTrouble = filter.kind === 'errors' || filter.level === 'warn' || filter.level === 'error';
    let nextToken: string | undefined;
    do {
      if (budget.calls-- <= 0) return;
      const command = new FilterLogEventsCommand({
        ...{ logGroupName: this.#name, startTime: from, endTime: to - 1, nextToken },
        ...(isTrouble ? { filterPattern: TROUBLE } : {}),
      });
      const reply = await this.#client.send(command).catch((error: unknown) => {
        // Nothing has run yet.
        if (error instanceof ResourceNotFoundException) return { events: [], nextToken: undefined };
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        throw new PenstockError('PS3004', `log group ${this.#name}: ${reason}`, { cause: error });
      });
      for (const event of reply.events ?? []) {
        const line = lineOfLogEvent(event);
        if (line !== null && isWanted(line, filter)) yield line;
      }
      nextToken = reply.nextToken;
    } while (nextToken !== undefined);
  }

  async #lookForErrors(now: number): Promise<ReadonlyMap<string, DatedFailure>> {
    const filter: LogFilter = { kind: 'errors', search: null, level: null };
    const found = new Map<string, LogLine>();
    const { lines } = await this.#last(filter, { before: null, end: now, limit: ERRORS.lines, calls: ERRORS.calls });
    for (const line of lines) if (codeOf(line.fields) !== null) found.set(line.kind, line);
    return new Map([...found].map(([kind, line]) => [kind, failureIn(line)]));
  }
}

/** To follow a log from here on that has no line yet. */
function markAt(moment: number): string {
  return `${String(moment).padStart(14, '0')}-`;
}

function byId(a: LogLine, b: LogLine): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function failureIn({ fields, message, at }: LogLine): DatedFailure {
  const text = (name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null);
  return {
    ...{ code: codeOf(fields) ?? 'PS9001', at, table: text('table'), remedy: text('remedy') ?? '' },
    message: text('message') ?? text('reason') ?? message,
  };
}
