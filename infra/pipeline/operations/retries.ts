import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';

/** Our own errors that pass by themselves; what needs somebody is not tried again. functions/frame gives errors these names. */
const TIMED = 'PenstockTimed';

/** Lambda itself was not able to take the call. */
const NOT_CALLED = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.ClientExecutionTimeoutException',
];

/** The function's process died or had no time left. Every step may be repeated, so it is. */
const DIED = ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError', 'States.Timeout'];

/** Some 15 minutes of trying. */
const PASSES: RetryProps = {
  errors: [TIMED],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.seconds(120),
  maxAttempts: 12,
  jitterStrategy: JitterType.FULL,
};

/** A reader that was asked to hand over does so within ten seconds; one that died holds its lease for half a minute. */
const HANDS_OVER: RetryProps = {
  errors: [TIMED],
  interval: Duration.seconds(5),
  backoffRate: 1.5,
  maxDelay: Duration.seconds(20),
  maxAttempts: 33,
};

const LAMBDA: readonly RetryProps[] = [
  {
    errors: NOT_CALLED,
    interval: Duration.seconds(2),
    backoffRate: 2,
    maxDelay: Duration.seconds(60),
    maxAttempts: 8,
    jitterStrategy: JitterType.FULL,
  },
  { errors: DIED, interval: Duration.seconds(10), backoffRate: 2, maxAttempts: 2 },
];

/** How a step that a function does is tried again. */
export const STEP_RETRIES: readonly RetryProps[] = [PASSES, ...LAMBDA];
/** The same for the step that waits for the reader: some ten minutes. */
export const BEGIN_RETRIES: readonly RetryProps[] = [HANDS_OVER, ...LAMBDA];

/** A task that could not be started or ended badly: no room in a zone, an image that could not be pulled, a dead host. */
export const TASK_RETRIES: readonly RetryProps[] = [
  {
    errors: ['States.TaskFailed'],
    interval: Duration.seconds(15),
    backoffRate: 2,
    maxDelay: Duration.seconds(120),
    maxAttempts: 2,
    jitterStrategy: JitterType.FULL,
  },
];
