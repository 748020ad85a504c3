import { expect, it } from 'vitest';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { Schedule } from '../../core/schedule/schedule.ts';
import { readerOf, runsOf, scheduleOf } from './environment.ts';

const settings = (schedule: Schedule, extractType: string) =>
  ({ schedule, source: { specific: { extractType } } }) as unknown as PipelineSettings;
const HOURLY = { tag: 'periodic', every: 3_600_000, offset: 0 } as const;

it('a run is a delta, or a full extract of a source without a log; what does not recur has none', () => {
  expect(runsOf(settings(HOURLY, 'logs'))).toBe('manual-delta');
  expect(runsOf(settings(HOURLY, 'timestamps'))).toBe('manual-delta');
  expect(runsOf(settings(HOURLY, 'fullExtracts'))).toBe('full-extract');
  expect(runsOf(settings({ tag: 'automatic' }, 'logs'))).toBeNull();
  expect(runsOf(settings({ tag: 'manual' }, 'logs'))).toBeNull();
});

it('the tick is told the schedule, the machine and whether a copy comes first; health whether a reader stands', () => {
  expect(scheduleOf(settings(HOURLY, 'fullExtracts'), 'arn:machine')).toEqual({
    PENSTOCK_RUNS: JSON.stringify({ schedule: HOURLY, machine: 'arn:machine', needsCopy: false }),
  });
  expect(scheduleOf(settings({ tag: 'manual' }, 'logs'), null)).toEqual({});
  expect(readerOf(settings({ tag: 'automatic' }, 'logs'))).toEqual({ PENSTOCK_READER: 'standing' });
  expect(readerOf(settings({ tag: 'manual' }, 'logs'))).toEqual({ PENSTOCK_READER: 'none' });
});
