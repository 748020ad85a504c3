import { byWhom, type SchedulerStanding } from '../../../core/operations/scheduling/scheduler.ts';
import type { Activity } from '../schemas/dashboard.ts';
import type { Scheduler } from '../schemas/scheduler.ts';

export function schedulerView({ on, since, by, reason, remedy }: SchedulerStanding): Scheduler {
  const told = (text: string): string | null => (text === '' ? null : text);
  return { on, since, by: since === null ? null : by, reason: told(reason), remedy: told(remedy) };
}

/** What is at work, seen with the switch: who waits for it does not know why it was turned. */
export function activityUnder(activity: Activity, standing: SchedulerStanding): Activity {
  if (standing.on || (activity.state !== 'working' && activity.state !== 'halted')) return activity;
  const { by, since, reason, remedy } = standing;
  if (by === 'error') return { state: 'halted', since, message: reason, remedy, operation: null };
  return { state: 'off', since, message: `switched off ${byWhom(standing)}`, remedy: null, operation: null };
}
