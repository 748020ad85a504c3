import type { ItemTable } from '../catalog/item-table.ts';
import type { EventSink } from '../events/event.ts';
import type { ExtractStore } from '../extracts/extract-store.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import type { FailpointName } from './failpoint.ts';
import type { ScratchSpace } from './scratch.ts';

/** Time comes from the host, so that a simulation can run the core in virtual time. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  timestamp(): Timestamp;
  /** Resolves after `milliseconds`, or rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Randomness comes from the host too. */
export interface Randomness {
  /** A text of at least 64 random bits, fit for a file name: `[0-9a-z]+`. */
  identifier(): string;
  /** In [0, 1). */
  fraction(): number;
}

/** Compression, done off the main thread where the host can. Both directions must be exact inverses. */
export interface Codec {
  /** Written into manifests; a reader with another codec refuses the file. */
  readonly name: 'zstd' | 'gzip' | 'identity';
  compress(plain: Buffer): Promise<Buffer>;
  decompress(compressed: Buffer): Promise<Buffer>;
  /** For chunks that are larger than memory: compresses as it flows, in order. */
  compressStream(plain: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  decompressStream(compressed: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
}

/** Lines for operators. Fields never hold cell values or credentials. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Tells loaders that something may be there to load. Carries nothing: lost, late and doubled wake-ups are harmless. */
export interface WakeUps {
  signal(pipeline: string): void;
  /** Resolves at the next wake-up or after `milliseconds`, whichever is first. */
  wait(pipeline: string, milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Resolves a secret that the settings refer to. @throws PenstockError PS1002 */
export interface Secrets {
  read(reference: SecretReference): Promise<string>;
}
export type SecretReference =
  | { readonly tag: 'env'; readonly name: string }
  | { readonly tag: 'file'; readonly path: string }
  /** A secret of AWS Secrets Manager: its name or ARN, and the field of its JSON text. */
  | { readonly tag: 'secret'; readonly id: string; readonly field: string };

/** Everything outside the core that the core needs; hosts/local and hosts/aws provide it. */
export interface Host {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly codec: Codec;
  readonly store: ExtractStore;
  readonly items: ItemTable;
  readonly events: EventSink;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly wakeUps: WakeUps;
  readonly scratch: ScratchSpace;
  /** Who holds the leases that this process takes: unique to the process. */
  readonly owner: string;
  /** True only where it is certain that the process behind `owner` has ended: its leases may be taken before they run out. */
  readonly ownerIsGone: (owner: string) => boolean;
  /**
   * How often who holds a lease looks whether somebody has asked for it, in milliseconds: where a look costs nothing, more often than
   * the lease is renewed. Not there: with each renewal.
   */
  readonly leaseLookMilliseconds?: number;
  /** Where a test may end the process or fail the step; does nothing in use. */
  readonly failpoint: (name: FailpointName) => Promise<void>;
}
