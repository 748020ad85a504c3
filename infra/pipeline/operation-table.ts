import type { OperationKind } from '../../core/operations/shared-operation.ts';
import type { FunctionName } from './function-table.ts';

export interface OperationEntry {
  readonly description: string;
  /** What its steps call. */
  readonly functions: readonly FunctionName[];
  /** Whether it starts ECS tasks; with an external reader there are none. */
  readonly runsTasks: boolean;
  readonly timeoutHours: number;
}

const COPYING = {
  functions: ['begin-operation', 'plan-copy', 'load-chunks', 'finish-copy', 'end-operation'],
  runsTasks: true,
  timeoutHours: 96,
} as const;

/** The state machines of a pipeline, by the kind that they tell `begin-operation`. */
export const OPERATIONS = {
  'full-extract': { ...COPYING, description: 'Copies tables in whole and goes on from there' },
  'sync-new-tables': { ...COPYING, description: 'Copies the tables that were added' },
  'sync-structure': {
    description: "Brings the destination's tables to the source's structure",
    functions: ['begin-operation', 'sync-structure', 'load', 'end-operation'],
    runsTasks: false,
    timeoutHours: 12,
  },
  rollback: {
    description: 'Applies the extracts again from an earlier one on',
    functions: ['begin-operation', 'rollback', 'load', 'end-operation'],
    runsTasks: false,
    timeoutHours: 48,
  },
  'manual-delta': {
    description: 'Reads the log up to now and loads it',
    functions: ['begin-operation', 'load', 'end-operation'],
    runsTasks: true,
    timeoutHours: 24,
  },
} as const satisfies Readonly<Record<OperationKind, OperationEntry>>;
