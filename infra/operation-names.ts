import { OPERATION_KINDS, type OperationKind } from '../core/operations/shared-operation.ts';
import type { PipelineDeployment } from './deployment/deployment.ts';

/** The name of the machine of one operation. */
export function operationMachine(pipeline: string, operation: OperationKind): string {
  return `penstock-${pipeline}-${operation}`;
}

/**
 * The names of all machines of a pipeline. With an external reader there is none for Manual Delta: nothing on AWS reads the log then.
 */
export function operationMachines(pipeline: string, reader: PipelineDeployment['reader']): string[] {
  return OPERATION_KINDS.filter((operation) => operation !== 'manual-delta' || reader !== 'external').map((operation) =>
    operationMachine(pipeline, operation),
  );
}
