import { PutObjectCommand, type S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractStoreContract } from './extract-store.ts';
import { startS3, type S3Server } from '../fixtures/s3-server.ts';
import { S3Store } from '../../hosts/aws/s3-store.ts';

const MB = 1 << 20;
const PART = 8 * MB;
const never = new AbortController().signal;

extractStoreContract('S3', async () => {
  const server = await startS3();
  const open = () => new S3Store({ client: server.client(), bucket: server.bucket, prefix: 'account/stage' });
  return { store: open(), another: open(), [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]() };
});

describe('a bucket as a store', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const open = (client: S3Client, prefix = '') => new S3Store({ client, bucket: server.bucket, prefix });
  /** A store and the names of the requests that it sends. */
  const recorded = (settings?: S3ClientConfig) => {
    const client = server.client(settings);
    const sent: string[] = [];
    client.middlewareStack.add((next, context) => async (call) => {
      sent.push((context.commandName ?? '').replace('Command', ''));
      return next(call);
    });
    return { store: open(client), client, sent };
  };

  it('takes one request for what is shorter than a part, whether it is a buffer or a stream', async () => {
    const { store, sent } = recorded();
    await store.put('one/buffer', Buffer.alloc(9 * MB), never);
    await store.put('one/stream', zeros(PART - 1), never);
    expect(sent).toEqual(['PutObject', 'PutObject']);
  });

  it.each([
    [PART, 1],
    [PART + 1, 2],
    [2 * PART, 2],
  ])('sends a stream of %i bytes in %i parts', async (size, parts) => {
    const { store, sent } = recorded();
    await store.put(`parts/${size}`, zeros(size), never);
    const uploads = Array.from({ length: parts }, () => 'UploadPart');
    expect(sent).toEqual(['CreateMultipartUpload', ...uploads, 'CompleteMultipartUpload']);
    expect(await Array.fromAsync(store.list(`parts/${size}`, never))).toEqual([{ key: `parts/${size}`, size }]);
  });

  it('asks for a stream no further than one part ahead of the one that is sent', async () => {
    const { store, client } = recorded();
    let asked = 0;
    let stored = 0;
    let ahead = 0;
    client.middlewareStack.add(
      (next, context) => async (call) => {
        const reply = await next(call);
        if (context.commandName === 'UploadPartCommand') stored += PART;
        return reply;
      },
      { step: 'initialize' },
    );
    async function* large(): AsyncIterable<Buffer> {
      for (; asked < 64 * MB; asked += MB) {
        ahead = Math.max(ahead, asked + MB - stored);
        yield Buffer.alloc(MB);
        await Promise.resolve();
      }
    }
    await store.put('ahead', large(), never);
    expect(ahead).toBeGreaterThan(PART);
    expect(ahead).toBeLessThanOrEqual(2 * PART + MB);
  });

  it('leaves no parts behind when the body, a part or the end fails, or it is aborted', async () => {
    const body = new Error('the body failed');
    async function* failing(): AsyncIterable<Buffer> {
      yield* zeros(2 * PART);
      throw body;
    }
    await expect(recorded().store.put('failed/body', failing(), never)).rejects.toBe(body);

    for (const name of ['UploadPart', 'CompleteMultipartUpload']) {
      const { store, client, sent } = recorded({ maxAttempts: 1 });
      failAt(client, name);
      const put = store.put(`failed/${name.toLowerCase()}`, zeros(3 * PART), never);
      await expect(put).rejects.toMatchObject({ code: 'PS3003', retry: 'timed' });
      expect(sent.at(-1)).toBe('AbortMultipartUpload');
    }

    const abort = new AbortController();
    const reason = new Error('stopped');
    async function* aborting(): AsyncIterable<Buffer> {
      yield* zeros(2 * PART);
      abort.abort(reason);
      yield* zeros(2 * PART);
    }
    await expect(recorded().store.put('failed/abort', aborting(), abort.signal)).rejects.toBe(reason);

    expect(await server.unfinishedUploads()).toBe(0);
    expect(await Array.fromAsync(recorded().store.list('failed/', never))).toEqual([]);
  });

  it('gives an upload up only when no part is on its way any more: a late part would stay', async () => {
    const { store, client } = recorded();
    const body = new Error('the body failed');
    const order: string[] = [];
    const failed = Promise.withResolvers<undefined>();
    client.middlewareStack.add((next, context) => async (call) => {
      if (context.commandName === 'UploadPartCommand') await failed.promise;
      const reply = await next(call);
      order.push(context.commandName ?? '');
      return reply;
    });
    async function* failing(): AsyncIterable<Buffer> {
      yield* zeros(PART);
      setImmediate(() => {
        failed.resolve(undefined);
      });
      throw body;
    }
    await expect(store.put('late', failing(), never)).rejects.toBe(body);
    expect(order).toEqual(['CreateMultipartUploadCommand', 'UploadPartCommand', 'AbortMultipartUploadCommand']);
  });

  it('tries again what fails once', async () => {
    const { store, client } = recorded();
    failAt(client, 'PutObject', 1);
    expect(await store.put('retried', Buffer.from('x'), never)).toEqual({ key: 'retried', size: 1 });
  });

  it('keeps to its prefix', async () => {
    const client = server.client();
    await client.send(new PutObjectCommand({ Bucket: server.bucket, Key: 'prefixed-b', Body: 'x' }));
    const store = open(client, 'prefixed');
    await store.put('b', Buffer.from('x'), never);
    expect(store.locate('b')).toBe(`s3://${server.bucket}/prefixed/b`);
    expect(await Array.fromAsync(store.list('', never))).toEqual([{ key: 'b', size: 1 }]);
    await store.deletePrefix('', never);
    expect(await Array.fromAsync(open(client).list('prefixed', never))).toEqual([{ key: 'prefixed-b', size: 1 }]);
  });

  it('asks for the encryption that it is set to', async () => {
    const client = server.client();
    const asked: unknown[] = [];
    client.middlewareStack.add((next) => async (call) => {
      const { ServerSideEncryption, SSEKMSKeyId } = call.input as unknown as Record<string, unknown>;
      asked.push([ServerSideEncryption, SSEKMSKeyId]);
      return next(call);
    });
    const settings = { client, bucket: server.bucket, prefix: 'encrypted' };
    const aes = new S3Store({ ...settings, serverSideEncryption: { tag: 'aes256' } });
    const kms = new S3Store({ ...settings, serverSideEncryption: { tag: 'kms', keyId: 'a-key' } });
    await aes.put('a', Buffer.from('x'), never);
    await kms.put('b', zeros(PART), never);
    expect(asked.slice(0, 2)).toEqual([
      ['AES256', undefined],
      ['aws:kms', 'a-key'],
    ]);
  });

  it('says PS3003 for a bucket that is not there, and names it', async () => {
    const store = new S3Store({ client: server.client(), bucket: 'no-such-bucket', prefix: '' });
    const expected = { code: 'PS3003', message: expect.stringContaining('no-such-bucket') as string };
    await expect(store.put('a', Buffer.from('x'), never)).rejects.toMatchObject(expected);
    await expect(Array.fromAsync(store.read('a', null, never))).rejects.toMatchObject(expected);
    await expect(Array.fromAsync(store.list('', never))).rejects.toMatchObject(expected);
  });

  it('says PS3003 where nobody listens, and for a reply that breaks off', async () => {
    const nobody = open(server.client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }));
    await expect(nobody.put('a', Buffer.from('x'), never)).rejects.toMatchObject({ code: 'PS3003' });

    const { store, client } = recorded();
    await store.put('broken', Buffer.alloc(4 * MB), never);
    client.middlewareStack.add((next) => async (call) => {
      const reply = await next(call);
      const { Body } = reply.output as { Body?: NodeJS.ReadableStream & { destroy(error: Error): void } };
      Body?.once('data', () => Body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })));
      return reply;
    });
    await expect(Array.fromAsync(store.read('broken', null, never))).rejects.toMatchObject({ code: 'PS3003' });
  });

  it('says PS3003 for a key that was not deleted although the reply was 200', async () => {
    const { store, client } = recorded();
    await store.put('kept/a', Buffer.from('x'), never);
    client.middlewareStack.add((next, context) => async (call) => {
      const reply = await next(call);
      if (context.commandName === 'DeleteObjectsCommand')
        Object.assign(reply.output, { Errors: [{ Key: 'kept/a', Code: 'AccessDenied' }] });
      return reply;
    });
    await expect(store.deletePrefix('kept/', never)).rejects.toMatchObject({
      code: 'PS3003',
      message: expect.stringContaining('kept/a') as string,
    });
  });
});

/** Requests of this name fail as an overloaded server's do: all of them, or the first `times` tries. */
function failAt(client: S3Client, name: string, times = Infinity): void {
  let failed = 0;
  client.middlewareStack.add(
    (next, context) => async (call) => {
      if (context.commandName !== `${name}Command` || failed >= times) return next(call);
      failed++;
      const error = Object.assign(new Error('Please reduce your request rate'), {
        name: 'SlowDown',
        $fault: 'server',
        $retryable: { throttling: true },
        $metadata: { httpStatusCode: 503 },
      });
      throw error;
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}

async function* zeros(size: number): AsyncIterable<Buffer> {
  for (let left = size; left > 0; left -= MB) {
    await Promise.resolve();
    yield Buffer.alloc(Math.min(left, MB));
  }
}
