import type { OperationKind } from '../../core/operations/shared-operation.ts';
import type { FunctionName } from './function-table.ts';

export interface OperationEntry {
  readonly description: string;
  /** What its steps call. */
  readonly functions: readonly FunctionName[];
  /** Which ECS tasks it starts; with an external reader there are none. */
  readonly task: 'copy' | 'new-tables' | null;
  readonly timeoutHours: number;
}

const SHARED_COPY = ['begin-operation', 'plan-copy', 'load-chunks', 'finish-copy', 'end-operation'] as const;

/** The state machines of a pipeline, by the kind that they tell `begin-operation`. */
export const OPERATIONS = {
  'full-extract': {
    description: 'Copies tables in whole and goes on from there',
    functions: SHARED_COPY,
    task: 'copy',
    timeoutHours: 96,
  },
  'sync-new-tables': {
    description: 'Copies the tables that were added while the others are replicated',
    functions: ['begin-operation', 'load', 'end-operation'],
    task: 'new-tables',
    timeoutHours: 96,
  },
  'sync-structure': {
    description: "Brings the destination's tables to the source's structure",
    functions: ['begin-operation', 'sync-structure', 'load', 'end-operation'],
    task: null,
    timeoutHours: 12,
  },
  rollback: {
    description: 'Applies the extracts again from an earlier one on',
    functions: ['begin-operation', 'rollback', 'load', 'end-operation'],
    task: null,
    timeoutHours: 48,
  },
  'manual-delta': {
    description: 'Reads the log up to now and loads it',
    functions: ['begin-operation', 'load', 'end-operation'],
    task: 'copy',
    timeoutHours: 24,
  },
  verify: {
    description: 'Compares source and destination; repairs what differs where that is asked for',
    functions: ['begin-operation', 'verify', 'end-operation'],
    task: null,
    timeoutHours: 96,
  },
} as const satisfies Readonly<Record<OperationKind, OperationEntry>>;

/** With an external reader there is no task that could copy new tables beside it: they are copied as in a full extract. */
export function functionsOf(kind: OperationKind, hasTasks: boolean): readonly FunctionName[] {
  return kind === 'sync-new-tables' && !hasTasks ? SHARED_COPY : OPERATIONS[kind].functions;
}
