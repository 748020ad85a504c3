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
import { addContainer, taskRoles, type TaskRoles, type TaskWorkload } from './task-container.ts';

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

const DEFINITIONS = {
  reader: { id: 'ReaderDefinition', family: 'readerFamily', job: 'follow' },
  copy: { id: 'CopyDefinition', family: 'copyFamily', job: 'copy' },
  'new-tables': { id: 'NewTablesDefinition', family: 'newTablesFamily', job: 'new-tables' },
} as const;

/** The task of the standing reader, of copy workers, or of who copies new tables, on Fargate. */
export function fargateTask(scope: Construct, workload: TaskWorkload, props: TaskProps): FargateTask {
  const { names, arns, size, logGroup, environment } = props;
  const image = readerImage(scope, 'arm64');
  const roles = taskRoles(scope, workload, image, arns);
  const { id, family, job } = DEFINITIONS[workload];
  const definition = new FargateTaskDefinition(scope, id, {
    family: names[family],
    cpu: size.cpu,
    memoryLimitMiB: size.memory,
    ephemeralStorageGiB: size.taskDisk,
    runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
    taskRole: roles.task,
    executionRole: roles.execution,
  });
  return { definition, container: addContainer(definition, { image, job, logGroup, environment }), roles };
}
