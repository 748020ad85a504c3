import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionOutput,
} from '@aws-sdk/client-sfn';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { RunMachine, RunOutcome } from '../../core/operations/scheduling/scheduled-runs.ts';

/** What a function that failed gave: its error's name is the retry class. */
const PASSES: ReadonlySet<string> = new Set(['PenstockTimed']);
/** Somebody else was at work: no fault of the run. */
const AT_WORK = /\bPS(?:1007|1008|1009)\b/;
const LONGEST_MESSAGE = 1000;

/** Runs as executions of one state machine, whose names are theirs for ninety days. */
export class ExecutionRuns implements RunMachine, Disposable {
  readonly #client = new SFNClient({ maxAttempts: 3, retryMode: 'standard' });
  readonly #machine: string;

  /** `machine`: the state machine's ARN. */
  constructor(machine: string) {
    this.#machine = machine;
  }

  async start(name: string): Promise<void> {
    try {
      await this.#client.send(new StartExecutionCommand({ stateMachineArn: this.#machine, name, input: '{}' }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw unreachable(error);
    }
  }

  async outcome(name: string): Promise<RunOutcome> {
    const executionArn = `${this.#machine.replace(':stateMachine:', ':execution:')}:${name}`;
    try {
      return outcomeOf(await this.#client.send(new DescribeExecutionCommand({ executionArn })));
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return { tag: 'unknown' };
      throw unreachable(error);
    }
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

type Described = Partial<Pick<DescribeExecutionOutput, 'status' | 'error' | 'cause'>>;

/** Pure. */
export function outcomeOf({ status, error = '', cause = '' }: Described): RunOutcome {
  switch (status) {
    case 'SUCCEEDED':
      return { tag: 'succeeded' };
    case 'ABORTED':
      return { tag: 'aborted' };
    case 'FAILED':
    case 'TIMED_OUT': {
      const message = messageOf(cause) || error || 'it took longer than its machine allows';
      return { tag: 'failed', passes: PASSES.has(error) || AT_WORK.test(message), message };
    }
    case 'RUNNING':
    case 'PENDING_REDRIVE':
    case undefined:
      return { tag: 'running' };
  }
}

/** A function's cause is JSON with the message of what it threw; a task's describes the task, which is long. */
function messageOf(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed !== 'object' || parsed === null) return cause.slice(0, LONGEST_MESSAGE);
    if ('errorMessage' in parsed && typeof parsed.errorMessage === 'string') return parsed.errorMessage;
    if ('StoppedReason' in parsed && typeof parsed.StoppedReason === 'string') return taskText(parsed.StoppedReason);
    return '';
  } catch {
    return cause.slice(0, LONGEST_MESSAGE);
  }
}

function taskText(reason: string): string {
  return `the reader's task ended without success (${reason}); its log says why`;
}

function unreachable(error: unknown): PenstockError {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new PenstockError('PS1016', reason, { cause: error });
}
