import { addAbortSignal, Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  type ServerSideEncryption,
} from '@aws-sdk/client-s3';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { ByteRange, ExtractStore, StoredObject } from '../../core/extracts/extract-store.ts';
import { keyPrefix, objectKey } from '../node/object-key.ts';
import { untilAborted } from '../node/until-aborted.ts';
import { MultipartUpload } from './multipart-upload.ts';
import { partBuffers } from './part-buffers.ts';

/** A put of a stream holds two parts. S3 takes at least 5 MiB a part. */
const PART_BYTES = 8 << 20;
/** S3's limit for one DeleteObjects. */
const DELETE_KEYS = 1000;

export interface S3StoreSettings {
  readonly client: S3Client;
  /** A general-purpose bucket: directory buckets do not list in order. */
  readonly bucket: string;
  /** Stands before every key; empty for none. A `/` is put behind it if need be. */
  readonly prefix: string;
  /** Absent: what the bucket does by itself (SSE-S3 unless set otherwise). */
  readonly serverSideEncryption?: { readonly tag: 'aes256' } | { readonly tag: 'kms'; readonly keyId: string };
}

/**
 * Extracts in a bucket. The SDK adds a CRC32 to every put, which S3 verifies, and tries again what passes by itself.
 * The bucket should have a lifecycle rule that removes unfinished multipart uploads: a killed process leaves them.
 */
export class S3Store implements ExtractStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #encryption: { readonly ServerSideEncryption?: ServerSideEncryption; readonly SSEKMSKeyId?: string };

  constructor({ client, bucket, prefix, serverSideEncryption }: S3StoreSettings) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    if (serverSideEncryption === undefined) this.#encryption = {};
    else if (serverSideEncryption.tag === 'aes256') this.#encryption = { ServerSideEncryption: 'AES256' };
    else this.#encryption = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: serverSideEncryption.keyId };
  }

  async put(key: string, body: AsyncIterable<Buffer> | Buffer, signal: AbortSignal): Promise<StoredObject> {
    const object = this.#object(key);
    if (Buffer.isBuffer(body)) {
      await this.#putWhole(key, body, signal);
      return { key, size: body.length };
    }
    let upload: MultipartUpload | null = null;
    let size = 0;
    try {
      signal.throwIfAborted();
      for await (const bytes of partBuffers(untilAborted(body, signal), PART_BYTES)) {
        signal.throwIfAborted();
        size += bytes.length;
        if (upload === null && bytes.length < PART_BYTES) await this.#putWhole(key, bytes, signal);
        else if (bytes.length > 0) {
          const begun: MultipartUpload =
            upload ?? (await this.#calling(key, signal, () => this.#begin(object, signal)));
          upload = begun;
          await this.#calling(key, signal, () => begun.add(bytes));
        }
      }
      const begun = upload;
      if (begun !== null) await this.#calling(key, signal, () => begun.complete());
      return { key, size };
    } catch (error) {
      await upload?.abort();
      throw error;
    }
  }

  async *read(key: string, range: ByteRange | null, signal: AbortSignal): AsyncIterable<Buffer> {
    const object = this.#object(key);
    if (range?.length === 0) {
      // HTTP has no empty range; the object has to be there all the same.
      const head = () => this.#client.send(new HeadObjectCommand(object), { abortSignal: signal });
      const size = (await this.#calling(key, signal, head)).ContentLength ?? 0;
      if (size < range.offset) throw new PenstockError('PS3001', `${key} has no byte ${range.offset}`);
      return;
    }
    const wanted = range === null ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const get = () => this.#client.send(new GetObjectCommand({ ...object, ...wanted }), { abortSignal: signal });
    const { Body, ContentLength } = await this.#calling(key, signal, get);
    if (!(Body instanceof Readable)) throw new PenstockError('PS3003', `reading ${key}: the reply has no stream`);
    const length = range?.length ?? ContentLength ?? 0;
    if (ContentLength !== length) {
      Body.destroy();
      throw new PenstockError('PS3001', `${key} ends before byte ${(range?.offset ?? 0) + length}`);
    }
    let given = 0;
    try {
      for await (const buffer of addAbortSignal(signal, Body)) {
        given += (buffer as Buffer).length;
        yield buffer as Buffer;
      }
    } catch (error) {
      throw this.#storeError(error, key, signal);
    }
    if (given !== length) throw new PenstockError('PS3003', `reading ${key}: ${given} of ${length} bytes arrived`);
  }

  locate(key: string): string {
    return `s3://${this.#bucket}/${this.#prefix}${objectKey(key)}`;
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject> {
    for await (const page of this.#pages(prefix, signal)) yield* page;
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (let first = 0; first < keys.length; first += DELETE_KEYS) {
      const some = keys.slice(first, first + DELETE_KEYS);
      const Objects = some.map((key) => ({ Key: this.#prefix + objectKey(key) }));
      const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } });
      const what = some[0] ?? '';
      const remove = () => this.#client.send(command, { abortSignal: signal });
      const [failed] = (await this.#calling(what, signal, remove)).Errors ?? [];
      // The reply is 200 all the same.
      if (failed === undefined) continue;
      const key = failed.Key ?? what;
      throw new PenstockError('PS3003', `deleting ${key} from ${this.#bucket}: ${failed.Code ?? 'unknown'}`);
    }
  }

  async deletePrefix(prefix: string, signal: AbortSignal): Promise<void> {
    for await (const page of this.#pages(prefix, signal)) {
      const keys = page.map(({ key }) => key);
      await this.delete(keys, signal);
    }
  }

  async *#pages(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject[]> {
    const asked = { Bucket: this.#bucket, Prefix: this.#prefix + keyPrefix(prefix) };
    let after: string | undefined;
    do {
      const command = new ListObjectsV2Command({ ...asked, ContinuationToken: after });
      const reply = await this.#calling(prefix, signal, () => this.#client.send(command, { abortSignal: signal }));
      yield (reply.Contents ?? []).map(({ Key = '', Size = 0 }) => ({
        key: Key.slice(this.#prefix.length),
        size: Size,
      }));
      after = reply.IsTruncated === true ? reply.NextContinuationToken : undefined;
    } while (after !== undefined);
  }

  async #putWhole(key: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({ ...this.#object(key), ...this.#encryption, Body: bytes });
    await this.#calling(key, signal, () => this.#client.send(command, { abortSignal: signal }));
  }

  async #begin(object: { Bucket: string; Key: string }, signal: AbortSignal): Promise<MultipartUpload> {
    return MultipartUpload.begin(this.#client, { ...object, ...this.#encryption }, signal);
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + objectKey(key) };
  }

  /** Only what the SDK throws becomes an error of the store; what a body throws stays what it is. */
  async #calling<Reply>(what: string, signal: AbortSignal, call: () => Promise<Reply>): Promise<Reply> {
    try {
      signal.throwIfAborted();
      return await call();
    } catch (error) {
      throw this.#storeError(error, what, signal);
    }
  }

  #storeError(error: unknown, what: string, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof PenstockError) return error;
    const place = `${what} in s3://${this.#bucket}/${this.#prefix}`;
    const name = error instanceof Error ? error.name : 'unknown';
    if (MISSING.has(name)) return new PenstockError('PS3001', `${place}: ${name}`, { cause: error });
    const message = error instanceof Error ? error.message : String(error);
    return new PenstockError('PS3003', `${place}: ${name}: ${message}`, { cause: error });
  }
}

/** GetObject without an object, HeadObject without one, and status 416. */
const MISSING: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound', 'InvalidRange']);
