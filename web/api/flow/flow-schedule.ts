import { WEEKDAYS } from '../../../core/schedule/schedule.ts';
import { ApiError } from '../problems/api-error.ts';
import type { Mapping } from '../configuration/parsed-configuration.ts';
import type { SectionValue } from '../schemas/configuration.ts';
import type { FlowPair } from './flow-names.ts';

/** What scripts see of a schedule. `duration` and `offset` are seconds; of daily, weekly and monthly runs `offset` counts from midnight. */
export interface FlowSchedule {
  readonly type: string;
  readonly duration: number;
  readonly offset: number;
  /** Seven of Y and N, from Sunday. */
  readonly weekFlags: string;
  readonly isScheduled: boolean;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function flowSchedule(section: Mapping | null, isScheduled: boolean): FlowSchedule {
  const type = typeof section?.['type'] === 'string' ? section['type'] : 'automatic';
  const days = Array.isArray(section?.['days']) ? section['days'].map(String) : [];
  return {
    type: type === 'automatic' ? 'auto' : type,
    duration: secondsOf(section?.['every']),
    offset: type === 'periodic' ? secondsOf(section?.['offset']) : secondsOfTime(section?.['at']),
    weekFlags: WEEKDAYS.map((day) => (days.includes(day) ? 'Y' : 'N')).join(''),
    isScheduled,
  };
}

/** The section with what was sent put over what is there. @throws ApiError 422 */
export function scheduleSection(saved: Mapping | null, sent: ReadonlyMap<string, FlowPair['value']>): SectionValue {
  const restore = saved?.['restoreOnStartup'];
  return { ...timing(saved, sent), ...(typeof restore === 'boolean' ? { restoreOnStartup: restore } : {}) };
}

function timing(saved: Mapping | null, sent: ReadonlyMap<string, FlowPair['value']>): SectionValue {
  const before = flowSchedule(saved, true);
  const type = String(sent.get('type') ?? before.type).toLowerCase();
  const duration = seconds(sent.get('duration'), 'duration') ?? before.duration;
  const offset = seconds(sent.get('offset'), 'offset') ?? before.offset;
  const flags = String(sent.get('weekflags') ?? before.weekFlags).toUpperCase();
  const zone = typeof saved?.['zone'] === 'string' ? { zone: saved['zone'] } : {};
  switch (type) {
    case 'manual':
      return { type };
    case 'auto':
    case 'automatic':
      return { type: 'automatic' };
    case 'periodic':
      return { type, every: { seconds: duration }, offset: { minutes: Math.floor(offset / MINUTE) } };
    case 'daily':
      return { type, at: timeOf(offset), ...zone };
    case 'weekly':
      return { type, days: daysOf(flags), at: timeOf(offset), ...zone };
    case 'monthly': {
      const day = Number(sent.get('day') ?? saved?.['day'] ?? 1);
      return { type, day, at: timeOf(offset), ...zone };
    }
    default:
      throw refusal('type', `type ${type}: expected manual, auto, periodic, daily, weekly or monthly`);
  }
}

/** Names that mean something in a schedule. */
export const SCHEDULE_NAMES: ReadonlySet<string> = new Set([
  'type',
  'duration',
  'offset',
  'weekflags',
  'isscheduled',
  'day',
]);

function seconds(value: FlowPair['value'] | undefined, name: string): number | null {
  if (value === undefined || value === null || value === '') return null;
  const text = String(value);
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d{2})$/.exec(text);
  if (clock !== null && clock[1] === undefined) return Number(clock[2]) * HOUR + Number(clock[3]) * MINUTE;
  if (clock !== null) return Number(clock[1]) * HOUR + Number(clock[2]) * MINUTE + Number(clock[3]);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw refusal(name, `${name} ${text}: expected seconds, HH:MM or HH:MM:SS`);
}

function secondsOf(duration: unknown): number {
  if (typeof duration !== 'object' || duration === null) return 0;
  const { days = 0, hours = 0, minutes = 0, seconds: rest = 0 } = duration as Readonly<Record<string, number>>;
  return days * DAY + hours * HOUR + minutes * MINUTE + rest;
}

function secondsOfTime(at: unknown): number {
  const match = /^(\d\d):(\d\d)$/.exec(typeof at === 'string' ? at : '');
  return match === null ? 0 : Number(match[1]) * HOUR + Number(match[2]) * MINUTE;
}

function timeOf(offset: number): string {
  if (offset >= DAY) throw refusal('offset', `offset ${offset}: a day has ${DAY} seconds`);
  const [hours, minutes] = [Math.floor(offset / HOUR), Math.floor((offset % HOUR) / MINUTE)];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}

/** The flags go from Sunday, as the days do. */
function daysOf(flags: string): string[] {
  if (!/^[YN]{7}$/.test(flags) || !flags.includes('Y')) {
    throw refusal('weekFlags', `weekFlags ${flags}: expected seven of Y and N from Sunday, and at least one Y`);
  }
  return WEEKDAYS.filter((_, index) => flags[index] === 'Y');
}

function refusal(name: string, message: string): ApiError {
  return new ApiError(422, message, { problems: [{ path: [name], message }] });
}
