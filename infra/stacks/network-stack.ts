import { CfnOutput, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AclCidr,
  AclTraffic,
  Action,
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  NetworkAcl,
  SubnetType,
  TrafficDirection,
  Vpc,
  type IVpc,
  type SubnetConfiguration,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import type { Deployment, NetworkSettings } from '../deployment/deployment.ts';
import { aclRules, type AclRule } from '../network/acl-rules.ts';
import { gatewayEndpoints, interfaceEndpoints } from '../network/endpoints.ts';
import type { DataParts, NetworkParts } from './parts.ts';

export type OwnNetwork = Extract<NetworkSettings, { tag: 'new' }>;
type ExistingNetwork = Extract<NetworkSettings, { tag: 'existing' }>;

export interface NetworkStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly network: OwnNetwork;
  readonly data: Pick<DataParts, 'key' | 'logRetention'>;
}

const NAT_COUNT = { none: () => 0, one: () => 1, perZone: (zones: number) => zones } as const;
/** The smallest subnet that AWS has: a NAT gateway needs one address. */
const NAT_SUBNET_MASK = 28;
const RULE_STEP = 10;

/** A VPC of its own: private subnets over the zones, ways out as the settings say, lists that deny the rest, flow logs. */
export class NetworkStack extends Stack {
  readonly parts: NetworkParts;
  readonly #zones: number;

  constructor(scope: Construct, id: string, { deployment, network, data, ...props }: NetworkStackProps) {
    super(scope, id, props);
    this.#zones = network.availabilityZones;
    const hasNat = network.nat !== 'none';
    const type = hasNat ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED;
    const nat: SubnetConfiguration = {
      name: 'nat',
      subnetType: SubnetType.PUBLIC,
      cidrMask: NAT_SUBNET_MASK,
      mapPublicIpOnLaunch: false,
    };
    // The class says `| undefined` where its interface says `?`: the same, but not to this compiler.
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(network.cidr),
      maxAzs: this.#zones,
      natGateways: NAT_COUNT[network.nat](this.#zones),
      subnetConfiguration: [{ name: 'private', subnetType: type }, ...(hasNat ? [nat] : [])],
    }) as IVpc;
    const subnets: SubnetSelection = { subnetType: type };
    gatewayEndpoints(vpc);
    if (network.interfaceEndpoints) interfaceEndpoints(vpc, subnets, network.cidr, deployment.pipelines);
    this.#lists(vpc, deployment, network, subnets);
    const logGroup = new LogGroup(this, 'FlowLogGroup', {
      logGroupName: `/penstock/network/${deployment.application}-${deployment.environment}`,
      encryptionKey: data.key,
      retention: data.logRetention,
      // Its name is fixed: left behind, it would be in the way of the next network.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: FlowLogTrafficType.ALL,
    });
    this.parts = { vpc, subnets, dnsServers: [] };
    this.#outputs(vpc);
  }

  /** Zones by their place in the region's list: neither an account nor a look-up is needed. */
  override get availabilityZones(): string[] {
    return Array.from({ length: this.#zones }, (_, index) => Fn.select(index, Fn.getAzs()));
  }

  #lists(vpc: IVpc, deployment: Deployment, network: OwnNetwork, subnets: SubnetSelection): void {
    const databases = deployment.pipelines.flatMap(({ reachable }) => reachable);
    const rules = aclRules(network, databases);
    this.#list('PrivateAcl', vpc, subnets, rules.private);
    if (network.nat !== 'none') this.#list('NatAcl', vpc, { subnetType: SubnetType.PUBLIC }, rules.public);
  }

  #list(id: string, vpc: IVpc, subnets: SubnetSelection, rules: readonly AclRule[]): void {
    const list = new NetworkAcl(this, id, { vpc, subnetSelection: subnets });
    const next = { in: RULE_STEP * 10, out: RULE_STEP * 10 };
    for (const { direction, cidr, traffic, reason } of rules) {
      const ruleNumber = next[direction];
      next[direction] += RULE_STEP;
      list.addEntry(`${direction === 'in' ? 'In' : 'Out'}${ruleNumber}${reason}`, {
        cidr: AclCidr.ipv4(cidr),
        direction: direction === 'in' ? TrafficDirection.INGRESS : TrafficDirection.EGRESS,
        ruleAction: Action.ALLOW,
        ruleNumber,
        traffic: trafficOf(traffic),
      });
    }
    acknowledge(list, 'AwsSolutions-VPC3', 'The lists are asked for: they deny everything but the databases and AWS.');
  }

  #outputs(vpc: IVpc): void {
    new CfnOutput(this, 'VpcId', { value: vpc.vpcId, description: 'For peering, VPN and transit gateways' });
    const privateSubnets = [...vpc.privateSubnets, ...vpc.isolatedSubnets];
    new CfnOutput(this, 'PrivateRouteTables', {
      value: Fn.join(
        ',',
        privateSubnets.map((subnet) => subnet.routeTable.routeTableId),
      ),
      description: 'Routes to the databases go into these',
    });
    const addresses = vpc.publicSubnets.flatMap((subnet) => {
      const address = subnet.node.tryFindChild('EIP');
      return address instanceof CfnEIP ? [address.ref] : [];
    });
    if (addresses.length === 0) return;
    new CfnOutput(this, 'NatAddresses', {
      value: Fn.join(',', addresses),
      description: 'The addresses that databases on the Internet see',
    });
  }
}

function trafficOf(traffic: AclRule['traffic']): AclTraffic {
  if (traffic.tag === 'tooLarge') return AclTraffic.icmp({ type: 3, code: 4 });
  const { fromPort, toPort } = traffic;
  return fromPort === toPort ? AclTraffic.tcpPort(fromPort) : AclTraffic.tcpPortRange(fromPort, toPort);
}

/** A VPC that is there already. Nothing in it is changed: its endpoints, lists, routes and flow logs are its owner's. */
export function existingNetwork(scope: Construct, network: ExistingNetwork): NetworkParts {
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: network.vpcId,
    availabilityZones: network.availabilityZones,
    privateSubnetIds: network.privateSubnetIds,
  });
  return { vpc, subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, dnsServers: network.dnsServers };
}
