import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { millisecondsFromTimestamp } from '../../core/changes/timestamp.ts';
import { readDryRun, type DryRunRecord } from '../../core/operations/dry-run.ts';
import type { RollbackResult } from '../../core/operations/rollback/rollback.ts';
import type { SyncStructureResult } from '../../core/operations/structure/sync-structure.ts';
import type { InstanceHost } from '../api/console-host.ts';
import { rollbackResult, structureResult } from '../api/operations/operation-result.ts';
import { summaryOf } from '../api/operations/operation-summary.ts';
import { operation, operationRequest, type Operation, type OperationRequest } from '../api/schemas/operations.ts';
import { startFunction } from './call-function.ts';
import { consolePartition } from './console-items.ts';
import { functionName } from './deployed-names.ts';

const PREFIX = 'dry-run#';
/** As long as what was found, in milliseconds. */
const KEPT_MILLISECONDS = 7 * 86_400_000;
/** A function has a quarter of an hour, and is tried again twice when it failed. */
const PATIENCE_MILLISECONDS = 50 * 60_000;

const begun = z.strictObject({ request: operationRequest, by: z.string(), startedAt: z.string() });
type Begun = z.output<typeof begun>;

export type DryRunRequest = Extract<OperationRequest, { readonly kind: 'rollback' | 'sync-structure' }>;

/** Dry runs: a function of the pipeline looks, while nobody waits, and keeps what it found in the catalog. */
export class DryRuns {
  readonly #host: InstanceHost;
  readonly #client: LambdaClient;
  readonly #pipeline: string;

  constructor(host: InstanceHost, client: LambdaClient, pipeline: string) {
    this.#host = host;
    this.#client = client;
    this.#pipeline = pipeline;
  }

  async start(id: string, request: DryRunRequest, by: string): Promise<Operation> {
    const { clock, items } = this.#host;
    const record: Begun = { request: operationRequest.parse(request), by, startedAt: clock.timestamp() };
    await items.put(this.#key(id), record, null, clock.now() + KEPT_MILLISECONDS);
    const { kind, ...asked } = request;
    await startFunction(this.#client, functionName(this.#pipeline, kind), { operation: id, request: asked });
    return told(id, record, null, clock.now());
  }

  async get(id: string): Promise<Operation | null> {
    const item = await this.#host.items.get(this.#key(id));
    return item === null ? null : this.#told(id, item.value);
  }

  /** The newest first; `before`: only those whose ids come before it. */
  async list(before: string | null, limit: number): Promise<Operation[]> {
    const items = await this.#host.items.list({
      partition: consolePartition(this.#pipeline),
      prefix: PREFIX,
      after: before === null ? null : PREFIX + before,
      limit,
      descending: true,
    });
    const all = items.map(({ key, value }) => this.#told(key.sort.slice(PREFIX.length), value));
    return (await Promise.all(all)).filter((found) => found !== null);
  }

  async #told(id: string, value: unknown): Promise<Operation | null> {
    const parsed = begun.safeParse(value).data;
    if (parsed === undefined) return null;
    const { items, clock } = this.#host;
    return told(id, parsed, await readDryRun(items, this.#pipeline, id), clock.now());
  }

  #key(id: string): { partition: string; sort: string } {
    return { partition: consolePartition(this.#pipeline), sort: PREFIX + id };
  }
}

/** Pure. */
export function told(
  id: string,
  { request, by, startedAt }: Begun,
  ended: DryRunRecord | null,
  now: number,
): Operation {
  const running: Operation = {
    ...{ id, request, by, startedAt, endedAt: null, state: 'running', message: 'it looks, and changes nothing' },
    ...{ progress: [], error: null, result: null },
  };
  if (ended === null) {
    if (now - millisecondsFromTimestamp(startedAt) < PATIENCE_MILLISECONDS) return running;
    const message = 'its function ended before it had an answer; its log says why';
    return { ...running, state: 'interrupted', endedAt: startedAt, message };
  }
  const { endedAt, outcome } = ended;
  if (outcome.tag === 'failed') {
    const { code, message, remedy, table } = outcome;
    return { ...running, endedAt, state: 'failed', message, error: { code, message, remedy, table } };
  }
  const raw: unknown = outcome.result;
  const result =
    request.kind === 'rollback' ? rollbackResult(raw as RollbackResult) : structureResult(raw as SyncStructureResult);
  const left = outcome.left === 0 ? '' : `; ${outcome.left} entries more than are listed here`;
  // What another version of the function kept is refused rather than shown wrongly.
  return operation.parse({ ...running, endedAt, state: 'succeeded', message: summaryOf(result, true) + left, result });
}
