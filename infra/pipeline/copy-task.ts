import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { ContainerDefinition, FargateTaskDefinition, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { NetworkParts } from '../stacks/parts.ts';
import { fargateTask, type TaskProps } from './fargate-task.ts';

/** What operations start tasks of. */
export interface CopyTask {
  readonly cluster: ICluster;
  readonly definition: FargateTaskDefinition;
  readonly container: ContainerDefinition;
  readonly network: NetworkParts;
  readonly securityGroup: ISecurityGroup;
  /** The roles that starting it hands over. */
  readonly roleArns: readonly string[];
}

/**
 * Copy workers and the reader of a manual delta (`copy`), and what copies new tables: on Fargate, whatever the standing reader runs on,
 * since they live for the hours of a copy only.
 */
export function copyTask(scope: Construct, workload: 'copy' | 'new-tables', props: TaskProps): CopyTask {
  const { cluster, network, securityGroup } = props;
  const { definition, container, roles } = fargateTask(scope, workload, props);
  // The class says `| undefined` where its interface says `?`: the same, but not to this compiler.
  return { cluster: cluster as ICluster, definition, container, network, securityGroup, roleArns: roles.arns };
}
