import { Duration } from 'aws-cdk-lib';
import { Fail, JsonPath, TaskInput, Timeout, type State, type TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { OperationKind } from '../../../core/operations/shared-operation.ts';
import { functionEntry, type FunctionName } from '../function-table.ts';
import type { PipelineFunctions } from '../functions.ts';
import { BEGIN_RETRIES, STEP_RETRIES } from './retries.ts';

/** A function's answer may come a little after the time that Lambda gives it. */
const GRACE_SECONDS = 60;

/** An operation is named as its execution: started twice with one name it is one run. */
export const OPERATION = JsonPath.stringAt('$$.Execution.Name');
/** What the user asked for; taken from the execution whenever it is needed, so that no state carries its list of tables. */
export const REQUEST = JsonPath.objectAt('$$.Execution.Input');

interface Call {
  readonly function: FunctionName;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Where the answer goes in the state; null: nowhere; `everywhere`: it becomes the state. */
  readonly resultPath: `$.${string}` | 'everywhere' | null;
  readonly resultSelector?: Readonly<Record<string, unknown>>;
}

/**
 * The states that all operations share, and how they are tried again. Within a machine's own scope states have their names.
 * `counters`: what the operation counts, as it begins. `isBeside`: the reader goes on reading.
 */
export class OperationFrame {
  readonly begin: TaskStateBase;
  readonly #scope: Construct;
  readonly #kind: OperationKind;
  readonly #functions: PipelineFunctions;
  readonly #endFailed: TaskStateBase;
  readonly #beside: { readonly beside?: true };

  constructor(
    scope: Construct,
    kind: OperationKind,
    functions: PipelineFunctions,
    counters: Readonly<Record<string, unknown>>,
    isBeside = false,
  ) {
    this.#scope = scope;
    this.#kind = kind;
    this.#functions = functions;
    this.#beside = isBeside ? { beside: true } : {};
    const failed = new Fail(scope, 'Failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const payload = { operation: OPERATION, kind, outcome: 'failed', error: JsonPath.objectAt('$.error') };
    this.#endFailed = this.#step('EndFailed', { function: 'end-operation', payload, resultPath: null });
    // The lease that could not be given back runs out by itself.
    this.#endFailed.addCatch(failed, { resultPath: JsonPath.DISCARD });
    this.#endFailed.next(failed);
    this.begin = this.#begin(counters);
  }

  /** A step that ends the operation where it fails for good. */
  call(name: string, call: Call): TaskStateBase {
    return this.guarded(this.#step(name, call));
  }

  /** A step of a branch: the branch's Parallel is {@link guarded}. */
  callInBranch(name: string, call: Call): TaskStateBase {
    return this.#step(name, call);
  }

  guarded<Guarded extends { addCatch(handler: State, props: { resultPath: string }): unknown }>(
    state: Guarded,
  ): Guarded {
    state.addCatch(this.#endFailed, { resultPath: '$.error' });
    return state;
  }

  /** The last step of an operation that succeeded. */
  end(): TaskStateBase {
    const payload = { operation: OPERATION, kind: this.#kind, ...this.#beside, outcome: 'succeeded' };
    return this.call('End', { function: 'end-operation', payload, resultPath: null });
  }

  /** Where `$.error` was set by a state: the operation has failed. */
  get failure(): TaskStateBase {
    return this.#endFailed;
  }

  /** Its answer replaces the input: from here on the state is tiny. */
  #begin(counters: Readonly<Record<string, unknown>>): TaskStateBase {
    const payload = { operation: OPERATION, kind: this.#kind, ...this.#beside, request: REQUEST };
    const resultSelector = { 'operation.$': '$.operation', 'kind.$': '$.kind', ...counters };
    const begin = this.#task('Begin', {
      function: 'begin-operation',
      payload,
      resultPath: 'everywhere',
      resultSelector,
    });
    for (const retry of BEGIN_RETRIES) begin.addRetry(retry);
    return this.guarded(begin);
  }

  #step(name: string, call: Call): TaskStateBase {
    const step = this.#task(name, call);
    for (const retry of STEP_RETRIES) step.addRetry(retry);
    return step;
  }

  #task(name: string, { function: called, payload, resultPath, resultSelector }: Call): LambdaInvoke {
    return new LambdaInvoke(this.#scope, name, {
      lambdaFunction: this.#functions[called],
      payload: TaskInput.fromObject({ ...payload }),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      ...(resultPath === 'everywhere' ? {} : { resultPath: resultPath ?? JsonPath.DISCARD }),
      ...(resultSelector === undefined ? {} : { resultSelector: { ...resultSelector } }),
      taskTimeout: Timeout.duration(Duration.seconds(functionEntry(called).timeoutSeconds + GRACE_SECONDS)),
    });
  }
}
