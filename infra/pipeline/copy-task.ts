import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  CpuArchitecture,
  FargateTaskDefinition,
  OperatingSystemFamily,
  type Cluster,
  type ContainerDefinition,
  type ICluster,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Size } from '../deployment/volumes.ts';
import type { NetworkParts } from '../stacks/parts.ts';
import type { PipelineNames } from './names.ts';
import { readerImage } from './reader-image.ts';
import type { ResourceArns } from './resource-arns.ts';
import { addContainer, taskRoles } from './task-container.ts';

export interface TaskProps {
  readonly names: PipelineNames;
  readonly arns: ResourceArns;
  readonly network: NetworkParts;
  readonly securityGroup: ISecurityGroup;
  readonly logGroup: ILogGroup;
  readonly environment: Record<string, string>;
  readonly cluster: Cluster;
  readonly size: Size;
}

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
 * Copy workers, and the reader of a manual delta: on Fargate, whatever the standing reader runs on, since they live for the hours
 * of a copy only.
 */
export function copyTask(scope: Construct, props: TaskProps): CopyTask {
  const { names, arns, size, cluster, network, securityGroup } = props;
  const image = readerImage(scope, 'arm64');
  const roles = taskRoles(scope, 'copy', image, arns);
  const definition = new FargateTaskDefinition(scope, 'CopyDefinition', {
    family: names.copyFamily,
    cpu: size.cpu,
    memoryLimitMiB: size.memory,
    ephemeralStorageGiB: size.taskDisk,
    runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
    taskRole: roles.task,
    executionRole: roles.execution,
  });
  const { logGroup, environment } = props;
  const container = addContainer(definition, { image, job: 'copy', logGroup, environment });
  // The class says `| undefined` where its interface says `?`: the same, but not to this compiler.
  return { cluster: cluster as ICluster, definition, container, network, securityGroup, roleArns: roles.arns };
}
