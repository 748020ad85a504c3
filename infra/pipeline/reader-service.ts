import {
  AvailabilityZoneRebalancing,
  Ec2Service,
  Ec2TaskDefinition,
  FargateService,
  NetworkMode,
  PlacementStrategy,
  PropagatedTagSource,
  type BaseService,
  type BaseServiceOptions,
  type ICluster,
} from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { fargateTask, type TaskProps } from './fargate-task.ts';
import { instanceCapacity } from './instance-capacity.ts';
import { partName } from './names.ts';
import { readerImage } from './reader-image.ts';
import { addContainer, taskRoles } from './task-container.ts';

export interface ReaderProps extends TaskProps {
  readonly highAvailability: boolean;
}

/**
 * Two readers of a pipeline exclude each other by lease. So a new one may start before the old one ends, and a second one
 * may stand by in another zone.
 */
function serviceOptions({ names, highAvailability, cluster }: ReaderProps): BaseServiceOptions {
  return {
    cluster: cluster as ICluster,
    serviceName: partName(names.pipeline, 'reader'),
    desiredCount: highAvailability ? 2 : 1,
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  };
}

/** The standing reader on Fargate. */
export function fargateReader(scope: Construct, props: ReaderProps): BaseService {
  const { network, securityGroup } = props;
  const { definition } = fargateTask(scope, 'reader', props);
  return new FargateService(scope, 'Reader', {
    ...serviceOptions(props),
    taskDefinition: definition,
    assignPublicIp: false,
    vpcSubnets: network.subnets,
    securityGroups: [securityGroup],
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
  });
}

/** The standing reader on instances of the seed's sizes. */
export function instanceReader(scope: Construct, props: ReaderProps): BaseService {
  const { names, arns, size, network, securityGroup, logGroup, environment } = props;
  const { provider, platform } = instanceCapacity(scope, props);
  const image = readerImage(scope, platform);
  const roles = taskRoles(scope, 'reader', image, arns);
  const definition = new Ec2TaskDefinition(scope, 'ReaderDefinition', {
    family: names.readerFamily,
    networkMode: NetworkMode.AWS_VPC,
    taskRole: roles.task,
    executionRole: roles.execution,
  });
  const limits = { cpu: size.cpu, memoryLimitMiB: size.memory };
  addContainer(definition, { image, job: 'follow', logGroup, environment, limits });
  return new Ec2Service(scope, 'Reader', {
    ...serviceOptions(props),
    taskDefinition: definition,
    vpcSubnets: network.subnets,
    securityGroups: [securityGroup],
    capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
    placementStrategies: [PlacementStrategy.spreadAcross('attribute:ecs.availability-zone')],
  });
}
