/**
 * What the catalog stands on: items with a version, written one at a time on a condition.
 * Small enough for DynamoDB without transactions and for one SQLite table.
 */
export interface ItemTable {
  /** Strongly consistent. @throws PenstockError PS3004 */
  get(key: ItemKey): Promise<Item | null>;
  /**
   * Writes one item if its version is still `expected` (null: there is none). Durable when it resolves.
   * The new version is `expected + 1`, or 1. May have happened although it rejects with PS3004 (a lost reply).
   * `expiresAt`: when it may go, in milliseconds since 1970; it may still be found for some days. None: it stays.
   * @throws PenstockError PS3005 when the condition fails, PS3004
   */
  put(key: ItemKey, value: JsonObject, expected: number | null, expiresAt?: number): Promise<number>;
  /** Removes an item whatever its version; safe to repeat. @throws PenstockError PS3004 */
  remove(key: ItemKey): Promise<void>;
  /** Removes what has expired by `now`; where the store does so by itself, nothing happens. @throws PenstockError PS3004 */
  removeExpired(now: number): Promise<void>;
  /**
   * Items of a partition whose sort key begins with `prefix`, in the order of the keys' UTF-8 bytes (or the other way round),
   * behind `after` (exclusive), at most `limit`. Strongly consistent.
   * @throws PenstockError PS3004
   */
  list(query: ItemQuery): Promise<Item[]>;
}

export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

export interface Item {
  readonly key: ItemKey;
  readonly value: JsonObject;
  readonly version: number;
}

export interface ItemQuery {
  readonly partition: string;
  readonly prefix: string;
  /** A sort key; the list begins behind it. Null: from the beginning. */
  readonly after: string | null;
  readonly limit: number;
  readonly descending: boolean;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };
