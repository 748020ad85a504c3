import * as z from 'zod';
import { healthThresholds } from '../../core/operations/health/thresholds.ts';
import { consoleSettings } from './console-settings.ts';

/** What `penstock.config.ts` says: everything that is deployed, in one typed and validated place. */

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/, 'a letter, then up to 30 letters, digits or hyphens');
const tagValue = z.string().regex(/^[\w .:/=+@{}-]{0,256}$/, 'a tag value: letters, digits and _ . : / = + - @');
const cidr = z.cidrv4();
const arn = (service: string) => z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:`), `the ARN of ${service}`);

const ownNetwork = z.strictObject({
  tag: z.literal('new'),
  cidr: cidr
    .default('10.20.0.0/20')
    .describe('Addresses of the VPC; must not overlap with the networks of the databases.'),
  availabilityZones: z.int().min(2).max(3).default(2),
  nat: z
    .enum(['none', 'one', 'perZone'])
    .default('one')
    .describe('`none`: no way out but endpoints, peering and VPN. `perZone` survives the loss of a zone.'),
  interfaceEndpoints: z
    .boolean()
    .default(false)
    .describe(
      'Private endpoints of ECR, Secrets Manager, SNS, Lambda, Logs, KMS and Step Functions; needed with `nat: none`.',
    ),
});

const existingNetwork = z.strictObject({
  tag: z.literal('existing'),
  vpcId: z.string().regex(/^vpc-[0-9a-f]+$/),
  /** Given rather than looked up, so that synthesis needs no account. */
  availabilityZones: z.array(z.string()).min(2).max(3),
  privateSubnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]+$/))
    .min(2)
    .max(3),
  dnsServers: z
    .array(cidr)
    .default([])
    .describe("DNS servers of the VPC's DHCP options, if they are not Amazon's: security groups let them through."),
});

const network = z.discriminatedUnion('tag', [ownNetwork, existingNetwork]);

/** An address range and port that the subnets may talk to: a database. */
const reachable = z.strictObject({ cidr, port: z.int().min(1).max(65535), name: z.string().min(1) });

const data = z.strictObject({
  keyArn: arn('kms').nullable().default(null).describe('A KMS key of yours instead of a new one.'),
  bucketName: z
    .string()
    .nullable()
    .default(null)
    .describe('A bucket of yours instead of a new one; its encryption and policy stay yours.'),
  topicArn: arn('sns').nullable().default(null).describe('An SNS topic of yours instead of a new one.'),
  extractRetentionDays: z
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe(
      'When the bucket removes extracts, needed or not: not before extracts.retentionDays of any pipeline, and better long after.',
    ),
  logRetentionDays: z.union([z.literal(30), z.literal(90), z.literal(180), z.literal(365), z.literal(731)]).default(90),
});

/** The seed's volume table. */
export const VOLUMES = ['under100GB', 'under300GB', 'under1TB', 'over1TB'] as const;
export type Volume = (typeof VOLUMES)[number];

const pipeline = z.strictObject({
  configuration: z.string().min(1).describe("The pipeline's YAML file, relative to the deployment's file."),
  volume: z.enum(VOLUMES).default('under100GB').describe('Size of the source: picks CPU, memory and disk.'),
  highAvailability: z
    .boolean()
    .default(false)
    .describe('A second reader stands by in another zone and takes over within a minute.'),
  reader: z
    .enum(['fargate', 'ec2', 'external'])
    .default('fargate')
    .describe('`external`: the reader runs on premises, with credentials of its own.'),
  copyTasks: z
    .int()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe('Copy workers of a full extract; default: by volume.'),
  sourceSecretArn: arn('secretsmanager').nullable().default(null).describe('A secret of yours instead of a new one.'),
  destinationSecretArn: arn('secretsmanager').nullable().default(null),
  reachable: z
    .array(reachable)
    .default([])
    .describe('Databases that the network ACLs and security groups let through.'),
  thresholds: healthThresholds.prefault({}),
});

export const deploymentSchema = z.strictObject({
  application: name.default('Penstock').describe('Begins the names of all stacks; the tag `Application`.'),
  environment: name.describe('Prod, UAT, …: the tag `Environment`.'),
  owner: tagValue.min(1).describe('Who answers for it: the tag `Owner`.'),
  costCentre: tagValue.min(1).describe('Who pays: the tag `CostCentre`.'),
  nameTag: tagValue
    .default('{application}_{pipeline}_{service}_{environment}')
    .describe('The tag `Name`; may hold {application}, {pipeline}, {environment}, and {service}: EC2, S3, Lambda, ….'),
  tags: z
    .record(
      z.string().regex(/^(?!aws:)[\w .:/=+@-]{1,128}$/i, 'a tag name: letters, digits and _ . : / = + - @'),
      tagValue,
    )
    .default({})
    .describe('Further tags of every resource.'),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .nullable()
    .default(null)
    .describe('Null: the one that the CLI is signed in to.'),
  region: z.string().nullable().default(null),
  network: network.prefault({ tag: 'new' }),
  data: data.prefault({}),
  alarmEmails: z.array(z.email()).default([]),
  console: consoleSettings
    .nullable()
    .prefault({})
    .describe('The web console. Null: none; those who operate pipelines then call AWS themselves.'),
  pipelines: z.array(pipeline).min(1),
});

/** As it is written. */
export type DeploymentInput = z.input<typeof deploymentSchema>;
/** As it was validated, with every default filled in. */
export type Deployment = z.output<typeof deploymentSchema>;
export type PipelineDeployment = Deployment['pipelines'][number];
export type NetworkSettings = Deployment['network'];

/** For the editor's help in `penstock.config.ts`; validation happens when it is loaded. */
export function defineDeployment(deployment: DeploymentInput): DeploymentInput {
  return deployment;
}
