import type { ReaderStatusRecord } from '../catalog/records.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { isFlowEvent, type FlowEvent } from './flow-events.ts';

/** What is reported to people and machines, beside the events of SingleStore Flow. Never holds cell values or credentials. */
export type OwnEvent = { readonly pipeline: string; readonly generated: Timestamp } & (
  | {
      readonly type: 'TableStopped';
      readonly table: string;
      readonly errorCode: string;
      readonly message: string;
      readonly remedy: string;
    }
  | { readonly type: 'RowsQuarantined'; readonly table: string; readonly rows: number; readonly reason: string }
  | { readonly type: 'StructureChanged'; readonly table: string; readonly change: string }
  /** What a verification found out. `cleared`: the table is equal again. */
  | {
      readonly type: 'TableDiffers';
      readonly table: string;
      readonly state: 'raised' | 'cleared';
      /** Rows, at least. */
      readonly differing: number;
      /** Where the source's log stood when the comparison began. */
      readonly position: string;
    }
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
  /** Of the reader, about once a minute; see the catalog's record of the same fields. */
  | ({ readonly type: 'Status'; readonly role: 'reader' } & Omit<ReaderStatusRecord, 'at'> & ExtractedSince)
  /** Of the loads, once in a minute in which something was loaded. */
  | ({ readonly type: 'Status'; readonly role: 'loader'; readonly loaded: number } & LoadedSince)
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
  /** What is tried again and has failed for some minutes; then about once an hour. */
  | { readonly type: 'StillFailing'; readonly errorCode: string; readonly message: string; readonly attempt: number }
);

/** What a reader extracted since its last status. */
export interface ExtractedSince {
  readonly extracts: number;
  /** Changes, before those of one row were combined. */
  readonly extractedRows: number;
  /** Of the objects in the store. */
  readonly extractedBytes: number;
}

/** What was loaded since the last status of the loads. */
export interface LoadedSince {
  readonly loads: number;
  /** Changes at the source that came with them. */
  readonly loadedRows: number;
  readonly tableErrors: number;
  /** The longest time from the commit at the source of an extract's last change to the end of its load. */
  readonly worstLagMilliseconds: number;
}

/** The events of SingleStore Flow name the pipeline as their `source`, all others as their `pipeline`. */
export type PenstockEvent = FlowEvent | OwnEvent;

export function pipelineOf(event: PenstockEvent): string {
  return isFlowEvent(event) ? event.source : event.pipeline;
}

/** Takes events; never throws and never blocks what is reported about. */
export interface EventSink {
  emit(event: PenstockEvent): void;
}
