import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  CpuArchitecture,
  FargateTaskDefinition,
  OperatingSystemFamily,
  type Cluster,
  type ContainerDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Size } from '../deployment/volumes.ts';
import type { NetworkParts } from '../stacks/parts.ts';
import type { PipelineNames } from './names.ts';
import { readerImage } from './reader-image.ts';
import type { ResourceArns } from './resource-arns.ts';
import { addContainer, taskRoles, type TaskRoles } from './task-container.ts';

/** What tasks of a pipeline are made of. */
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

export interface FargateTask {
  readonly definition: FargateTaskDefinition;
  readonly container: ContainerDefinition;
  readonly roles: TaskRoles;
}

/** The task of the standing reader, or of copy workers, on Fargate. */
export function fargateTask(scope: Construct, workload: 'reader' | 'copy', props: TaskProps): FargateTask {
  const { names, arns, size, logGroup, environment } = props;
  const image = readerImage(scope, 'arm64');
  const roles = taskRoles(scope, workload, image, arns);
  const definition = new FargateTaskDefinition(scope, workload === 'reader' ? 'ReaderDefinition' : 'CopyDefinition', {
    family: workload === 'reader' ? names.readerFamily : names.copyFamily,
    cpu: size.cpu,
    memoryLimitMiB: size.memory,
    ephemeralStorageGiB: size.taskDisk,
    runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
    taskRole: roles.task,
    executionRole: roles.execution,
  });
  const job = workload === 'reader' ? 'follow' : 'copy';
  return { definition, container: addContainer(definition, { image, job, logGroup, environment }), roles };
}
