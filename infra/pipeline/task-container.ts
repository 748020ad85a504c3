import { Duration } from 'aws-cdk-lib';
import type { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import {
  Capability,
  ContainerImage,
  LinuxParameters,
  LogDrivers,
  type ContainerDefinition,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole, Role } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import { workloadStatements } from './permissions.ts';
import type { ResourceArns } from './resource-arns.ts';
import { exactRole } from './role.ts';
import { executionStatements } from './service-permissions.ts';

/** Fargate's longest. What a reader has read and not listed is read again, so that this bounds the time, not the data. */
const STOP_TIMEOUT = Duration.seconds(120);
/** The user `node` of the image. */
export const IMAGE_USER = '1000:1000';
const TASKS = 'ecs-tasks.amazonaws.com';

/** The roles of a task: `task` is what its code may do, `execution` what ECS does to start it. */
export interface TaskRoles {
  readonly task: IRole;
  readonly execution: IRole;
  /** The ARNs of both, as roles of this stack. */
  readonly arns: readonly string[];
}

/** What tasks do: each has a role of its own. */
export type TaskWorkload = 'reader' | 'copy' | 'new-tables';
const ROLE_IDS = { reader: 'Reader', copy: 'Copy', 'new-tables': 'NewTables' } as const;

export function taskRoles(
  scope: Construct,
  workload: TaskWorkload,
  image: DockerImageAsset,
  arns: ResourceArns,
): TaskRoles {
  const id = ROLE_IDS[workload];
  const task = exactRole(scope, `${id}TaskRole`, {
    service: TASKS,
    description: `Penstock ${arns.pipeline}: code of ${workload} tasks`,
    statements: workloadStatements(workload, arns),
    why: "Objects get their names later: * stands only behind the pipeline's own prefix.",
  });
  const execution = exactRole(scope, `${id}ExecutionRole`, {
    service: TASKS,
    description: `Penstock ${arns.pipeline}: starts ${workload} tasks`,
    statements: executionStatements(image.repository.repositoryArn, arns),
    why: 'GetAuthorizationToken takes no resource; log streams get their names when tasks start.',
  });
  return { task: task.role, execution: execution.role, arns: [arnOf(task.full), arnOf(execution.full)] };
}

function arnOf(role: Role): string {
  return role.roleArn;
}

export interface ContainerSettings {
  readonly image: DockerImageAsset;
  /** What `main.mjs` does. */
  readonly job: 'follow' | 'copy' | 'new-tables';
  readonly logGroup: ILogGroup;
  readonly environment: Record<string, string>;
  /** Only where an instance is shared: Fargate takes the sizes of the task. */
  readonly limits?: { readonly cpu: number; readonly memoryLimitMiB: number };
}

/** The only container of a task: no root, no capability, nothing to write to but /tmp. */
export function addContainer(definition: TaskDefinition, settings: ContainerSettings): ContainerDefinition {
  const linuxParameters = new LinuxParameters(definition, 'Linux', { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  const container = definition.addContainer(settings.job, {
    containerName: 'penstock',
    image: ContainerImage.fromDockerImageAsset(settings.image),
    entryPoint: ['node'],
    command: ['main.mjs', settings.job],
    environment: settings.environment,
    essential: true,
    user: IMAGE_USER,
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters,
    stopTimeout: STOP_TIMEOUT,
    logging: LogDrivers.awsLogs({ logGroup: settings.logGroup, streamPrefix: settings.job }),
    ...settings.limits,
    ...(settings.job === 'follow' ? { healthCheck: HEALTH_CHECK } : {}),
  });
  definition.addVolume({ name: 'tmp' });
  container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });
  acknowledge(
    definition,
    'AwsSolutions-ECS2',
    'Names of a bucket, a table, a topic and a function: nothing secret. Passwords are read from Secrets Manager by the code.',
  );
  return container;
}

/** Answers by the age of the file that the reader touches while it lives. */
const HEALTH_CHECK = {
  command: ['CMD', 'node', 'health.mjs'],
  interval: Duration.seconds(30),
  timeout: Duration.seconds(10),
  retries: 3,
  startPeriod: Duration.seconds(120),
};
