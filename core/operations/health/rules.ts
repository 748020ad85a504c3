import type { ReaderStatusRecord, TableRecord } from '../../catalog/records.ts';
import { millisecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import { whyItIsOff, type SchedulerStanding } from '../scheduling/scheduler.ts';
import type { HealthThresholds } from './thresholds.ts';

/** What is wrong with a pipeline. */
export interface HealthProblem {
  readonly alarm: HealthAlarm;
  readonly message: string;
  readonly remedy: string;
}

export const HEALTH_ALARMS = [
  'reader-silent',
  'reader-halted',
  'switched-off',
  'disk-low',
  'memory-low',
  'lag-high',
  'log-headroom-low',
  'log-expires',
  'tables-stopped',
] as const;
export type HealthAlarm = (typeof HEALTH_ALARMS)[number];

/** What the catalog knows of a pipeline at one moment. */
export interface HealthFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The reader's last status; null: it never gave one. */
  readonly status: ReaderStatusRecord | null;
  readonly scheduler: SchedulerStanding;
  /** Whether a reader is at work all the time; otherwise the log is read by runs, and nobody is silent between them. */
  readonly hasReader: boolean;
  readonly lastExtract: number;
  readonly loaded: number;
  /** When the last extract was made, and when the loader last reported; null: never. */
  readonly lastExtractAt: Timestamp | null;
  readonly lastLoadAt: Timestamp | null;
  /** Commit time at the source of the oldest extract that is not loaded; null: all are. */
  readonly oldestWaiting: Timestamp | null;
  readonly tables: readonly TableRecord[];
}

const GIGABYTE = 1024 ** 3;
const MEGABYTE = 1024 ** 2;
const HOUR = 3_600_000;
const LISTED_TABLES = 5;

/** Pure: what is wrong, by these thresholds. A value that is not known is no problem; a reader that is not heard of is. */
export function healthProblems(facts: HealthFacts, thresholds: HealthThresholds): HealthProblem[] {
  return [
    ...readerProblems(facts, thresholds),
    ...resourceProblems(facts, thresholds),
    ...lagProblems(facts, thresholds),
    ...logProblems(facts, thresholds),
    ...tableProblems(facts),
  ];
}

function readerProblems(facts: HealthFacts, thresholds: HealthThresholds): HealthProblem[] {
  const { status, now, hasReader, scheduler } = facts;
  const { silentSeconds } = thresholds;
  if (!scheduler.on) return switchedOffProblems(facts, thresholds);
  if (!hasReader) return [];
  const silent = {
    alarm: 'reader-silent',
    remedy:
      'Look whether the reader runs (the ECS service, or the process on premises) and what its log says; it goes on from the catalog when it is started.',
  } as const;
  if (status === null) return [{ ...silent, message: 'the reader has never been heard of' }];
  const seconds = Math.round((now - millisecondsFromTimestamp(status.at)) / 1000);
  if (seconds > silentSeconds) {
    return [{ ...silent, message: `the reader has not been heard of for ${seconds} s (since ${status.at})` }];
  }
  if (status.state !== 'halted') return [];
  return [{ alarm: 'reader-halted', message: `the reader stands still: ${status.reason}`, remedy: status.remedy }];
}

/** A pipeline that somebody switched off is not broken, but must not be forgotten: the source keeps its log for it. */
function switchedOffProblems({ scheduler, now }: HealthFacts, thresholds: HealthThresholds): HealthProblem[] {
  const { by, since, remedy } = scheduler;
  const message = whyItIsOff(scheduler);
  const how = 'switch the scheduler on (penstock schedule on, or the function switch-schedule)';
  if (by === 'error') return [{ alarm: 'reader-halted', message, remedy: `${remedy} Then ${how}.` }];
  const hours = since === null ? 0 : (now - millisecondsFromTimestamp(since)) / HOUR;
  if (hours <= thresholds.switchedOffHours) return [];
  return [
    {
      alarm: 'switched-off',
      message: `nothing is read or loaded for ${hours.toFixed(1)} hours: ${message}`,
      remedy: `When the work is done, ${how}; until then the source keeps its log for this pipeline, as long as it may.`,
    },
  ];
}

