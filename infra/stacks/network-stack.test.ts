import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { deploymentOf, stacksOf } from '../../test/fixtures/shared-stacks.ts';
import { emptyApp } from '../app.ts';
import { DataStack } from './data-stack.ts';
import { existingNetwork } from './network-stack.ts';
import { workloadSecurityGroup } from './workload-security-group.ts';

describe('the network stack', () => {
  let template: Template;
  beforeAll(() => {
    template = Template.fromStack(stacksOf(deploymentOf()).network);
  });

  it('spreads private subnets over the zones, without public addresses', () => {
    template.resourceCountIs('AWS::EC2::Subnet', 4);
    template.resourcePropertiesCountIs('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true }, 0);
    const subnets = template.findResources('AWS::EC2::Subnet', {
      Properties: { Tags: Match.arrayWith([{ Key: 'aws-cdk:subnet-type', Value: 'Private' }]) },
    });
    const zones = Object.values(subnets).map(
      (resource) => (resource['Properties'] as { AvailabilityZone: unknown }).AvailabilityZone,
    );
    expect(zones).toEqual([{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] }]);
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
  });

  it('has exactly the rules of the lists, numbered from 100', () => {
    const entries = Object.values(template.findResources('AWS::EC2::NetworkAclEntry')).map((resource) => {
      const rule = resource['Properties'] as AclEntry;
      const list = rule.NetworkAclId.Ref.startsWith('PrivateAcl') ? 'private' : 'nat';
      const way = rule.Egress ? 'out' : 'in';
      const { PortRange: ports, Icmp: icmp } = rule;
      const what = ports === undefined ? `type ${icmp?.Type} code ${icmp?.Code}` : `${ports.From}-${ports.To}`;
      return `${list} ${way} ${rule.RuleNumber} ${rule.RuleAction} ${rule.CidrBlock} protocol ${rule.Protocol}: ${what}`;
    });
    expect(entries.sort()).toEqual([
      'nat in 100 allow 0.0.0.0/0 protocol 6: 1024-65535',
      'nat in 110 allow 0.0.0.0/0 protocol 1: type 3 code 4',
      'nat in 120 allow 10.20.0.0/20 protocol 6: 443-443',
      'nat out 100 allow 0.0.0.0/0 protocol 6: 443-443',
      'nat out 110 allow 203.0.113.16/28 protocol 6: 3306-3306',
      'nat out 120 allow 10.20.0.0/20 protocol 6: 1024-65535',
      'nat out 130 allow 10.20.0.0/20 protocol 1: type 3 code 4',
      'private in 100 allow 0.0.0.0/0 protocol 6: 1024-65535',
      'private in 110 allow 0.0.0.0/0 protocol 1: type 3 code 4',
      'private out 100 allow 0.0.0.0/0 protocol 6: 443-443',
      'private out 110 allow 10.1.4.0/24 protocol 6: 5432-5432',
      'private out 120 allow 203.0.113.16/28 protocol 6: 3306-3306',
    ]);
    template.resourceCountIs('AWS::EC2::SubnetNetworkAclAssociation', 4);
  });

  it('reaches S3 and DynamoDB through gateway endpoints, and only what this account owns', () => {
    const gateways = Object.values(
      template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Gateway' } }),
    );
    expect(gateways).toHaveLength(2);
    for (const gateway of gateways) {
      const { PolicyDocument: policy } = gateway['Properties'] as { PolicyDocument: { Statement: object[] } };
      const withoutOwner = policy.Statement.filter(
        (statement) => !JSON.stringify(statement).includes('aws:ResourceAccount'),
      );
      expect(JSON.stringify(withoutOwner)).not.toContain('"Resource":"*"');
      expect(policy.Statement.length - withoutOwner.length).toBe(1);
    }
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 0);
  });

  it('logs all traffic into an encrypted group with a retention', () => {
    template.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL', LogDestinationType: 'cloud-watch-logs' });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/penstock/network/Penstock-Test',
      RetentionInDays: 90,
      KmsKeyId: Match.anyValue(),
    });
  });

  it('has as many NAT gateways and zones as asked for, and endpoints of AWS only by option', () => {
    const many = deploymentOf({
      network: { tag: 'new', availabilityZones: 3, nat: 'perZone', interfaceEndpoints: true },
    });
    const { network } = stacksOf(many);
    const large = Template.fromStack(network);
    large.resourceCountIs('AWS::EC2::NatGateway', 3);
    large.resourceCountIs('AWS::EC2::Subnet', 6);
    expect(serviceNames(large)).toEqual(
      ['ecr.api', 'ecr.dkr', 'kms', 'lambda', 'logs', 'secretsmanager', 'sns', 'states', 'xray'].sort(),
    );
  });

  it('has the endpoints of the ECS agent where readers run on instances, and no way out without NAT', () => {
    const isolated = deploymentOf({
      network: { tag: 'new', nat: 'none', interfaceEndpoints: true },
      pipelines: [{ configuration: 'x.yaml', reader: 'ec2' }],
    });
    const closed = Template.fromStack(stacksOf(isolated).network);
    expect(serviceNames(closed)).toEqual(expect.arrayContaining(['ecs', 'ecs-agent', 'ecs-telemetry']));
    closed.resourceCountIs('AWS::EC2::NatGateway', 0);
    closed.resourceCountIs('AWS::EC2::InternetGateway', 0);
    closed.resourcePropertiesCountIs('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true }, 0);
  });

  it('lets nobody in from everywhere', () => {
    const { network } = stacksOf(deploymentOf({ network: { tag: 'new', interfaceEndpoints: true } }));
    expect(openIngress(Template.fromStack(network))).toEqual([]);
  });

  it('changes nothing in a VPC that is there already', () => {
    const app = emptyApp();
    const deployment = deploymentOf({
      network: {
        tag: 'existing',
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['eu-central-1a', 'eu-central-1b'],
        privateSubnetIds: ['subnet-0a', 'subnet-0b'],
        dnsServers: ['192.168.0.53/32'],
      },
    });
    const data = new DataStack(app, 'Data', { deployment, pipelines: [] });
    if (deployment.network.tag !== 'existing') throw new Error('the network was to be given');
    const parts = existingNetwork(data, deployment.network);
    expect(parts.vpc.selectSubnets(parts.subnets).subnetIds).toEqual(['subnet-0a', 'subnet-0b']);
    expect(JSON.stringify(Template.fromStack(data).toJSON())).not.toContain('AWS::EC2::');
  });
});

