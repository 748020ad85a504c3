import type { PipelineDeployment } from './deployment/deployment.ts';

/** The state machines of a pipeline, by the operation that they are for. */
export const OPERATIONS = ['full-extract', 'sync-new-tables', 'sync-struct', 'rollback', 'manual-delta'] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** The name of the machine of one operation. */
export function operationMachine(pipeline: string, operation: OperationName): string {
  return `penstock-${pipeline}-${operation}`;
}

/**
 * The names of all machines of a pipeline. With an external reader there is none for Manual Delta: nothing on AWS reads the log then.
 */
export function operationMachines(pipeline: string, reader: PipelineDeployment['reader']): string[] {
  return OPERATIONS.filter((operation) => operation !== 'manual-delta' || reader !== 'external').map((operation) =>
    operationMachine(pipeline, operation),
  );
}
