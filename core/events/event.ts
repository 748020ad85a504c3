import type { ReaderStatusRecord } from '../catalog/records.ts';
import type { Timestamp } from '../changes/timestamp.ts';

/** What is reported to people and machines. Never holds cell values or credentials. */
export type PenstockEvent = { readonly pipeline: string; readonly generated: Timestamp } & (
  | {
      readonly type: 'ExtractCompleted';
      readonly extract: number;
      readonly rows: number;
      readonly bytes: number;
      readonly tables: number;
      readonly sourceDate: Timestamp;
    }
  | {
      readonly type: 'LoadCompleted';
      readonly extract: number;
      readonly rows: number;
      readonly tables: number;
      readonly sourceDate: Timestamp;
      readonly lagMilliseconds: number;
    }
  | { readonly type: 'TableExtracted'; readonly table: string; readonly rows: number; readonly bytes: number }
  | {
      readonly type: 'TableLoaded';
      readonly table: string;
      readonly inserts: number;
      readonly updates: number;
      readonly deletes: number;
    }
  | {
      readonly type: 'TableStopped';
      readonly table: string;
      readonly errorCode: string;
      readonly message: string;
      readonly remedy: string;
    }
  | { readonly type: 'RowsQuarantined'; readonly table: string; readonly rows: number; readonly reason: string }
  | { readonly type: 'StructureChanged'; readonly table: string; readonly change: string }
  | { readonly type: 'CopyRestarted'; readonly table: string; readonly reason: string }
  | {
      readonly type: 'LogGrowing';
      readonly retainedBytes: number;
      readonly headroomBytes: number | null;
      readonly remedy: string;
    }
  | {
      readonly type: 'LogExpiring';
      /** When the source will have dropped what is needed next, if reading does not go on. */
      readonly expiresAt: string;
      readonly remedy: string;
    }
  /** About once a minute; see the catalog's record of the same fields. */
  | ({ readonly type: 'ReaderStatus' } & Omit<ReaderStatusRecord, 'at'>)
  | { readonly type: 'OperationStarted'; readonly operation: string; readonly kind: string }
  | {
      readonly type: 'OperationEnded';
      readonly operation: string;
      readonly kind: string;
      readonly outcome: 'succeeded' | 'failed';
      /** Why it failed; empty where it did not. */
      readonly message: string;
    }
  | {
      readonly type: 'SchedulerSwitched';
      readonly on: boolean;
      /** `operator`, `error` or `start`. */
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly type: 'HealthAlarm';
      readonly state: 'raised' | 'cleared';
      /** Its name: `disk-low`, `lag-high` and so on. */
      readonly alarm: string;
      readonly message: string;
      /** Empty when it is cleared. */
      readonly remedy: string;
    }
  | { readonly type: 'RetryError'; readonly errorCode: string; readonly message: string; readonly attempt: number }
  | { readonly type: 'HaltError'; readonly errorCode: string; readonly message: string; readonly remedy: string }
);

/** Takes events; never throws and never blocks what is reported about. */
export interface EventSink {
  emit(event: PenstockEvent): void;
}
