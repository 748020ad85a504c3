import type { PenstockEvent } from '../../../core/events/event.ts';
import type { LogFields } from '../../../core/host/host.ts';
import type { LogLine } from '../schemas/logs.ts';

export type LineKind = LogLine['kind'];
/** A line before it has its place. */
export type NewLine = Omit<LogLine, 'id' | 'at'>;

/** Whose line it is, by what it says of itself: the role or the error's code. */
export function kindOfFields(fields: LogFields): LineKind {
  const code = codeOf(fields);
  if (code !== null && /^PS2/.test(code)) return 'source';
  if (code !== null && /^PS4/.test(code)) return 'destination';
  if (fields['role'] === 'reader') return 'source';
  if (fields['role'] === 'loader') return 'destination';
  return 'others';
}

/** The error's code that a line tells. */
export function codeOf(fields: LogFields): string | null {
  const found = fields['code'] ?? fields['errorCode'] ?? fields['errorId'];
  return typeof found === 'string' && /^PS\d{4}$/.test(found) ? found : null;
}

const KINDS: Readonly<Record<string, LineKind>> = {
  ExtractCompleted: 'source',
  TableExtracted: 'source',
  LogfileProcessed: 'source',
  CopyRestarted: 'source',
  LogGrowing: 'source',
  LogExpiring: 'source',
  LoadCompleted: 'destination',
  TableLoaded: 'destination',
  RowsQuarantined: 'destination',
  StructureChanged: 'destination',
};

const LEVELS: Readonly<Record<string, LogLine['level']>> = {
  HaltError: 'error',
  TableStopped: 'error',
  TableDiffers: 'warn',
  RetryError: 'warn',
  RowsQuarantined: 'warn',
  LogGrowing: 'warn',
  LogExpiring: 'warn',
  HealthAlarm: 'warn',
};

/** Said once a minute; the dashboard shows it. */
const SILENT: ReadonlySet<string> = new Set(['ReaderStatus', 'Status']);

/** An event as a line of the log; null: it is none. */
export function lineOfEvent(event: PenstockEvent): NewLine | null {
  const { type } = event;
  if (SILENT.has(type)) return null;
  const fields = Object.fromEntries(Object.entries(event).filter(isTold));
  const kind = KINDS[type] ?? kindOfFields(fields);
  return { level: LEVELS[type] ?? 'info', kind, message: wordsOf(type), fields };
}

/** `LoadCompleted` → `load completed`. */
function wordsOf(type: string): string {
  return type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

/** What the line does not say already by itself. */
function isTold(entry: [string, unknown]): entry is [string, string | number | boolean | null] {
  if (['type', 'pipeline', 'generated'].includes(entry[0])) return false;
  return entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]);
}
