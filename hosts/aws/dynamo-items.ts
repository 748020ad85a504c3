import { randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Item, ItemKey, ItemQuery, ItemTable, JsonObject } from '../../core/catalog/item-table.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';

export interface DynamoItemsSettings {
  readonly client: DynamoDBClient;
  /** A table with the string keys `partition` (HASH) and `sort` (RANGE). */
  readonly table: string;
}

/** What one item holds. The value is JSON text: DynamoDB would round numbers and refuse some empty values. */
interface StoredItem {
  readonly partition: string;
  readonly sort: string;
  readonly version: number;
  readonly value: string;
  /** Names the write, so that one whose reply was lost is known again. */
  readonly write: string;
  /** Seconds since 1970, see {@link EXPIRES}. */
  readonly expires?: number;
}

/** The table's time-to-live attribute: DynamoDB removes items some time after it, and bills nothing for it. */
export const EXPIRES: keyof StoredItem = 'expires';

/** DynamoDB's limit for one item, names included. */
const MOST_ITEM_BYTES = 400 * 1024;
const NAMES = { '#partition': 'partition', '#sort': 'sort', '#version': 'version' } as const;

/** Items in one DynamoDB table, with single-item conditional writes and consistent reads only. */
export class DynamoItems implements ItemTable {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor({ client, table }: DynamoItemsSettings) {
    this.#client = DynamoDBDocumentClient.from(client);
    this.#table = table;
  }

  async get(key: ItemKey): Promise<Item | null> {
    const found = await this.#find(key);
    return found === null ? null : itemOf(found);
  }

  async put(key: ItemKey, value: JsonObject, expected: number | null, expiresAt?: number): Promise<number> {
    const version = (expected ?? 0) + 1;
    const write = randomBytes(8).toString('hex');
    const expires = expiresAt === undefined ? {} : { expires: Math.ceil(expiresAt / 1000) };
    const item: StoredItem = { ...keyOf(key), version, value: JSON.stringify(value), write, ...expires };
    const bytes = Object.entries(item).reduce(
      (sum, [name, field]) => sum + name.length + Buffer.byteLength(`${field}`),
      0,
    );
    if (bytes > MOST_ITEM_BYTES) {
      throw new PenstockError(
        'PS9001',
        `item ${key.sort} of ${key.partition} has ${bytes} bytes; DynamoDB holds ${MOST_ITEM_BYTES}`,
      );
    }
    const condition =
      expected === null
        ? { ConditionExpression: 'attribute_not_exists(#sort)', ExpressionAttributeNames: { '#sort': 'sort' } }
        : {
            ConditionExpression: '#version = :expected',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':expected': expected },
          };
    try {
      await this.#client.send(new PutCommand({ TableName: this.#table, Item: item, ...condition }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw this.#unreachable(error, key.sort);
      if ((error.$metadata.attempts ?? 1) > 1) await this.#recognise(item);
      else throw changed(key, expected);
    }
    return version;
  }

  async remove(key: ItemKey): Promise<void> {
    try {
      await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: keyOf(key) }));
    } catch (error) {
      throw this.#unreachable(error, key.sort);
    }
  }

  async removeExpired(): Promise<void> {
    return Promise.resolve();
  }

  async list(query: ItemQuery): Promise<Item[]> {
    const { partition, prefix, limit, descending } = query;
    const start = startOf(query);
    const items: Item[] = [];
    if (start.tag === 'behind') return items;
    let from: Record<string, unknown> | undefined = start.tag === 'after' ? { partition, sort: start.sort } : undefined;
    const hasPrefix = prefix !== '';
    while (items.length < limit) {
      const command = new QueryCommand({
        TableName: this.#table,
        ConsistentRead: true,
        ScanIndexForward: !descending,
        KeyConditionExpression: `#partition = :partition${hasPrefix ? ' AND begins_with(#sort, :prefix)' : ''}`,
        ExpressionAttributeNames: {
          '#partition': NAMES['#partition'],
          ...(hasPrefix ? { '#sort': NAMES['#sort'] } : {}),
        },
        ExpressionAttributeValues: { ':partition': partition, ...(hasPrefix ? { ':prefix': prefix } : {}) },
        Limit: limit - items.length,
        ExclusiveStartKey: from,
      });
      try {
        const reply = await this.#client.send(command);
        items.push(...((reply.Items ?? []) as StoredItem[]).map(itemOf));
        from = reply.LastEvaluatedKey;
      } catch (error) {
        throw this.#unreachable(error, `${prefix}*`);
      }
      if (from === undefined) break;
    }
    return items;
  }

  async #find(key: ItemKey): Promise<StoredItem | null> {
    try {
      const command = new GetCommand({ TableName: this.#table, Key: keyOf(key), ConsistentRead: true });
      return ((await this.#client.send(command)).Item as StoredItem | undefined) ?? null;
    } catch (error) {
      throw this.#unreachable(error, key.sort);
    }
  }

  /**
   * The SDK had sent the write more than once: the condition may have failed because an earlier try had succeeded.
   * @throws PenstockError PS3005 if it had not, PS3004 if nobody can tell any more
   */
  async #recognise(item: StoredItem): Promise<void> {
    const found = await this.#find(item);
    if (found?.write === item.write) return;
    if (found !== null && found.version <= item.version) throw changed(item, item.version - 1);
    throw new PenstockError('PS3004', `${this.#table}: whether item ${item.sort} was written is not known`);
  }

  #unreachable(error: unknown, sort: string): unknown {
    if (error instanceof PenstockError) return error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new PenstockError('PS3004', `table ${this.#table}, item ${sort}: ${reason}`, { cause: error });
  }
}

/** Where a list begins: DynamoDB refuses a start that does not have the prefix. */
function startOf({
  prefix,
  after,
  descending,
}: ItemQuery): { tag: 'first' } | { tag: 'after'; sort: string } | { tag: 'behind' } {
  if (after === null) return { tag: 'first' };
  if (after.startsWith(prefix) && after !== '') return { tag: 'after', sort: after };
  // DynamoDB's order is that of the UTF-8 bytes.
  const isBefore = Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0;
  return isBefore === descending ? { tag: 'behind' } : { tag: 'first' };
}

function changed(key: ItemKey, expected: number | null): PenstockError {
  const version = expected === null || expected === 0 ? 'none' : expected;
  return new PenstockError('PS3005', `${key.sort} of ${key.partition} does not have version ${version} any more`);
}

function keyOf({ partition, sort }: ItemKey): { partition: string; sort: string } {
  return { partition, sort };
}

function itemOf(stored: StoredItem): Item {
  return { key: keyOf(stored), value: JSON.parse(stored.value) as JsonObject, version: stored.version };
}
