import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  type DescribeExecutionOutput,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { OperationKind } from '../../core/operations/shared-operation.ts';
import { executionArn, machineArn, type Account } from './deployed-names.ts';

/** An execution as a list of a machine has it. */
export interface ListedExecution {
  readonly kind: OperationKind;
  /** Its name: the operation. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly isRunning: boolean;
}

export interface DescribedExecution extends ListedExecution {
  readonly status: NonNullable<DescribeExecutionOutput['status']>;
  readonly endedAt: number | null;
  /** JSON. */
  readonly input: string;
  readonly output: string;
  readonly error: string;
  readonly cause: string;
}

/** So many of one machine are looked through for a page; Step Functions forgets executions after ninety days. */
const MOST_LISTED = 1000;

/** The executions of a pipeline's state machines. @throws PenstockError PS1016 where Step Functions cannot be reached */
export class Executions {
  readonly #client: SFNClient;
  readonly #account: Account;
  readonly #pipeline: string;
  readonly #kinds: readonly OperationKind[];

  /** `kinds`: those that the pipeline has machines for. */
  constructor(client: SFNClient, account: Account, pipeline: string, kinds: readonly OperationKind[]) {
    this.#client = client;
    this.#account = account;
    this.#pipeline = pipeline;
    this.#kinds = kinds;
  }

  async start(kind: OperationKind, name: string, input: object): Promise<void> {
    const stateMachineArn = machineArn(this.#account, this.#pipeline, kind);
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    await this.#client.send(command).catch((error: unknown) => {
      throw unreachable(error);
    });
  }

  /** @returns false where there is none, or it has ended */
  async stop(kind: OperationKind, name: string, by: string): Promise<boolean> {
    const arn = executionArn(this.#account, this.#pipeline, kind, name);
    try {
      await this.#client.send(new StopExecutionCommand({ executionArn: arn, error: 'Stopped', cause: `by ${by}` }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return false;
      throw unreachable(error);
    }
  }

  /** The one of that name, of whichever machine. */
  async find(name: string): Promise<DescribedExecution | null> {
    const found = await Promise.all(this.#kinds.map((kind) => this.describe(kind, name)));
    return found.find((execution) => execution !== null) ?? null;
  }

  async describe(kind: OperationKind, name: string): Promise<DescribedExecution | null> {
    try {
      const arn = executionArn(this.#account, this.#pipeline, kind, name);
      return describedOf(kind, name, await this.#client.send(new DescribeExecutionCommand({ executionArn: arn })));
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return null;
      throw unreachable(error);
    }
  }

  /** Of all machines, the newest first. */
  async list(only: 'running' | 'all', limit: number): Promise<ListedExecution[]> {
    const lists = await Promise.all(this.#kinds.map((kind) => this.#listOf(kind, only, limit)));
    return lists.flat().sort((a, b) => b.startedAt - a.startedAt || (a.name < b.name ? 1 : -1));
  }

  async #listOf(kind: OperationKind, only: 'running' | 'all', limit: number): Promise<ListedExecution[]> {
    const stateMachineArn = machineArn(this.#account, this.#pipeline, kind);
    const maxResults = Math.min(limit, MOST_LISTED);
    const filter = only === 'running' ? { statusFilter: 'RUNNING' as const } : {};
    try {
      const reply = await this.#client.send(new ListExecutionsCommand({ stateMachineArn, maxResults, ...filter }));
      return (reply.executions ?? []).map(({ name = '', startDate, status }) => ({
        ...{ kind, name, startedAt: startDate?.getTime() ?? 0, isRunning: status === 'RUNNING' },
      }));
    } catch (error) {
      throw unreachable(error);
    }
  }
}

function describedOf(kind: OperationKind, name: string, reply: Partial<DescribeExecutionOutput>): DescribedExecution {
  const { status = 'RUNNING', startDate, stopDate, input = '{}', output = '', error = '', cause = '' } = reply;
  const endedAt = stopDate?.getTime() ?? null;
  const isRunning = status === 'RUNNING';
  return { kind, name, startedAt: startDate?.getTime() ?? 0, isRunning, status, endedAt, input, output, error, cause };
}

function unreachable(error: unknown): PenstockError {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new PenstockError('PS1016', reason, { cause: error });
}
