import { tableId } from '../../changes/table-name.ts';
import { microsecondsFromTimestamp, datetimeText, timestampFromMicroseconds } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { requirePollColumn } from '../table-choices.ts';
import { typedColumn, type ReplicatedTable } from './describe.ts';
import type { Database } from './server/database.ts';
import type { SqlserverSettings } from './settings.ts';
import type { RowCondition, TypedColumn } from './statements/columns.ts';

/** The column that a table is polled by. */
export interface PollColumn {
  readonly column: TypedColumn;
  /**
   * `rowversion`: the server knows which values may still be uncommitted. `time`: the lag tells it. `day`: the last one is looked at again.
   * `plain`: nothing does.
   */
  readonly kind: 'rowversion' | 'time' | 'day' | 'plain';
}

const MICROSECONDS = 1_000_000;
const TIMES: ReadonlySet<string> = new Set(['datetime', 'datetime2', 'smalldatetime', 'datetimeoffset']);
const PLAIN: ReadonlySet<string> = new Set(['integer', 'decimal', 'money']);
/** Without a fraction: `2026-11-21 09:00:00`. */
const SECONDS = 19;
/** `2026-11-21 09:00`. */
const MINUTES = 16;
const DATE_ONLY = 10;

/** @throws PenstockError PS1001 where no column is chosen or it cannot be polled by, PS2011 where the table has no key */
export function pollColumnOf(table: ReplicatedTable): PollColumn {
  const id = tableId(table.schema.table);
  const name = requirePollColumn(table);
  const source = table.columns.find((one) => one.source.name === name)?.source;
  const kind = source === undefined ? null : kindOf(source.type.tag);
  if (source !== undefined && kind !== null) return { column: typedColumn(source), kind };
  throw new PenstockError(
    'PS1001',
    `${id}: timestampColumn ${name} is neither a rowversion, nor a time, nor a number`,
    {
      table: id,
    },
  );
}

/** @throws PenstockError PS2005 for a rowversion on a read-only replica, which knows nothing of transactions that are open on the primary */
export function requireKnownBounds(
  table: ReplicatedTable,
  { kind, column }: PollColumn,
  { isWritable }: Pick<Database, 'isWritable'>,
): void {
  if (kind !== 'rowversion' || isWritable) return;
  const id = tableId(table.schema.table);
  const message = `${id}: rowversion ${column.name} cannot be polled on a read-only replica: which values are still uncommitted the primary knows`;
  throw new PenstockError('PS2005', message, {
    table: id,
    remedy: 'Read from the primary (drop options.applicationIntent), or poll by a time, with a lag.',
  });
}

function kindOf(tag: string): PollColumn['kind'] | null {
  if (tag === 'rowversion') return 'rowversion';
  if (TIMES.has(tag)) return 'time';
  if (tag === 'date') return 'day';
  return PLAIN.has(tag) ? 'plain' : null;
}

/** What a poll may give out, as the source told it before the poll's view of the database began. */
export interface PollBounds {
  /** The source's time. */
  readonly microseconds: bigint;
  /** The lowest rowversion that may still be uncommitted, as its output text. */
  readonly openRowversion: string;
}

/** Rows above the mark, or all where there is none; with an overlap some of them a second time. */
export function pollConditions(
  polled: PollColumn,
  mark: string | null,
  { microseconds, openRowversion }: PollBounds,
  settings: Pick<SqlserverSettings, 'lagSeconds' | 'overlapSeconds' | 'timestampZone'>,
): RowCondition[] {
  const { column, kind } = polled;
  const lower: RowCondition =
    mark === null ? { tag: 'isSet', column } : lowerBound(column, mark, overlapOf(polled, settings));
  if (kind === 'rowversion') return [lower, { tag: 'below', column, text: openRowversion }];
  if (kind !== 'time') return [lower];
  const offset = column.type.tag === 'datetimeoffset' ? 0n : zoneMicroseconds(settings.timestampZone);
  const upTo = microseconds + offset - BigInt(Math.round(settings.lagSeconds * MICROSECONDS));
  return [lower, { tag: 'upTo', column, text: timeText(column, upTo) }];
}

const DAY = 24 * 60 * 60;

/** How far before a mark rows are looked for, in seconds. A day is not over when it is read. */
function overlapOf({ kind }: PollColumn, { overlapSeconds }: Pick<SqlserverSettings, 'overlapSeconds'>): number {
  if (kind === 'day') return DAY;
  return kind === 'time' ? overlapSeconds : 0;
}

/** Rows above the mark, which is moved back by an overlap. Its seventh digit counts only where it stays as it is. */
function lowerBound(column: TypedColumn, mark: string, overlap: number): RowCondition {
  if (overlap === 0) return { tag: 'above', column, text: mark };
  const [, date = '', time = '00:00:00', fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?)?(?: ([+-]\d\d:\d\d))?$/.exec(mark) ?? [];
  const micros = microsecondsFromTimestamp(`${date}T${time}.${fraction.slice(0, 6).padEnd(6, '0')}Z`);
  const moved = micros - BigInt(Math.round(overlap * MICROSECONDS));
  // The server refuses a time that the type does not have.
  if (moved < microsecondsFromTimestamp(`${EARLIEST[column.type.tag] ?? '0001-01-01'}T00:00:00.000000Z`)) {
    return { tag: 'isSet', column };
  }
  const text = timeText(column, moved);
  return { tag: 'above', column, text: zone === '' ? text : `${text} ${zone}` };
}

/** The first day of types that begin later than the calendar. */
const EARLIEST: Readonly<Partial<Record<string, string>>> = { datetime: '1753-01-01', smalldatetime: '1900-01-01' };

const FRACTION = 6;

/** Cut to the digits that the type has: the server would round it up. */
function timeText({ type }: TypedColumn, microseconds: bigint): string {
  const text = datetimeText(timestampFromMicroseconds(microseconds));
  if (type.tag === 'date') return text.slice(0, DATE_ONLY);
  if (type.tag === 'smalldatetime') return `${text.slice(0, MINUTES)}:00`;
  const fraction = type.tag === 'datetime' ? 3 : 'fraction' in type ? Math.min(type.fraction, FRACTION) : FRACTION;
  return fraction === 0 ? text.slice(0, SECONDS) : text.slice(0, SECONDS + 1 + fraction);
}

/** `-05:30` → what such a clock shows more than UTC. */
function zoneMicroseconds(offset: string): bigint {
  const [hours = '0', minutes = '0'] = offset.slice(1).split(':');
  const magnitude = BigInt(Number(hours) * 60 + Number(minutes)) * 60n * BigInt(MICROSECONDS);
  return offset.startsWith('-') ? -magnitude : magnitude;
}
