import { GetItemCommand, type DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemTable } from '../../core/catalog/item-table.ts';
import { DynamoItems } from '../../hosts/aws/dynamo-items.ts';
import { startDynamoDb, type DynamoDbServer } from '../fixtures/dynamodb-server.ts';
import { itemTableContract } from './item-table.ts';

itemTableContract('DynamoDB', async () => {
  const server = await startDynamoDb();
  const open = () => new DynamoItems({ client: server.client(), table: server.table });
  return { items: open(), another: open(), [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]() };
});

describe('a DynamoDB table as an item table', () => {
  let server: DynamoDbServer;
  let other: ItemTable;
  beforeAll(async () => {
    server = await startDynamoDb();
    other = new DynamoItems({ client: server.client(), table: server.table });
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const open = (settings?: DynamoDBClientConfig) => {
    const client = server.client(settings);
    return { client, items: new DynamoItems({ client, table: server.table }) };
  };

  it('has the end of an item, in seconds, in the attribute that is the time to live', async () => {
    const { client, items } = open();
    const key = { partition: 'ends', sort: 'some' };
    await items.put(key, {}, null, 1_700_000_000_001);
    const Key = { partition: { S: 'ends' }, sort: { S: 'some' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: server.table, Key }));
    expect(Item?.['expires']).toEqual({ N: '1700000001' });
  });

  describe('a write whose reply was lost and which the SDK sends again', () => {
    const key = (sort: string) => ({ partition: 'lost', sort });

    it('is known again, new items and later versions', async () => {
      for (const expected of [null, 1]) {
        const { client, items } = open();
        let tries = 0;
        loseReplies(client, 1, async () => {
          tries++;
          return Promise.resolve();
        });
        expect(await items.put(key('own'), { expected }, expected)).toBe((expected ?? 0) + 1);
        expect(tries).toBe(1);
        expect((await other.get(key('own')))?.value).toEqual({ expected });
      }
    });

    it('is PS3004 when it was replaced meanwhile: nobody can tell any more', async () => {
      const { client, items } = open();
      loseReplies(client, 1, async () => {
        await other.put(key('replaced'), { by: 'other' }, 1);
      });
      await expect(items.put(key('replaced'), { by: 'me' }, null)).rejects.toMatchObject({ code: 'PS3004' });
      expect((await other.get(key('replaced')))?.value).toEqual({ by: 'other' });
    });

    it('is PS3005 when the first try did not happen and another writer was first', async () => {
      const { client, items } = open();
      client.middlewareStack.add(
        (next) => {
          let tries = 0;
          return async (call) => {
            if (++tries > 1) return next(call);
            await other.put(key('beaten'), { by: 'other' }, null);
            throw unavailable();
          };
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
      await expect(items.put(key('beaten'), { by: 'me' }, null)).rejects.toMatchObject({ code: 'PS3005' });
      expect((await other.get(key('beaten')))?.value).toEqual({ by: 'other' });
    });

    it('is PS3004 when the tries run out, and has happened', async () => {
      const { client, items } = open({ maxAttempts: 2 });
      loseReplies(client, Infinity);
      await expect(items.put(key('unsure'), { by: 'me' }, null)).rejects.toMatchObject({
        code: 'PS3004',
        retry: 'timed',
      });
      expect((await other.get(key('unsure')))?.value).toEqual({ by: 'me' });
    });
  });

  it('reads consistently, and asks for no more items than are wanted', async () => {
    const { client, items } = open();
    const asked: unknown[] = [];
    client.middlewareStack.add((next) => async (call) => {
      const { ConsistentRead, Limit } = call.input as unknown as Record<string, unknown>;
      asked.push([ConsistentRead, Limit]);
      return next(call);
    });
    await items.get({ partition: 'reads', sort: 'a' });
    await items.list({ partition: 'reads', prefix: 'a', after: null, limit: 7, descending: false });
    expect(await items.list({ partition: 'reads', prefix: 'a', after: null, limit: 0, descending: false })).toEqual([]);
    expect(asked).toEqual([
      [true, undefined],
      [true, 7],
    ]);
  });

  it('refuses an item that DynamoDB cannot hold, before it is sent', async () => {
    const key = { partition: 'large', sort: 'a' };
    await expect(other.put(key, { text: 'ü'.repeat(205_000) }, null)).rejects.toMatchObject({
      code: 'PS9001',
      message: expect.stringContaining('409600') as string,
    });
    expect(await other.get(key)).toBeNull();
  });

  it('says PS3004 for a table that is not there, and where nobody listens', async () => {
    const key = { partition: 'p', sort: 's' };
    const missing = new DynamoItems({ client: server.client(), table: 'no-such-table' });
    const nobody = new DynamoItems({
      client: server.client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }),
      table: server.table,
    });
    for (const items of [missing, nobody]) {
      const table = items === missing ? 'no-such-table' : server.table;
      const expected = { code: 'PS3004', retry: 'timed', message: expect.stringContaining(table) as string };
      await expect(items.get(key)).rejects.toMatchObject(expected);
      await expect(items.put(key, {}, null)).rejects.toMatchObject(expected);
      await expect(items.remove(key)).rejects.toMatchObject(expected);
      const query = { partition: 'p', prefix: '', after: null, limit: 1, descending: false };
      await expect(items.list(query)).rejects.toMatchObject(expected);
    }
  });
});

/** The first `times` tries take effect; `meanwhile` runs; then the reply is lost. */
function loseReplies(client: DynamoDBClient, times: number, meanwhile = async () => Promise.resolve()): void {
  let lost = 0;
  client.middlewareStack.add(
    (next) => async (call) => {
      const reply = await next(call);
      if (lost >= times) return reply;
      lost++;
      await meanwhile();
      throw unavailable();
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}

function unavailable(): Error {
  return Object.assign(new Error('the reply was lost'), {
    name: 'TimeoutError',
    $retryable: {},
    $metadata: { httpStatusCode: 503 },
  });
}
