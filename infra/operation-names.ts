/** The state machines of a pipeline, by the operation that they are for. */
export const OPERATIONS = ['full-extract', 'sync-new-tables', 'sync-struct', 'rollback', 'manual-delta'] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** The name of the machine of one operation. */
export function operationMachine(pipeline: string, operation: OperationName): string {
  return `penstock-${pipeline}-${operation}`;
}

export function operationMachines(pipeline: string): string[] {
  return OPERATIONS.map((operation) => operationMachine(pipeline, operation));
}
