import type { RowValues } from '../../../core/changes/change.ts';
import { tableSchema, type Column, type TableSchema } from '../../../core/changes/table-schema.ts';

/** A table of the simulated source: how it is built, kept at the destination, and changed by the workload. */
export interface SourceTable {
  readonly name: string;
  readonly transfer: 'mirror' | 'history';
  readonly keyed: boolean;
  /** Columns at the beginning; the key is the first one. */
  readonly columns: readonly Column[];
  /** Places of columns whose values an update may leave out when they did not change. */
  readonly toasted: readonly number[];
  /** Columns that the workload may add, in this order. */
  readonly later: readonly Column[];
}

export type FullRow = readonly (string | null)[];

const number = (name: string, nullable: boolean): Column => ({
  name,
  type: { tag: 'integer', bits: 64, unsigned: false },
  nullable,
  sourceType: 'bigint',
  backfill: null,
});

const text = (name: string, backfill: string | null = null): Column => ({
  name,
  type: { tag: 'text', maxCharacters: null },
  nullable: true,
  sourceType: 'text',
  backfill,
});

/** One table of each kind: a mirror by key, a history by key, a mirror without a key. */
export const SOURCE_TABLES: readonly SourceTable[] = [
  {
    name: 'customer',
    transfer: 'mirror',
    keyed: true,
    columns: [number('id', false), text('name'), text('note'), number('visits', true)],
    toasted: [1, 2],
    later: [text('tier', 'basic'), text('remark')],
  },
  {
    name: 'price',
    transfer: 'history',
    keyed: true,
    columns: [number('id', false), text('amount'), text('terms')],
    toasted: [2],
    later: [text('currency', 'EUR')],
  },
  {
    name: 'click',
    transfer: 'mirror',
    keyed: false,
    columns: [text('page'), number('seconds', true)],
    toasted: [],
    later: [],
  },
];

export function schemaOf(table: SourceTable, columns: readonly Column[]): TableSchema {
  return tableSchema({
    table: { schema: 'shop', name: table.name },
    columns,
    identity: table.keyed ? { tag: 'key', columns: ['id'] } : { tag: 'row' },
  });
}

/** What happened to one row: `before` and `after` as the log tells it, `whole` as it was. */
export interface RowOperation {
  readonly tag: 'row';
  readonly table: SourceTable;
  readonly schema: TableSchema;
  readonly op: 'insert' | 'update' | 'delete';
  readonly before: RowValues | null;
  readonly after: RowValues | null;
  readonly whole: { readonly before: FullRow | null; readonly after: FullRow | null };
}

export interface TruncateOperation {
  readonly tag: 'truncate';
  readonly table: SourceTable;
  readonly schema: TableSchema;
}

/** A transaction as the log keeps it. Orders are 16 hexadecimal digits; `end` lies behind `commit`. */
export interface LoggedTransaction {
  readonly commit: string;
  readonly end: string;
  readonly microseconds: bigint;
  readonly operations: readonly (RowOperation | TruncateOperation)[];
}

export function orderText(order: number): string {
  return order.toString(16).padStart(16, '0');
}
