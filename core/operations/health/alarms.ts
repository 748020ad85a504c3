import type { RaisedAlarm } from '../../catalog/records.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import type { HealthProblem } from './rules.ts';

/** An alarm clears itself when its problem was not there in so many looks: one that comes and goes is one alarm. */
const CLEAN_LOOKS = 3;

export interface AlarmChanges {
  /** What is raised from now on. */
  readonly raised: readonly RaisedAlarm[];
  readonly begun: readonly HealthProblem[];
  readonly cleared: readonly RaisedAlarm[];
}

/** Pure: what a look at a pipeline makes of the alarms that were raised before. */
export function alarmsAfter(
  before: readonly RaisedAlarm[],
  problems: readonly HealthProblem[],
  at: Timestamp,
): AlarmChanges {
  const found = new Map(problems.map((problem) => [problem.alarm as string, problem]));
  const known = new Set(before.map((alarm) => alarm.alarm));
  const begun = problems.filter((problem) => !known.has(problem.alarm));
  const looked = before.map((alarm): RaisedAlarm => {
    const problem = found.get(alarm.alarm);
    if (problem === undefined) return { ...alarm, cleanLooks: alarm.cleanLooks + 1 };
    return alarm.cleanLooks === 0 ? alarm : { ...alarm, cleanLooks: 0 };
  });
  const raised = looked.filter((alarm) => alarm.cleanLooks < CLEAN_LOOKS);
  return {
    raised: [...raised, ...begun.map(({ alarm, message }) => ({ alarm, message, since: at, cleanLooks: 0 }))],
    begun,
    cleared: looked.filter((alarm) => alarm.cleanLooks >= CLEAN_LOOKS),
  };
}
