import type { Destination } from '../destinations/destination.ts';
import type { Host } from '../host/host.ts';
import type { PipelineSettings } from '../pipeline/settings.ts';
import type { SourceConnector } from '../sources/source-connector.ts';
import type { Timestamp } from '../changes/timestamp.ts';

/** What every operation works with; the caller owns source, destination and host and disposes of them. */
export interface OperationContext {
  readonly settings: PipelineSettings;
  readonly host: Host;
  readonly source: SourceConnector;
  readonly destination: Destination;
  /** Aborts the operation; it then ends with the signal's reason, and goes on from there when it is called again. */
  readonly signal: AbortSignal;
  /** Called often; must not block. */
  readonly progress: (update: Progress) => void;
}

export type Progress =
  | {
      readonly tag: 'copy';
      readonly table: string;
      readonly state: 'waiting' | 'copying' | 'finishing' | 'done' | 'failed';
      /** Rows loaded at the destination so far. */
      readonly rows: number;
      readonly estimatedRows: number | null;
      /** Bytes loaded so far, before compression. */
      readonly bytes: number;
    }
  | {
      readonly tag: 'extract';
      readonly extract: number;
      readonly rows: number;
      /** Of its objects in the store. */
      readonly bytes: number;
      readonly sourceDate: Timestamp;
      readonly lagMilliseconds: number;
    }
  | {
      readonly tag: 'load';
      readonly extract: number;
      readonly rows: number;
      readonly lagMilliseconds: number;
    } /** After each chunk of a table. */
  | {
      readonly tag: 'verify';
      readonly table: string;
      readonly chunk: number;
      readonly rows: number;
      readonly equal: boolean;
    }
  | { readonly tag: 'note'; readonly message: string };
