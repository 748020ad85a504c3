import type { TableName } from '../../../changes/table-name.ts';
import type { TableSchema } from '../../../changes/table-schema.ts';
import type { LoggedTable } from '../logged-table.ts';
import type { TableMap } from '../binlog/table-map.ts';

/** What the decoder cannot know by itself. After the answer the same event is to be decoded again. */
export interface DescribeRequest {
  readonly tag: 'describe';
  readonly table: TableName;
  /** Null: only the table's structure as it is now is asked for, to stand before a truncate. */
  readonly map: TableMap | null;
  /** The event's body. */
  readonly bytes: Buffer;
  readonly earlier: TableSchema | null;
  readonly isUncertain: (column: string) => boolean;
  /** The event's time, in seconds since 1970. */
  readonly writtenAt: number;
}

/** The events of a transaction in one: each is to be decoded, then `endPayload` called. */
export interface PayloadRequest {
  readonly tag: 'payload';
  readonly isCompressed: boolean;
  readonly payload: Buffer;
}

export type DecoderRequest = DescribeRequest | PayloadRequest;

/** `until`: the order of a place at which all that was said was still so. */
export type DescribeAnswer =
  | {
      readonly tag: 'plan';
      readonly plan: LoggedTable;
      readonly trusted: readonly string[] | null;
      readonly until: string;
    }
  | { readonly tag: 'schema'; readonly schema: TableSchema; readonly until: string }
  | { readonly tag: 'obstacle'; readonly reason: string };
