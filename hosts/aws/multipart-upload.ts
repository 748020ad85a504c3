import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { PenstockError } from '../../core/errors/penstock-error.ts';

/** S3's limit. */
const MOST_PARTS = 10_000;
const ABORT_MILLISECONDS = 10_000;

/**
 * One object in parts: one part is on its way while the caller fills the next. Nothing is visible before {@link complete}.
 * Whoever begins one ends it with `complete` or `abort`. Errors are the SDK's own.
 */
export class MultipartUpload {
  readonly #client: S3Client;
  readonly #object: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
  readonly #signal: AbortSignal;
  readonly #parts: CompletedPart[] = [];
  #inFlight: Promise<CompletedPart> | null = null;

  private constructor(
    client: S3Client,
    object: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#object = object;
    this.#signal = signal;
  }

  static async begin(
    client: S3Client,
    input: CreateMultipartUploadCommandInput & { readonly Bucket: string; readonly Key: string },
    signal: AbortSignal,
  ): Promise<MultipartUpload> {
    const command = new CreateMultipartUploadCommand({ ...input, ChecksumAlgorithm: 'CRC32' });
    const { UploadId } = await client.send(command, { abortSignal: signal });
    if (UploadId === undefined) throw new PenstockError('PS3003', `${input.Key}: the upload got no id`);
    return new MultipartUpload(client, { Bucket: input.Bucket, Key: input.Key, UploadId }, signal);
  }

  /** Starts to send a part; waits for the one before it. `bytes` must stay as they are until the next call has resolved. */
  async add(bytes: Buffer): Promise<void> {
    await this.#settle();
    const number = this.#parts.length + 1;
    if (number > MOST_PARTS) {
      throw new PenstockError(
        'PS9001',
        `${this.#object.Key} would have more than ${MOST_PARTS} parts of ${bytes.length} bytes`,
      );
    }
    this.#inFlight = this.#upload(number, bytes);
    // It surfaces at the next call; until then it must not be an unhandled rejection.
    this.#inFlight.catch(() => undefined);
  }

  async complete(): Promise<void> {
    await this.#settle();
    await this.#client.send(
      new CompleteMultipartUploadCommand({ ...this.#object, MultipartUpload: { Parts: this.#parts } }),
      { abortSignal: this.#signal },
    );
  }

  /** Gives the parts up. Never throws: what stays behind is removed by the bucket's lifecycle rule for unfinished uploads. */
  async abort(): Promise<void> {
    try {
      // A part that arrives after the abort would stay.
      await this.#inFlight?.catch(() => undefined);
      await this.#client.send(new AbortMultipartUploadCommand(this.#object), {
        abortSignal: AbortSignal.timeout(ABORT_MILLISECONDS),
      });
    } catch {
      // The error that led here is the one to report.
    }
  }

  async #settle(): Promise<void> {
    if (this.#inFlight === null) return;
    this.#parts.push(await this.#inFlight);
    this.#inFlight = null;
  }

  async #upload(PartNumber: number, Body: Buffer): Promise<CompletedPart> {
    const command = new UploadPartCommand({ ...this.#object, PartNumber, Body });
    const { ETag, ChecksumCRC32 } = await this.#client.send(command, { abortSignal: this.#signal });
    return { PartNumber, ETag, ChecksumCRC32 };
  }
}
