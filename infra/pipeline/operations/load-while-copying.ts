import { Duration } from 'aws-cdk-lib';
import { Choice, Condition, Fail, JsonPath, Pass, Wait, WaitTime, type Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { OPERATION, type OperationFrame } from './operation-frame.ts';

/**
 * How long the loading side waits before it looks again, by how often it has looked. An execution has at most 25,000 events;
 * a round takes 16 of them, and {@link MOST_ROUNDS} leave 5,000 for workers and repetitions. With these pauses they last for 38 hours,
 * besides the time that loads take.
 */
const PAUSES = [
  { below: 24, seconds: 5 },
  { below: 120, seconds: 20 },
] as const;
const LONG_PAUSE_SECONDS = 120;
export const MOST_ROUNDS = 1250;

/** The loading side: round after round, what was copied since is loaded and whole tables are put in place. Ends with `{ state, round }`. */
export function loadWhileCopying(scope: Construct, frame: OperationFrame): Chain {
  const load = frame.callInBranch('LoadChunks', {
    function: 'load-chunks',
    payload: { operation: OPERATION },
    resultPath: '$.load',
  });
  const finish = frame.callInBranch('FinishCopy', {
    function: 'finish-copy',
    payload: { operation: OPERATION, attempt: JsonPath.numberAt('$.attempt') },
    resultPath: '$.finish',
  });
  const ended = new Pass(scope, 'LoadingEnded', { parameters: { 'state.$': '$.finish.state', 'round.$': '$.round' } });
  const tooLong = new Fail(scope, 'TooManyRounds', {
    error: 'PenstockManual',
    cause: 'The copy takes longer than one execution may. Start it again: it goes on from where it was.',
  });
  const next = new Pass(scope, 'NextRound', {
    parameters: { number: JsonPath.mathAdd(JsonPath.numberAt('$.round.number'), 1) },
    resultPath: '$.round',
  }).next(load);
  const standing = new Choice(scope, 'Standing')
    .when(Condition.not(Condition.stringEquals('$.finish.state', 'copying')), ended)
    .when(Condition.numberGreaterThanEquals('$.round.number', MOST_ROUNDS), tooLong)
    .when(Condition.numberGreaterThan('$.load.remaining', 0), next);
  for (const { below, seconds } of PAUSES) {
    standing.when(Condition.numberLessThan('$.round.number', below), pause(scope, seconds).next(next));
  }
  standing.otherwise(pause(scope, LONG_PAUSE_SECONDS).next(next));
  return load.next(finish).next(standing);
}

function pause(scope: Construct, seconds: number): Wait {
  return new Wait(scope, `Wait${seconds}Seconds`, { time: WaitTime.duration(Duration.seconds(seconds)) });
}
