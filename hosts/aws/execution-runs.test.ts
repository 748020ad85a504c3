import { expect, it } from 'vitest';
import { outcomeOf } from './execution-runs.ts';

const failed = (error: string, cause: string) => outcomeOf({ status: 'FAILED', error, cause });
const thrown = (message: string) => JSON.stringify({ errorType: 'x', errorMessage: message, trace: [] });

it('tells runs that go on from those that ended', () => {
  expect(outcomeOf({ status: 'RUNNING' })).toEqual({ tag: 'running' });
  expect(outcomeOf({ status: 'PENDING_REDRIVE' })).toEqual({ tag: 'running' });
  expect(outcomeOf({ status: 'SUCCEEDED' })).toEqual({ tag: 'succeeded' });
  expect(outcomeOf({ status: 'ABORTED' })).toEqual({ tag: 'aborted' });
});

it.each([
  ['PenstockTimed', thrown('PS4001 destination cannot be reached'), true, 'PS4001 destination cannot be reached'],
  ['PenstockManual', thrown('PS1008 another operation: full-1 works on shop'), true, 'PS1008 another operation'],
  ['PenstockManual', thrown('PS4002 destination refuses the login'), false, 'PS4002'],
  ['States.TaskFailed', JSON.stringify({ StoppedReason: 'Essential container exited' }), false, 'its log says why'],
  ['States.TaskFailed', 'no JSON', false, 'no JSON'],
  ['States.Runtime', '', false, 'States.Runtime'],
])('%s %s: passes %s', (error, cause, passes, message) => {
  expect(failed(error, cause)).toMatchObject({
    tag: 'failed',
    passes,
    message: expect.stringContaining(message) as string,
  });
});

it('one that ran out of time is nothing that passes', () => {
  expect(outcomeOf({ status: 'TIMED_OUT' })).toMatchObject({ tag: 'failed', passes: false });
});
