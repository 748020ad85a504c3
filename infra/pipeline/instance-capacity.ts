import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceArchitecture,
  InstanceType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import { AmiHardwareType, AsgCapacityProvider, EcsOptimizedImage, type Cluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import type { Size } from '../deployment/volumes.ts';
import type { NetworkParts } from '../stacks/parts.ts';
import { workloadSecurityGroup } from '../stacks/workload-security-group.ts';
import { partName, type PipelineNames } from './names.ts';
import type { ImagePlatform } from './reader-image.ts';
import type { ResourceArns } from './resource-arns.ts';
import { exactRole } from './role.ts';
import { instanceStatements } from './service-permissions.ts';

export interface CapacityProps {
  readonly names: PipelineNames;
  readonly arns: ResourceArns;
  readonly network: NetworkParts;
  readonly cluster: Cluster;
  readonly size: Size;
  readonly highAvailability: boolean;
}

/** Instances for the reader, over the zones of the subnets: one, or two with a standby; one more while a deployment replaces a task. */
export function instanceCapacity(
  scope: Construct,
  props: CapacityProps,
): { readonly provider: AsgCapacityProvider; readonly platform: ImagePlatform } {
  const { names, network, cluster, highAvailability } = props;
  const instances = highAvailability ? 2 : 1;
  const group = new AutoScalingGroup(scope, 'Instances', {
    autoScalingGroupName: partName(names.pipeline, 'instances'),
    vpc: network.vpc,
    vpcSubnets: network.subnets,
    launchTemplate: launchTemplate(scope, props),
    minCapacity: instances,
    maxCapacity: instances + 1,
  });
  acknowledge(
    group,
    'AwsSolutions-AS3',
    'What counts is whether a reader runs: the alarm on running tasks tells that, however many instances come and go.',
  );
  const provider = new AsgCapacityProvider(scope, 'Capacity', {
    capacityProviderName: partName(names.pipeline, 'instances'),
    autoScalingGroup: group,
    enableManagedScaling: true,
    enableManagedTerminationProtection: false,
    enableManagedDraining: true,
  });
  cluster.addAsgCapacityProvider(provider);
  // With the hop limit a second wall between tasks and the instance's credentials.
  group.addUserData('echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config');
  return { provider, platform: isArm(props.size) ? 'arm64' : 'amd64' };
}

function launchTemplate(scope: Construct, { names, arns, network, size }: CapacityProps): LaunchTemplate {
  const { role } = exactRole(scope, 'InstanceRole', {
    service: 'ec2.amazonaws.com',
    description: `Penstock ${names.pipeline}: agent of the reader's instances`,
    statements: instanceStatements(arns),
    why: "Instances get their names when they start: * stands only behind the pipeline's own cluster. DiscoverPollEndpoint takes no resource.",
  });
  return new LaunchTemplate(scope, 'InstanceTemplate', {
    launchTemplateName: partName(names.pipeline, 'instances'),
    machineImage: EcsOptimizedImage.amazonLinux2023(isArm(size) ? AmiHardwareType.ARM : AmiHardwareType.STANDARD),
    instanceType: new InstanceType(size.instanceType),
    role,
    // Tasks have a group of their own; the agent only talks to AWS.
    securityGroup: workloadSecurityGroup(scope, 'InstanceSecurityGroup', network, []),
    userData: UserData.forLinux(),
    httpTokens: LaunchTemplateHttpTokens.REQUIRED,
    // One hop: nothing behind the instance's own network stack gets at its credentials.
    httpPutResponseHopLimit: 1,
    httpEndpoint: true,
    associatePublicIpAddress: false,
    detailedMonitoring: true,
    blockDevices: [
      {
        deviceName: '/dev/xvda',
        volume: BlockDeviceVolume.ebs(size.instanceDisk, {
          encrypted: true,
          volumeType: EbsDeviceVolumeType.GP3,
          deleteOnTermination: true,
        }),
      },
    ],
  });
}

function isArm({ instanceType }: Size): boolean {
  return new InstanceType(instanceType).architecture === InstanceArchitecture.ARM_64;
}
