import { PenstockError } from '../../errors/penstock-error.ts';
import { tableId } from '../../changes/table-name.ts';
import { requirePollColumn } from '../table-choices.ts';
import type { ReplicatedTable } from './describe.ts';
import type { PostgresSettings } from './settings.ts';
import { identifier, literal } from './sql.ts';

const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const NUMBERS = new Set([20, 21, 23, 1700]);
const DATE = 1082;

/** A zone by its name; an offset as an interval, because as the text of a zone its sign would mean west, as POSIX has it. */
function zoneSql(zone: string): string {
  return /^[+-]\d\d:\d\d$/.test(zone) ? `interval ${literal(zone)}` : literal(zone);
}

/** The column that a table is polled by, as SQL. */
export interface PollColumn {
  readonly name: string;
  /** The name of its type. */
  readonly type: string;
  /** Rows above it are left for the next poll, because older ones may still be uncommitted; null: a number or a date, where no time helps. */
  readonly upper: string | null;
  /** A number: nothing tells which values may still be uncommitted. */
  readonly isPlain: boolean;
  /** Below a mark: rows that were committed late are looked for from there on. */
  readonly overlap: string;
}

/** @throws PenstockError PS1001 where no column is chosen or it cannot be polled by, PS2011 where the table has no key */
export function pollColumnOf(table: ReplicatedTable, settings: PostgresSettings): PollColumn {
  const id = tableId(table.schema.table);
  const name = requirePollColumn(table);
  const column = table.columns.find((one) => one.column.name === name);
  const oid = column?.source.baseOid;
  const interval = (seconds: number) => `${literal(`${seconds} seconds`)}::interval`;
  if (oid === TIMESTAMP || oid === TIMESTAMPTZ) {
    const now = oid === TIMESTAMPTZ ? 'now()' : `timezone(${zoneSql(settings.timestampZone)}, now())`;
    return {
      name: identifier(name),
      type: oid === TIMESTAMPTZ ? 'timestamptz' : 'timestamp',
      isPlain: false,
      upper: `${now} - ${interval(settings.lagSeconds)}`,
      overlap: ` - ${interval(settings.overlapSeconds)}`,
    };
  }
  if (oid === DATE) return { name: identifier(name), type: 'date', isPlain: false, upper: null, overlap: ' - 1' };
  if (oid !== undefined && NUMBERS.has(oid))
    return { name: identifier(name), type: 'numeric', isPlain: true, upper: null, overlap: '' };
  throw new PenstockError('PS1001', `${id}: timestampColumn ${name} is neither a time nor a number`, { table: id });
}
