import * as z from 'zod';
import type { SecretReference } from '../host/host.ts';
import { PASSWORD_DESCRIPTION, secretReference } from './secret-reference.ts';

/** The sections `aws` and `awsProxy`: what one machine tells an AWS account of its pipeline. A pipeline that runs there needs neither. */

const text = z.string().min(1);

export const awsSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('`false`: nothing is sent, and what is set up stays.'),
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'a region, like eu-central-1')
      .describe('The AWS region.'),
    accessKey: text
      .nullable()
      .default(null)
      .describe(
        'The id of an access key. Without one the credentials of this machine count: its role, or what the AWS CLI uses.',
      ),
    password: secretReference.nullable().default(null).describe(`The secret access key: ${PASSWORD_DESCRIPTION}`),
    topic: z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, 'the ARN of an SNS topic')
      .nullable()
      .default(null)
      .describe('The ARN of an SNS topic that gets what somebody must know.'),
    logGroup: text.nullable().default(null).describe('A CloudWatch log group that is there; it gets every event.'),
    logStream: text.nullable().default(null).describe('A stream of that group that is there.'),
    metrics: z
      .string()
      .regex(/^(?!AWS\/)[A-Za-z0-9._/#:-]{1,255}$/, 'a namespace of CloudWatch, not one of AWS')
      .nullable()
      .default(null)
      .describe('A namespace of CloudWatch metrics; it gets the numbers of the events, once a minute.'),
  })
  .refine(({ accessKey, password }) => (accessKey === null) === (password === null), {
    path: ['accessKey'],
    error: 'an id with its secret, or neither',
  })
  .refine(({ logGroup, logStream }) => (logGroup === null) === (logStream === null), {
    path: ['logStream'],
    error: 'a group with a stream, or neither',
  });

export const awsProxySchema = z
  .strictObject({
    host: text.describe('Name or address of an HTTP proxy for what is sent to AWS.'),
    port: z.int().min(1).max(65_535).default(3128).describe('Its port.'),
    user: text.nullable().default(null).describe('The user that logs in; without one nobody does.'),
    password: secretReference.nullable().default(null).describe(PASSWORD_DESCRIPTION),
  })
  .refine(({ user, password }) => (user === null) === (password === null), {
    path: ['user'],
    error: 'a user with a password, or neither',
  });

/** What an AWS account is told, and how it is reached. */
export interface AwsSettings {
  readonly enabled: boolean;
  readonly region: string;
  /** Null: the credentials of this machine. */
  readonly key: { readonly id: string; readonly secret: SecretReference } | null;
  readonly topic: string | null;
  readonly logs: { readonly group: string; readonly stream: string } | null;
  /** A namespace. */
  readonly metrics: string | null;
  readonly proxy: AwsProxySettings | null;
}

export interface AwsProxySettings {
  readonly host: string;
  readonly port: number;
  readonly login: { readonly user: string; readonly password: SecretReference } | null;
}

export function awsSettings(
  written: z.infer<typeof awsSchema>,
  proxy: z.infer<typeof awsProxySchema> | undefined,
): AwsSettings {
  const { enabled, region, accessKey: id, password: secret, topic, logGroup: group, logStream: stream } = written;
  return {
    ...{ enabled, region, topic, metrics: written.metrics },
    key: id === null || secret === null ? null : { id, secret },
    logs: group === null || stream === null ? null : { group, stream },
    proxy: proxy === undefined ? null : proxySettings(proxy),
  };
}

function proxySettings({ host, port, user, password }: z.infer<typeof awsProxySchema>): AwsProxySettings {
  return { host, port, login: user === null || password === null ? null : { user, password } };
}
