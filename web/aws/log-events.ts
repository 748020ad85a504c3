import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { PenstockEvent } from '../../core/events/event.ts';
import type { LogFields } from '../../core/host/host.ts';
import { kindOfFields, lineOfEvent, type NewLine } from '../api/logs/log-kind.ts';
import type { LogLine } from '../api/schemas/logs.ts';

/** Digits of a moment in milliseconds, for as long as anybody needs. */
const MOMENT_DIGITS = 14;

type Mapping = Readonly<Record<string, unknown>>;

/**
 * A line of a pipeline's log group as the console shows it; null: it says nothing to people (metrics, Lambda's own reports). Three
 * programs write there: functions (Powertools), the reader (pino), and both of them events. Pure.
 */
export function lineOfLogEvent({ timestamp = 0, eventId = '', message = '' }: FilteredLogEvent): LogLine | null {
  const line = newLine(message);
  if (line === null) return null;
  return { ...line, id: idOf(timestamp, eventId), at: new Date(timestamp).toISOString() };
}

/** Ids sort as text: by moment, then as the service numbers its events. */
export function idOf(timestamp: number, eventId: string): string {
  return `${String(timestamp).padStart(MOMENT_DIGITS, '0')}-${eventId}`;
}

/** Milliseconds since 1970; null: it is no id of a line. */
export function momentOfId(id: string): number | null {
  return /^\d{14}-/.test(id) ? Number(id.slice(0, MOMENT_DIGITS)) : null;
}

function newLine(message: string): NewLine | null {
  const text = message.trim();
  const written = mappingOf(text);
  // A process that dies says so in its own words.
  if (written === null) return text === '' || isReport(text) ? null : plainLine(text);
  if (typeof written['type'] === 'string') return eventLine(written, written['type']);
  // Embedded metrics.
  if ('_aws' in written) return null;
  if (typeof written['level'] === 'number') return readerLine(written);
  if (typeof written['level'] === 'string') return functionLine(written, written['level']);
  return null;
}

/** What Lambda says in plain text of each call. */
function isReport(text: string): boolean {
  return /^(?:START|END|REPORT|INIT_START|XRAY) /.test(text);
}

function plainLine(text: string): NewLine {
  const [first = ''] = text.split('\n', 1);
  return {
    level: /error|fatal|killed/i.test(first) ? 'error' : 'info',
    kind: 'others',
    message: first.slice(0, 500),
    fields: {},
  };
}

function eventLine(written: Mapping, type: string): NewLine | null {
  if (type.startsWith('platform.')) return null;
  // Our own events, whatever their fields are: what is no text, number or flag is left out.
  return lineOfEvent(written as unknown as PenstockEvent);
}

/** pino's numbers: 30 info, 40 warn, 50 error, 60 fatal. */
function readerLine({ level, msg, ...rest }: Mapping): NewLine {
  const fields = fieldsOf({ ...rest, time: undefined });
  const own = Object.hasOwn(fields, 'role') ? fields : { ...fields, role: 'reader' };
  return { level: levelOf(Number(level)), kind: kindOfFields(own), message: textOf(msg), fields };
}

function levelOf(level: number): LogLine['level'] {
  return level >= 50 ? 'error' : level >= 40 ? 'warn' : 'info';
}

const LEVELS: Readonly<Record<string, LogLine['level']>> = {
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
};

/** Functions of the destination's side; the others are told by the error's code. */
const LOADING = new Set(['load', 'load-chunks', 'finish-copy', 'check-destination']);
const READING = new Set(['plan-copy', 'check-source']);

function functionLine(written: Mapping, level: string): NewLine {
  const { function: name, message, details } = written;
  const fields = { ...fieldsOf(mappingOr(details)), ...(typeof name === 'string' ? { function: name } : {}) };
  const kind = kindOfFields(fields);
  const own = LOADING.has(textOf(name)) ? 'destination' : READING.has(textOf(name)) ? 'source' : kind;
  return {
    level: LEVELS[level.toUpperCase()] ?? 'info',
    kind: kind === 'others' ? own : kind,
    message: textOf(message),
    fields,
  };
}

/** What a line shows beside its words; stacks are for CloudWatch. */
function fieldsOf(written: Mapping): LogFields {
  const shown = Object.entries(written).filter(
    (entry): entry is [string, string | number | boolean | null] =>
      entry[0] !== 'stack' && (entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1])),
  );
  return Object.fromEntries(shown);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function mappingOr(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

function mappingOf(text: string): Mapping | null {
  if (!text.startsWith('{')) return null;
  try {
    return mappingOr(JSON.parse(text));
  } catch {
    return null;
  }
}
