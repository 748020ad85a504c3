/**
 * Where extracts are kept: a directory or a bucket. Keys are `/`-separated, `[a-z0-9._/-]` only.
 * A put is all or nothing: a reader sees the whole object or none.
 */
export interface ExtractStore {
  /**
   * Writes an object; durable when it resolves (fsync of file and directory; S3's 200).
   * Overwrites an object of the same key; callers never reuse a key for other content.
   * @throws PenstockError PS3003
   */
  put(key: string, body: AsyncIterable<Buffer> | Buffer, signal: AbortSignal): Promise<StoredObject>;
  /**
   * Reads bytes [offset, offset + length) of an object, in order; all of it without a range.
   * @throws PenstockError PS3001 where the object or a byte of the range is missing, PS3003
   */
  read(key: string, range: ByteRange | null, signal: AbortSignal): AsyncIterable<Buffer>;
  /** An address for people and for pipelines that read by themselves: `s3://bucket/key` or a path. */
  locate(key: string): string;
  /** Keys under a prefix in ascending order. @throws PenstockError PS3003 */
  list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject>;
  /** Removes these objects, also where some are not there; safe to repeat. @throws PenstockError PS3003 */
  delete(keys: readonly string[], signal: AbortSignal): Promise<void>;
  /** Removes all objects under a prefix; safe to repeat. @throws PenstockError PS3003 */
  deletePrefix(prefix: string, signal: AbortSignal): Promise<void>;
}

export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}
