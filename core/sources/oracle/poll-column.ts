import { tableId } from '../../changes/table-name.ts';
import { microsecondsFromTimestamp, datetimeText, timestampFromMicroseconds } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { requirePollColumn } from '../table-choices.ts';
import { typedColumn, type ReplicatedTable } from './describe.ts';
import { offsetOf } from './fit.ts';
import type { OracleSettings } from './settings.ts';
import { offsetMicroseconds } from '../time-zone.ts';
import type { RowCondition, TypedColumn } from './statements/columns.ts';

/** The column that a table is polled by. */
export interface PollColumn {
  readonly column: TypedColumn;
  /** `time`: the lag tells which values may still be uncommitted. `plain`: nothing does. */
  readonly kind: 'time' | 'plain';
}

const MICROSECONDS = 1_000_000;
const TIMES: ReadonlySet<string> = new Set(['date', 'timestamp', 'local', 'zoned']);
/** Without a fraction: `2026-11-21 09:00:00`. */
const SECONDS = 19;
const FRACTION = 6;

/** @throws PenstockError PS1001 where no column is chosen or it cannot be polled by, PS2011 where the table has no key */
export function pollColumnOf(table: ReplicatedTable): PollColumn {
  const id = tableId(table.schema.table);
  const name = requirePollColumn(table);
  const source = table.columns.find((one) => one.source.name === name)?.source;
  const tag = source?.type.tag ?? '';
  if (source !== undefined && (TIMES.has(tag) || tag === 'number')) {
    return { column: typedColumn(source), kind: TIMES.has(tag) ? 'time' : 'plain' };
  }
  throw new PenstockError('PS1001', `${id}: timestampColumn ${name} is neither a time nor a number`, { table: id });
}

/** Rows above the mark, or all where there is none; with an overlap some of them a second time. `microseconds`: the source's time before the poll's view. */
export function pollConditions(
  { column, kind }: PollColumn,
  mark: string | null,
  microseconds: bigint,
  settings: Pick<OracleSettings, 'lagSeconds' | 'overlapSeconds' | 'timestampZone'>,
): RowCondition[] {
  const lower: RowCondition =
    mark === null
      ? { tag: 'isSet', column }
      : {
          tag: 'above',
          column,
          text: kind === 'time' ? earlier(column, mark, overlapOf(column, mark, settings)) : mark,
        };
  if (kind === 'plain') return [lower];
  const hasZone = column.type.tag === 'zoned' || column.type.tag === 'local';
  const offset = hasZone ? 0n : offsetMicroseconds(settings.timestampZone);
  const upTo = microseconds + offset - BigInt(Math.round(settings.lagSeconds * MICROSECONDS));
  return [lower, { tag: 'upTo', column, text: timeText(column, upTo) }];
}

const DAY = 24 * 60 * 60;
const MIDNIGHT = ' 00:00:00';

/** How far before a mark rows are looked for, in seconds. A DATE at midnight is taken for a day, which is not over when it is read. */
function overlapOf(
  { type }: TypedColumn,
  mark: string,
  { overlapSeconds }: Pick<OracleSettings, 'overlapSeconds'>,
): number {
  return type.tag === 'date' && mark.endsWith(MIDNIGHT) ? Math.max(DAY, overlapSeconds) : overlapSeconds;
}

/** A mark moved back by the overlap. Its digits behind the sixth count only where it stays as it is. */
function earlier(column: TypedColumn, mark: string, seconds: number): string {
  if (seconds === 0) return mark;
  const fraction = /^\.(\d+)/.exec(mark.slice(SECONDS))?.[1] ?? '';
  const wall = `${mark.slice(0, 10)}T${mark.slice(11, SECONDS)}.${fraction.slice(0, FRACTION).padEnd(FRACTION, '0')}Z`;
  const zone = column.type.tag === 'zoned' ? offsetOf(mark) : '';
  const micros = microsecondsFromTimestamp(wall) - offsetMicroseconds(zone);
  return timeText(column, micros - BigInt(Math.round(seconds * MICROSECONDS)));
}

/** As the type's values are read back; the fraction of a DATE is left out. */
function timeText({ type }: TypedColumn, microseconds: bigint): string {
  const text = datetimeText(timestampFromMicroseconds(microseconds));
  if (type.tag === 'date') return text.slice(0, SECONDS);
  return type.tag === 'zoned' ? `${text} +00:00` : text;
}
