import { Stack } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService as Gateway,
  InterfaceVpcEndpointAwsService as Service,
  Peer,
  Port,
  SecurityGroup,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { PipelineDeployment } from '../deployment/deployment.ts';

const HTTPS = 443;

/** What tasks and functions talk to besides S3 and DynamoDB. */
const SERVICES: Readonly<Record<string, Service>> = {
  EcrApi: Service.ECR,
  EcrDocker: Service.ECR_DOCKER,
  SecretsManager: Service.SECRETS_MANAGER,
  Sns: Service.SNS,
  Lambda: Service.LAMBDA,
  Logs: Service.CLOUDWATCH_LOGS,
  Kms: Service.KMS,
  StepFunctions: Service.STEP_FUNCTIONS,
  Xray: Service.XRAY,
};

/** What the agent of an instance of one's own talks to besides; Fargate has its own way. */
const INSTANCE_SERVICES: Readonly<Record<string, Service>> = {
  Ecs: Service.ECS,
  EcsAgent: Service.ECS_AGENT,
  EcsTelemetry: Service.ECS_TELEMETRY,
};

/**
 * S3 and DynamoDB without a way over the Internet. They cost nothing. Only this account's identities may use them, and only for
 * what this account owns, so that data cannot be written into somebody else's bucket; ECR's layers are in a bucket of AWS.
 */
export function gatewayEndpoints(vpc: IVpc): void {
  const { account, region } = Stack.of(vpc);
  const ownOnly = (action: string): PolicyStatement =>
    new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions: [action],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
    });
  const s3 = vpc.addGatewayEndpoint('S3', { service: Gateway.S3 });
  s3.addToPolicy(ownOnly('s3:*'));
  s3.addToPolicy(
    new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions: ['s3:GetObject'],
      resources: [`arn:${Stack.of(vpc).partition}:s3:::prod-${region}-starport-layer-bucket/*`],
    }),
  );
  const dynamo = vpc.addGatewayEndpoint('DynamoDb', { service: Gateway.DYNAMODB });
  dynamo.addToPolicy(ownOnly('dynamodb:*'));
}

/** Private addresses of AWS's services in the subnets: each costs by the hour and zone, and needs no NAT. */
export function interfaceEndpoints(
  vpc: IVpc,
  subnets: SubnetSelection,
  cidr: string,
  pipelines: readonly PipelineDeployment[],
): void {
  const group = new SecurityGroup(Stack.of(vpc), 'EndpointGroup', {
    vpc,
    description: 'Endpoints of AWS: in over TLS from the VPC, out to nowhere',
    allowAllOutbound: false,
  });
  group.addIngressRule(Peer.ipv4(cidr), Port.tcp(HTTPS), 'TLS from the VPC');
  const hasInstances = pipelines.some(({ reader }) => reader === 'ec2');
  const services = { ...SERVICES, ...(hasInstances ? INSTANCE_SERVICES : {}) };
  for (const [id, service] of Object.entries(services)) {
    vpc.addInterfaceEndpoint(id, { service, subnets, securityGroups: [group], open: false });
  }
}
