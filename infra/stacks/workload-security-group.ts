import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { PipelineDeployment } from '../deployment/deployment.ts';
import type { NetworkParts } from './parts.ts';

const HTTPS = 443;
const DNS = 53;

/**
 * The security group of a pipeline's tasks and functions. Nobody may call them; they may call the pipeline's databases and AWS.
 * Port 443 is open to any address because S3's and DynamoDB's are public ones, behind gateway endpoints: without NAT no route
 * leads anywhere else. The VPC's own resolver needs no rule: security groups do not filter it.
 */
export function workloadSecurityGroup(
  scope: Construct,
  id: string,
  network: NetworkParts,
  reachable: PipelineDeployment['reachable'],
): SecurityGroup {
  const group = new SecurityGroup(scope, id, {
    vpc: network.vpc,
    description: 'Penstock tasks and functions: out to the databases and AWS, nothing in',
    allowAllOutbound: false,
  });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(HTTPS), 'AWS over TLS');
  for (const { cidr, port, name } of reachable) group.addEgressRule(Peer.ipv4(cidr), Port.tcp(port), name);
  for (const server of network.dnsServers) {
    group.addEgressRule(Peer.ipv4(server), Port.udp(DNS), 'DNS');
    group.addEgressRule(Peer.ipv4(server), Port.tcp(DNS), 'DNS, long answers');
  }
  return group;
}
