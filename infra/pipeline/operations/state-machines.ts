import { Duration } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType, type Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { OPERATION_KINDS, type OperationKind } from '../../../core/operations/shared-operation.ts';
import { operationMachine } from '../../operation-names.ts';
import type { PipelineFunctions } from '../functions.ts';
import { OPERATIONS } from '../operation-table.ts';
import type { ResourceArns } from '../resource-arns.ts';
import { exactRole } from '../role.ts';
import { operationStatements } from '../service-permissions.ts';
import type { CopyTask } from '../copy-task.ts';
import { applyAndLoad, copyBeside, readAndLoad } from './apply-and-load.ts';
import { compare } from './compare.ts';
import { COPY_COUNTERS, copyTables, type Copying } from './copy-tables.ts';
import { OperationFrame } from './operation-frame.ts';

export interface OperationsProps extends Copying {
  /** Null with an external reader. */
  readonly newTablesTask: CopyTask | null;
  readonly arns: ResourceArns;
  readonly functions: PipelineFunctions;
  readonly logGroup: ILogGroup;
}

/**
 * A state machine for each operation. With an external reader there is none for Manual Delta: nothing here can read the log, and
 * whatever the reader outside has read is loaded as it comes.
 */
export function operationMachines(scope: Construct, props: OperationsProps): StateMachine[] {
  return OPERATION_KINDS.flatMap((kind) => {
    const machineScope = new Construct(scope, `Operation-${kind}`);
    const definition = definitionOf(machineScope, kind, props);
    return definition === null ? [] : [stateMachine(machineScope, kind, definition, props)];
  });
}

function definitionOf(scope: Construct, kind: OperationKind, props: OperationsProps): Chain | null {
  const frame = (counters = {}, isBeside = false): OperationFrame =>
    new OperationFrame(scope, kind, props.functions, counters, isBeside);
  switch (kind) {
    case 'full-extract':
      return copyTables(scope, frame(COPY_COUNTERS), props);
    case 'sync-new-tables':
      return props.newTablesTask === null
        ? copyTables(scope, frame(COPY_COUNTERS), props)
        : copyBeside(scope, frame({}, true), props.newTablesTask);
    case 'sync-structure':
    case 'rollback':
      return applyAndLoad(scope, frame(), kind);
    case 'manual-delta':
      return props.task === null ? null : readAndLoad(scope, frame(), props.task);
    case 'verify':
      return compare(scope, frame());
  }
}

function stateMachine(
  scope: Construct,
  kind: OperationKind,
  definition: Chain,
  { arns, task, newTablesTask, logGroup }: OperationsProps,
): StateMachine {
  const { description, timeoutHours } = OPERATIONS[kind];
  const started = kind === 'sync-new-tables' ? newTablesTask : task;
  const { role } = exactRole(scope, 'Role', {
    service: 'states.amazonaws.com',
    description: `Penstock ${arns.pipeline}: operation ${kind}`,
    statements: operationStatements(kind, started?.roleArns ?? [], arns),
    why: "Log deliveries and X-Ray take no resource; tasks get their names when they start, in the pipeline's own cluster; of the copy task every revision may run.",
  });
  return new StateMachine(scope, 'Machine', {
    stateMachineName: operationMachine(arns.pipeline, kind),
    stateMachineType: StateMachineType.STANDARD,
    comment: description,
    definitionBody: DefinitionBody.fromChainable(definition),
    role,
    timeout: Duration.hours(timeoutHours),
    tracingEnabled: true,
    // What states carry are names and counts, but what users ask for is theirs: it stays out of the log.
    logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
  });
}