function resourceProblems({ status }: HealthFacts, thresholds: HealthThresholds): HealthProblem[] {
  if (status === null) return [];
  const { diskFreeBytes, memoryUsedBytes, memoryLimitBytes } = status;
  const problems: HealthProblem[] = [];
  if (diskFreeBytes !== null && diskFreeBytes < thresholds.diskFreeGigabytes * GIGABYTE) {
    problems.push({
      alarm: 'disk-low',
      message: `${gigabytes(diskFreeBytes)} of the reader's disk are free, fewer than ${thresholds.diskFreeGigabytes} GB`,
      remedy: 'Choose the next larger volume in the deployment, or free space on the machine.',
    });
  }
  const free = memoryUsedBytes === null || memoryLimitBytes === null ? null : memoryLimitBytes - memoryUsedBytes;
  if (free !== null && free < thresholds.memoryFreeMegabytes * MEGABYTE) {
    problems.push({
      alarm: 'memory-low',
      message: `${Math.max(0, Math.round(free / MEGABYTE))} MB of memory are left to the reader, fewer than ${thresholds.memoryFreeMegabytes} MB`,
      remedy: 'Choose the next larger volume in the deployment, or lower extracts.bytes and extractThreads.',
    });
  }
  return problems;
}

function lagProblems(facts: HealthFacts, { lagSeconds }: HealthThresholds): HealthProblem[] {
  const { now, oldestWaiting, lastExtract, loaded, lastExtractAt, lastLoadAt } = facts;
  if (oldestWaiting === null || !facts.scheduler.on) return [];
  const seconds = Math.round((now - millisecondsFromTimestamp(oldestWaiting)) / 1000);
  if (seconds <= lagSeconds) return [];
  const last = `last extract ${at(lastExtractAt)}, last load ${at(lastLoadAt)}`;
  return [
    {
      alarm: 'lag-high',
      message: `the destination is ${seconds} s behind: ${lastExtract - loaded} extracts wait (${last})`,
      remedy: 'Look what the loader says (its log, its errors), and whether the destination answers and has room.',
    },
  ];
}

function at(timestamp: Timestamp | null): string {
  return timestamp === null ? 'never' : timestamp;
}

function logProblems({ status, now }: HealthFacts, thresholds: HealthThresholds): HealthProblem[] {
  if (status === null) return [];
  const { headroomBytes, retainedBytes, expiresAt } = status;
  const problems: HealthProblem[] = [];
  if (headroomBytes !== null && headroomBytes < thresholds.logHeadroomGigabytes * GIGABYTE) {
    const kept = retainedBytes === null ? '' : `; it keeps ${gigabytes(retainedBytes)} for this pipeline`;
    problems.push({
      alarm: 'log-headroom-low',
      message: `the source may keep only ${gigabytes(headroomBytes)} more log before it drops what is needed${kept}`,
      remedy: 'Look why reading or loading is behind, or let the source keep more log (penstock check says how).',
    });
  }
  if (expiresAt !== null) {
    const hours = (millisecondsFromTimestamp(expiresAt) - now) / HOUR;
    if (hours < thresholds.logHoursLeft) {
      problems.push({
        alarm: 'log-expires',
        message: `the source drops the log that is needed next at ${expiresAt}, in ${Math.max(0, hours).toFixed(1)} hours`,
        remedy: 'Look why reading is behind, or let the source keep its log longer (penstock check says how).',
      });
    }
  }
  return problems;
}

function tableProblems({ tables }: HealthFacts): HealthProblem[] {
  const stopped = tables.flatMap(({ table, state }) => (state.tag === 'stopped' ? [{ table, ...state }] : []));
  const [first] = stopped;
  if (first === undefined) return [];
  const names = stopped.slice(0, LISTED_TABLES).map(({ table, code }) => `${table} (${code})`);
  const more = stopped.length > LISTED_TABLES ? ` and ${stopped.length - LISTED_TABLES} more` : '';
  return [{ alarm: 'tables-stopped', message: `stopped: ${names.join(', ')}${more}`, remedy: first.remedy }];
}

function gigabytes(bytes: number): string {
  return `${(bytes / GIGABYTE).toFixed(1)} GB`;
}
