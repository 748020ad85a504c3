import { useState } from 'react';
import type { Operation, OperationRequest } from '../../../api/schemas/operations.ts';
import type { Problem } from '../../api/problem.ts';
import { useOperation, useStart } from './operation-calls.ts';
import { isAtWork } from './operation-words.ts';

export interface DryRun {
  readonly run: (request: OperationRequest) => void;
  readonly isRunning: boolean;
  readonly problem: Problem | null;
  /** The operation once it has ended; null before, and when what it was about was changed. */
  readonly ended: Operation | null;
  readonly forget: () => void;
}

/** Looks what an operation would do. */
export function useDryRun(instance: string): DryRun {
  const [id, setId] = useState<string | null>(null);
  const { data, problem } = useOperation(instance, id);
  const start = useStart(instance, (operation) => setId(operation.id));
  const isRunning = start.isRunning || (id !== null && (data === null || isAtWork(data)));
  return {
    run: start.run,
    isRunning,
    problem: start.problem ?? problem,
    ended: id === null || isRunning ? null : data,
    forget: () => setId(null),
  };
}
