import { tableId } from '../../changes/table-name.ts';
import { datetimeText, timestampFromMicroseconds } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { requirePollColumn } from '../table-choices.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { keyLiteral } from './row-sql.ts';
import type { MysqlSettings } from './settings.ts';
import { identifier, literal } from './sql.ts';

/** The column that a table is polled by, as SQL. */
export interface PollColumn {
  readonly name: string;
  /** Of a value of the column: the expression whose text is a mark. */
  readonly output: (value: string) => string;
  /** A mark as a constant of the column's type. */
  readonly constant: (mark: string) => string;
  /**
   * The greatest value that a poll at this time of the source (microseconds since 1970) gives out. Rows above it are left for the next
   * one, because older ones may still be uncommitted. Null: a number or a date, where no time helps.
   */
  readonly upperAt: ((microseconds: bigint) => string) | null;
  /** A number: nothing tells which values may still be uncommitted. */
  readonly isPlain: boolean;
  /** Subtracted from a mark: rows that were committed late are looked for from there on. Empty: nothing is. */
  readonly overlap: string;
}

const MICROSECONDS = 1_000_000;

/** @throws PenstockError PS1001 where no column is chosen or it cannot be polled by, PS2011 where the table has no key */
export function pollColumnOf(table: ReplicatedTable, settings: MysqlSettings): PollColumn {
  const id = tableId(table.schema.table);
  const name = requirePollColumn(table);
  const column = table.columns.find(({ source }) => source.name === name);
  const found = column === undefined ? null : polled(column, settings);
  if (found !== null) return found;
  throw new PenstockError('PS1001', `${id}: timestampColumn ${name} is neither a time nor a number`, { table: id });
}

function polled(column: ReplicatedColumn, settings: MysqlSettings): PollColumn | null {
  const name = identifier(column.source.name);
  const { tag } = column.source.type;
  if (tag === 'datetime' || tag === 'timestamp') {
    const offset = tag === 'datetime' ? zoneMicroseconds(settings.timestampZone) : 0n;
    return timed(name, offset, settings);
  }
  if (tag === 'date') {
    const constant = (text: string) => `DATE${literal(text)}`;
    return { name, output: (value) => value, constant, isPlain: false, upperAt: null, overlap: ' - INTERVAL 1 DAY' };
  }
  if (tag !== 'integer' && tag !== 'decimal') return null;
  // Adding 0 drops the zeros of ZEROFILL.
  const output = (value: string) => `${value} + 0`;
  return { name, output, constant: (text) => keyLiteral(column, text), isPlain: true, upperAt: null, overlap: '' };
}

/** `offset`: what the clock by which the column is written shows more than UTC, in microseconds. */
function timed(name: string, offset: bigint, settings: MysqlSettings): PollColumn {
  const shift = offset - BigInt(Math.round(settings.lagSeconds * MICROSECONDS));
  const overlap = Math.round(settings.overlapSeconds * MICROSECONDS);
  const constant = (text: string) => `TIMESTAMP${literal(text)}`;
  return {
    name,
    output: (value) => value,
    constant,
    isPlain: false,
    upperAt: (microseconds) => constant(datetimeText(timestampFromMicroseconds(microseconds + shift))),
    overlap: overlap === 0 ? '' : ` - INTERVAL ${overlap} MICROSECOND`,
  };
}

/** `-05:30` → what such a clock shows more than UTC. */
function zoneMicroseconds(offset: string): bigint {
  const [hours = '0', minutes = '0'] = offset.slice(1).split(':');
  const magnitude = BigInt(Number(hours) * 60 + Number(minutes)) * 60n * BigInt(MICROSECONDS);
  return offset.startsWith('-') ? -magnitude : magnitude;
}

/** Rows above the mark, or all where there is none; with an overlap some of them a second time. */
export function pollCondition(column: PollColumn, mark: string | null, microseconds: bigint): string {
  const { name, constant, overlap, upperAt } = column;
  const lower = mark === null ? `${name} IS NOT NULL` : `${name} > ${constant(mark)}${overlap}`;
  return upperAt === null ? lower : `${lower} AND ${name} <= ${upperAt(microseconds)}`;
}
