import type { ReaderStatusRecord } from '../../core/catalog/records.ts';
import { millisecondsFromTimestamp } from '../../core/changes/timestamp.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { isRecurring } from '../../core/schedule/due.ts';
import type { Activity } from '../api/schemas/dashboard.ts';
import type { Operation } from '../api/schemas/operations.ts';

/** What the console knows of who works for a pipeline. */
export interface Workers {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly settings: PipelineSettings | null;
  /** The one that keeps others out, if any is at work. */
  readonly operation: Operation | null;
  readonly hasPosition: boolean;
  /** As the reader said last; null: it never did. */
  readonly reader: ReaderStatusRecord | null;
}

/** A reader says how it stands once a minute: one that was silent for so long is not there, in milliseconds. */
const SILENCE_MILLISECONDS = 5 * 60_000;

/** Pure. */
export function activityOf({ now, settings, operation, hasPosition, reader }: Workers): Activity {
  const base = { since: null, remedy: null, operation: null };
  if (operation !== null) {
    const { id, request, startedAt, message } = operation;
    return {
      state: 'operation',
      since: startedAt,
      message: `${request.kind}: ${message}`,
      remedy: null,
      operation: id,
    };
  }
  if (settings === null) {
    const remedy = "Mend the pipeline's file, and deploy it again.";
    return { ...base, state: 'incomplete', message: 'the deployed configuration cannot be worked with', remedy };
  }
  const { schedule, source } = settings;
  if (schedule.tag === 'manual') {
    return { ...base, state: 'off', message: 'the schedule is manual: nothing runs by itself' };
  }
  const isFull = (source.specific as { readonly extractType?: unknown } | null)?.extractType === 'fullExtracts';
  if (!hasPosition && !isFull) {
    const remedy = 'Start the operation Full Extract.';
    return { ...base, state: 'off', message: 'no full extract was made yet', remedy };
  }
  if (isRecurring(schedule)) return { ...base, state: 'working', message: 'it waits for the next run of its schedule' };
  return isFull
    ? { ...base, state: 'off', message: 'full extracts have no log to follow' }
    : readerActivity(reader, now);
}

function readerActivity(reader: ReaderStatusRecord | null, now: number): Activity {
  const base = { remedy: null, operation: null };
  const remedy = "Look at the reader's tasks in ECS, or where it runs outside of AWS, and at its log.";
  if (reader === null) return { ...base, state: 'halted', since: null, message: 'no reader was ever seen', remedy };
  const { state, at, reason } = reader;
  if (now - millisecondsFromTimestamp(at) > SILENCE_MILLISECONDS) {
    return { ...base, state: 'halted', since: at, message: `nothing was heard of the reader since ${at}`, remedy };
  }
  if (state === 'halted') return { ...base, state: 'halted', since: at, message: reason, remedy: reader.remedy };
  return { ...base, state: 'working', since: null, message: state === 'waiting' ? reason : '' };
}
