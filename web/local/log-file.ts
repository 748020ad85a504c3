import {
  appendFileSync,
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import type { PenstockEvent } from '../../core/events/event.ts';
import type { Clock, Log, LogFields } from '../../core/host/host.ts';
import type { LogBook, LogFilter } from '../api/console-host.ts';
import { isWanted } from '../api/logs/wanted-line.ts';
import { logLine, type LogLine, type LogPage } from '../api/schemas/logs.ts';
import type { DatedFailure } from '../api/schemas/values.ts';
import { codeOf, kindOfFields, lineOfEvent, type LineKind, type NewLine } from '../api/logs/log-kind.ts';

const FILE_BYTES = 16 << 20;
/** Lines in memory: what is looked at again and again. */
const HELD_LINES = 5000;
/** Of the file's end, at start. */
const TAIL_BYTES = 1 << 20;

/**
 * The log of an instance as a file of JSON lines, which are kept over restarts, and its last lines in memory. A full file becomes
 * `<path>.1`, in place of the one before.
 */
export class LogFile implements LogBook {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #fileBytes: number;
  #held: LogLine[];
  #count = 0;
  readonly #errors = new Map<LineKind, DatedFailure>();

  constructor(path: string, clock: Clock, fileBytes = FILE_BYTES) {
    this.#path = path;
    this.#clock = clock;
    this.#fileBytes = fileBytes;
    this.#held = tailOf(path);
    for (const line of this.#held) this.#remember(line);
  }

  append({ level, kind, message, fields }: NewLine): void {
    // Ascends as text, over restarts too: the time, then the number within this process.
    const id = `${String(this.#clock.now()).padStart(14, '0')}-${String(this.#count++).padStart(9, '0')}`;
    const last = this.#held.at(-1)?.id ?? '';
    const line = { id: id > last ? id : `${last}0`, at: this.#clock.timestamp(), level, kind, message, fields };
    this.#held.push(line);
    if (this.#held.length > 2 * HELD_LINES) this.#held = this.#held.slice(-HELD_LINES);
    this.#remember(line);
    this.#write(line);
  }

  event(event: PenstockEvent): void {
    const line = lineOfEvent(event);
    if (line !== null) this.append(line);
  }

  /** A log whose lines come here and to `other`. `kind`: whose they are; null: they say it themselves. */
  log(kind: LineKind | null, other: Log): Log {
    const at =
      (level: 'info' | 'warn' | 'error') =>
      (message: string, fields: LogFields = {}): void => {
        this.append({ level, kind: kind ?? kindOfFields(fields), message, fields: { ...fields } });
        other[level](message, fields);
      };
    return { info: at('info'), warn: at('warn'), error: at('error') };
  }

  async read(filter: LogFilter, place: Parameters<LogBook['read']>[1]): Promise<LogPage> {
    const { after, before, limit } = place;
    if (after !== null) return this.#pageAfter(filter, after, limit);
    const held = this.#held.filter((line) => (before === null || line.id < before) && isWanted(line, filter));
    const found = held.length >= limit ? held.slice(-limit) : await this.#lastOfFile(filter, before, limit);
    return {
      items: found,
      last: this.#held.at(-1)?.id ?? null,
      first: found.length < limit ? null : (found[0]?.id ?? null),
    };
  }

  async *lines(filter: LogFilter): AsyncIterable<LogLine> {
    for (const path of [`${this.#path}.1`, this.#path]) {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
      for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
        const line = parsed(text);
        if (line !== null && isWanted(line, filter)) yield line;
      }
    }
  }

  lastError(kind: 'source' | 'destination'): Promise<DatedFailure | null> {
    return Promise.resolve(this.#errors.get(kind) ?? null);
  }

  #pageAfter(filter: LogFilter, after: string, limit: number): LogPage {
    const from = this.#held.findIndex((line) => line.id > after);
    const items: LogLine[] = [];
    let last = after;
    for (const line of from < 0 ? [] : this.#held.slice(from)) {
      if (items.length === limit) break;
      last = line.id;
      if (isWanted(line, filter)) items.push(line);
    }
    return { items, last: last === '' ? null : last, first: items[0]?.id ?? null };
  }

  async #lastOfFile(filter: LogFilter, before: string | null, limit: number): Promise<LogLine[]> {
    let found: LogLine[] = [];
    for await (const line of this.lines(filter)) {
      if (before !== null && line.id >= before) break;
      found.push(line);
      if (found.length > 4 * limit) found = found.slice(-limit);
    }
    return found.slice(-limit);
  }

  #remember({ level, kind, message, fields, at }: LogLine): void {
    const code = codeOf(fields);
    if (level === 'info' || code === null) return;
    const text = (name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null);
    this.#errors.set(kind, {
      ...{ code, at, table: text('table'), remedy: text('remedy') ?? '' },
      message: text('message') ?? text('reason') ?? message,
    });
  }

  /** A full disk shows itself where it does harm: at the next put. */
  #write(line: LogLine): void {
    try {
      const text = `${JSON.stringify(line)}\n`;
      const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
      if (size > 0 && size + text.length > this.#fileBytes) renameSync(this.#path, `${this.#path}.1`);
      appendFileSync(this.#path, text, { mode: 0o600 });
    } catch {
      // Nobody to tell.
    }
  }
}

/** The last whole lines of a file; none where there is no file. */
function tailOf(path: string): LogLine[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - from);
    readSync(file, bytes, 0, bytes.length, from);
    const texts = bytes.toString('utf8').split('\n');
    return (from === 0 ? texts : texts.slice(1)).flatMap((text) => parsed(text) ?? []).slice(-HELD_LINES);
  } finally {
    closeSync(file);
  }
}

/** A line that was cut by a crash is none. */
function parsed(text: string): LogLine | null {
  try {
    return logLine.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