describe('the security group of tasks and functions', () => {
  it('lets nobody in, and out only to the databases, to AWS and to the DNS servers that are named', () => {
    const { network } = stacksOf(deploymentOf());
    const parts = { ...network.parts, dnsServers: ['192.168.0.53/32'] };
    workloadSecurityGroup(network, 'Workload', parts, [{ name: 'Source', cidr: '10.1.4.0/24', port: 5432 }]);
    const groups = Object.values(Template.fromStack(network).findResources('AWS::EC2::SecurityGroup'));
    expect(groups).toHaveLength(1);
    const { SecurityGroupIngress: ingress, SecurityGroupEgress: egress } = groups[0]?.['Properties'] as {
      SecurityGroupIngress?: unknown;
      SecurityGroupEgress: GroupRule[];
    };
    expect(ingress).toBeUndefined();
    expect(egress.map((rule) => `${rule.IpProtocol} ${rule.CidrIp} ${rule.FromPort}-${rule.ToPort}`)).toEqual([
      'tcp 0.0.0.0/0 443-443',
      'tcp 10.1.4.0/24 5432-5432',
      'udp 192.168.0.53/32 53-53',
      'tcp 192.168.0.53/32 53-53',
    ]);
  });
});

interface AclEntry {
  readonly NetworkAclId: { readonly Ref: string };
  readonly Egress: boolean;
  readonly RuleNumber: number;
  readonly RuleAction: string;
  readonly Protocol: number;
  readonly CidrBlock: string;
  readonly PortRange?: { readonly From: number; readonly To: number };
  readonly Icmp?: { readonly Type: number; readonly Code: number };
}

interface GroupRule {
  readonly IpProtocol: string;
  readonly CidrIp: string;
  readonly FromPort: number;
  readonly ToPort: number;
}

function serviceNames(template: Template): string[] {
  const found = template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } });
  return Object.values(found)
    .map((resource) => JSON.stringify((resource['Properties'] as { ServiceName: unknown }).ServiceName))
    .map((text) => /"\.([a-z.-]+)"/.exec(text)?.[1] ?? text)
    .sort();
}

/** Security group rules that let anybody in. */
function openIngress(template: Template): string[] {
  const resources = template.toJSON()['Resources'] as Readonly<Record<string, { Type: string; Properties: unknown }>>;
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    const ingress =
      Type === 'AWS::EC2::SecurityGroup'
        ? (Properties as { SecurityGroupIngress?: unknown }).SecurityGroupIngress
        : Type === 'AWS::EC2::SecurityGroupIngress'
          ? Properties
          : null;
    return /0\.0\.0\.0\/0|::\/0/.test(JSON.stringify(ingress ?? null)) ? [id] : [];
  });
}
