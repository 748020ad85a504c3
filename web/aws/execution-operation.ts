import * as z from 'zod';
import type { TableProof } from '../../core/catalog/verification-records.ts';
import { ERROR_CODES } from '../../core/errors/codes.ts';
import { timestampFromMilliseconds } from '../../core/changes/timestamp.ts';
import { outcomeOf } from '../../hosts/aws/execution-runs.ts';
import { counted, wholeNumber } from '../api/operations/operation-summary.ts';
import { failureOf } from '../api/problems/problem-document.ts';
import {
  operationRequest,
  type Operation,
  type OperationRequest,
  type OperationResult,
} from '../api/schemas/operations.ts';
import type { Failure } from '../api/schemas/values.ts';
import { toldError } from './call-function.ts';
import type { DescribedExecution } from './executions.ts';
import { placeText } from '../../core/sources/place-text.ts';

/** What an execution was started with: the request without its kind, and by whom; who starts one by hand may say less. */
const input = z.looseObject({
  tables: z.array(z.string()).nullish(),
  to: z.number().nullish(),
  repair: z.boolean().nullish(),
  dropColumns: z.boolean().nullish(),
  by: z.string().nullish(),
});

/** How many there are of what a state machine's steps counted. */
const count = z.number().default(0);
const output = z.looseObject({
  applied: z.looseObject({ extracts: count, rows: count, changes: count, left: count }).prefault({}),
  verified: z.looseObject({ equal: count, different: count, unsettled: count, notComparable: count }).prefault({}),
});
const NOTHING = output.parse({});

/** Operations that are runs of the schedule are named so. */
const NOBODY = 'the schedule or another tool';

/**
 * An execution as the API tells it; what is at work is told by the catalog: {@link Operation.message} and progress are the caller's to add.
 * Null: it was started by hand with what no operation is. Pure.
 */
export function operationOf(execution: DescribedExecution): Operation | null {
  const given = input.safeParse(jsonOf(execution.input)).data ?? {};
  const request = requestOf(execution.kind, given);
  if (request === null) return null;
  const { endedAt } = execution;
  const ended = endOf(execution, request);
  return {
    id: execution.name,
    request: request as Operation['request'],
    by: given.by ?? NOBODY,
    startedAt: timestampFromMilliseconds(execution.startedAt),
    endedAt: endedAt === null ? null : timestampFromMilliseconds(endedAt),
    ...ended,
    progress: [],
    result: null,
  };
}

/** What an execution of the request is given. */
export function inputOf(request: OperationRequest, by: string): Readonly<Record<string, unknown>> {
  return { ...request, kind: undefined, by };
}

function requestOf(
  kind: OperationRequest['kind'],
  { tables, to, repair, dropColumns }: z.output<typeof input>,
): OperationRequest | null {
  const named = tables ?? null;
  const possible = {
    'full-extract': { tables: named },
    'sync-new-tables': { tables: named },
    'sync-structure': { tables: named, dropColumns: dropColumns ?? false },
    rollback: { tables: named, to },
    'manual-delta': {},
    verify: { tables: named, repair: repair ?? false },
  }[kind];
  return operationRequest.safeParse({ kind, ...possible }).data ?? null;
}

function endOf(
  execution: DescribedExecution,
  request: OperationRequest,
): Pick<Operation, 'state' | 'message' | 'error'> {
  const outcome = outcomeOf(execution);
  switch (outcome.tag) {
    case 'running':
    case 'unknown':
      return { state: 'running', message: 'at work', error: null };
    case 'succeeded':
      return { state: 'succeeded', message: summaryOf(request, execution.output), error: null };
    case 'aborted': {
      const who = execution.cause === '' ? '' : ` ${execution.cause}`;
      return { state: 'stopped', message: `stopped${who}; started again, it goes on from there`, error: null };
    }
    case 'failed': {
      const error = failureIn(outcome.message);
      return { state: 'failed', message: error.message, error };
    }
  }
}

function failureIn(message: string): Failure {
  const known = toldError(message);
  if (known !== null) return failureOf(known);
  const remedy = 'The log of the pipeline and the history of the execution in Step Functions say more.';
  return { code: 'PS9001', message: message === '' ? ERROR_CODES.PS9001.title : message, remedy, table: null };
}

function summaryOf(request: OperationRequest, text: string): string {
  const { applied, verified } = output.safeParse(jsonOf(text)).data ?? NOTHING;
  switch (request.kind) {
    case 'full-extract':
    case 'sync-new-tables':
      return 'copied';
    case 'manual-delta':
      return 'the log was read up to its end, and loaded';
    case 'sync-structure': {
      const left = applied.left === 0 ? '' : `, ${counted(applied.left, 'table')} left as they are`;
      return `${counted(applied.changes, 'difference')} made good${left}`;
    }
    case 'rollback':
      return `${counted(applied.rows, 'change')} of ${counted(applied.extracts, 'extract')} applied again`;
    case 'verify': {
      const { equal, different, unsettled, notComparable } = verified;
      const all = equal + different + unsettled + notComparable;
      return `${wholeNumber(equal)} of ${counted(all, 'table')} equal${different === 0 ? '' : `, ${wholeNumber(different)} not`}`;
    }
  }
}

/**
 * What a verification found of each table, from the proofs that it left; those of later ones are not its own. A table that may differ
 * only because its log was not read meanwhile has none. Pure.
 */
export function verifiedResult(
  { startedAt, endedAt }: Pick<Operation, 'startedAt' | 'endedAt'>,
  { output: text }: Pick<DescribedExecution, 'output'>,
  proofs: Iterable<TableProof>,
): OperationResult {
  const { different, unsettled: open } = (output.safeParse(jsonOf(text)).data ?? NOTHING).verified;
  const own = [...proofs].filter(({ at }) => at >= startedAt && (endedAt === null || at <= endedAt));
  const tables = own.map(({ table, verdict, rows, destinationRows, columns, ...proof }) => ({
    ...{ table, state: verdict, sourceRows: rows, differing: proof.differing, unsettled: proof.unsettled },
    destinationRows: verdict === 'equal' ? rows : destinationRows,
    ...{ differences: [], columns: [...columns], repaired: proof.repaired },
    ...{ position: placeText(proof.position), at: proof.at, chunks: proof.chunks },
    reason: verdict === 'unsettled' ? `${counted(proof.unsettled, 'row')} changed during every look` : null,
  }));
  return { kind: 'verify', equal: different + open === 0, tables };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
