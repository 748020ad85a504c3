import { ok, warning } from '../../finding.ts';
import type { Finding } from '../../source-connector.ts';
import { retentionRemedy, type Retention } from './retention.ts';
import type { ServerSettings } from './server-settings.ts';

const DAY = 86_400;
const HOUR = 3600;
const MINUTE = 60;
/** A weekend. */
const SHORT = 3 * DAY;
const ADVISED_DAYS = 7;
/** What Amazon allows, and people mostly set. */
const ADVISED_MANAGED_DAYS = 3;

/** The server drops its log by time: how soon. */
export function checkRetention(server: ServerSettings, retention: Retention): Finding {
  const code = 'mysql.binlog_retention';
  const isManaged = server.operator === 'rds' || server.operator === 'aurora';
  const remedy = retentionRemedy(server, isManaged ? ADVISED_MANAGED_DAYS : ADVISED_DAYS);
  switch (retention.tag) {
    case 'minutes':
      return warning(
        code,
        'binlog retention hours is not set: the log is dropped within minutes, at most within a day',
        remedy,
      );
    case 'unknown':
      return warning(
        code,
        'the user may not see how long the log is kept (mysql.rds_configuration)',
        `CALL mysql.rds_show_configuration; and if binlog retention hours is NULL or small: ${remedy}`,
      );
    case 'forever':
      return warning(code, 'the log is never dropped by the server itself: one day it fills the disk', remedy);
    case 'seconds': {
      const kept = duration(retention.seconds);
      const effect = `a pipeline that stands still for longer must copy its tables again`;
      if (retention.seconds < SHORT) return warning(code, `the log is kept for ${kept} only; ${effect}`, remedy);
      return ok(code, `the log is kept for ${kept}; ${effect}`);
    }
  }
}

export interface LogReach {
  /** Since the oldest file was begun. */
  readonly seconds: number;
  readonly bytes: number;
  readonly files: number;
}

/** How far back the log reaches, and how long a pipeline that stands still now would keep its place. */
export function reachFinding(server: ServerSettings, reach: LogReach, retention: Retention): Finding {
  const code = 'mysql.binlog_reach';
  const most =
    Number(server.values.get('max_binlog_total_size') ?? 0) || Number(server.values.get('binlog_space_limit') ?? 0);
  const bySize = most === 0 || reach.bytes === 0 ? null : (most / reach.bytes) * Math.max(reach.seconds, 1);
  const byTime = retention.tag === 'seconds' ? retention.seconds : null;
  const left = Math.min(bySize ?? Infinity, byTime ?? Infinity);
  const past = `the log reaches back ${duration(reach.seconds)} (${reach.files} ${reach.files === 1 ? 'file' : 'files'}, ${size(reach.bytes)})`;
  if (bySize !== null && bySize < SHORT && bySize === left) {
    const setting = server.values.has('max_binlog_total_size') ? 'max_binlog_total_size' : 'binlog_space_limit';
    return warning(
      code,
      `${past}; as it grows now, ${setting} (${size(most)}) leaves a pipeline that stands still its place for about ${duration(bySize)}`,
      `SET GLOBAL ${setting} = ${Math.ceil((most * SHORT) / bySize)}; and in my.cnf, if the disk has room.`,
    );
  }
  const future = {
    seconds: `a pipeline that stands still from now on keeps its place for about ${duration(left)}`,
    forever: 'a pipeline that stands still keeps its place as long as the disk has room',
    minutes: 'a pipeline that stands still loses its place soon',
    unknown: 'how long a pipeline that stands still keeps its place is not known',
  }[Number.isFinite(left) ? 'seconds' : retention.tag];
  return ok(code, `${past}; ${future}`);
}

/** In the largest unit of which there are two at least. */
export function duration(seconds: number): string {
  const whole = (count: number, unit: string) => `${Math.floor(count)} ${unit}${Math.floor(count) === 1 ? '' : 's'}`;
  if (seconds >= 2 * DAY) return whole(seconds / DAY, 'day');
  if (seconds >= 2 * HOUR) return whole(seconds / HOUR, 'hour');
  if (seconds >= 2 * MINUTE) return whole(seconds / MINUTE, 'minute');
  return whole(seconds, 'second');
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

function size(bytes: number): string {
  let [count, unit] = [bytes, 0];
  for (; count >= 1000 && unit < UNITS.length - 1; unit++) count /= 1000;
  return `${unit === 0 ? count : count.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
