import { OPERATION_KINDS, type OperationKind } from '../../core/operations/shared-operation.ts';

/** Where the console's function runs: the parts of the ARNs of everything that is deployed beside it. */
export interface Account {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** From the ARN by which Lambda calls the function. @throws Error where it is none */
export function accountOf(functionArn: string): Account {
  const [, partition, , region, account] = functionArn.split(':');
  if (partition === undefined || region === undefined || account === undefined) {
    throw new Error(`${functionArn} is not the ARN of a function`);
  }
  return { partition, region, account };
}

/** The names that `infra` gives to a pipeline's parts; a test compares them. */
export function functionName(pipeline: string, name: string): string {
  return `penstock-${pipeline}-${name}`;
}

export function logGroupName(pipeline: string): string {
  return `/penstock/${pipeline}`;
}

/** With an external reader nothing on AWS reads the log: there is no machine for Manual Delta, and no right to ask for one. */
export function machinesOf(reader: 'fargate' | 'ec2' | 'external'): readonly OperationKind[] {
  return OPERATION_KINDS.filter((kind) => kind !== 'manual-delta' || reader !== 'external');
}

export function machineArn({ partition, region, account }: Account, pipeline: string, kind: OperationKind): string {
  return `arn:${partition}:states:${region}:${account}:stateMachine:penstock-${pipeline}-${kind}`;
}

export function executionArn(
  { partition, region, account }: Account,
  pipeline: string,
  kind: OperationKind,
  name: string,
): string {
  return `arn:${partition}:states:${region}:${account}:execution:penstock-${pipeline}-${kind}:${name}`;
}
