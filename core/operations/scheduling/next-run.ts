import type { ScheduleRecord } from '../../catalog/records.ts';
import { millisecondsFromTimestamp, timestampFromMilliseconds, type Timestamp } from '../../changes/timestamp.ts';
import { isRecurring, missedDue, nextDue } from '../../schedule/due.ts';
import { zoneOf, type Schedule } from '../../schedule/schedule.ts';

/** When a schedule is due next. */
export interface NextRun {
  readonly at: Timestamp;
  readonly zone: string;
  /** It was due before now: the run is at work, or waits for somebody to make it. */
  readonly isDue: boolean;
}

/**
 * `record`: what was served; null: nobody has ever waited for the schedule, so nothing was missed. `now`: milliseconds since 1970.
 * @returns null where nothing recurs
 */
export function nextRun(schedule: Schedule, record: ScheduleRecord | null, now: number): NextRun | null {
  if (!isRecurring(schedule)) return null;
  const served = record === null ? now : millisecondsFromTimestamp(record.served);
  const missed = missedDue(schedule, served, now);
  const at = missed ?? nextDue(schedule, Math.max(served, now));
  return { at: timestampFromMilliseconds(at), zone: zoneOf(schedule), isDue: missed !== null };
}
