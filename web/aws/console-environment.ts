import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { parsed, s3Object, type S3Object } from '../../hosts/aws/deployed-environment.ts';
import { signInSettings } from '../api/schemas/sign-in.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the deployment tells the console's function; infra/console/console-function.ts sets it. */
const consoleVariables = z
  .object({
    PENSTOCK_CONSOLE: s3Object,
    PENSTOCK_BUCKET: z.string().min(1),
    PENSTOCK_TABLE: z.string().min(1),
    PENSTOCK_SIGN_IN: z.string().transform(jsonOf).pipe(signInSettings),
  })
  .transform((variables) => ({
    document: variables.PENSTOCK_CONSOLE,
    bucket: variables.PENSTOCK_BUCKET,
    table: variables.PENSTOCK_TABLE,
    signIn: variables.PENSTOCK_SIGN_IN,
  }));

/** All pipelines of a deployment share bucket and table. `document`: where {@link ConsoleDocument} lies. */
export type ConsoleEnvironment = z.output<typeof consoleVariables>;

/** @throws PenstockError PS1001 that names the variables */
export function consoleEnvironment(environment: Environment): ConsoleEnvironment {
  return parsed(consoleVariables, environment);
}

/** The asset that is made at synth: what is known then. What CloudFormation decides (names, ids) is in the environment. */
export const consoleDocument = z.strictObject({
  pipelines: z.array(
    z.strictObject({
      name: z.string(),
      /** Key of the settings asset, in the bucket of the document itself. */
      settings: z.string(),
      reader: z.enum(['fargate', 'ec2', 'external']),
    }),
  ),
  roles: z.strictObject({
    /** The name of the claim that lists groups or roles: a list, or words with spaces between. */
    claim: z.string(),
    /** Values of the claim. Who has none of either list may not even look. */
    viewer: z.array(z.string()),
    operator: z.array(z.string()),
    /** The claims that may name the user, best first. */
    user: z.array(z.string()),
  }),
  /** Address ranges (IPv4, IPv6) from which the console may be used; empty: from everywhere. */
  allowList: z.array(z.string()),
});
export type ConsoleDocument = z.infer<typeof consoleDocument>;

/** @throws PenstockError PS3003 where it cannot be read, PS1001 where it is not what a deployment writes */
export async function readConsoleDocument(client: S3Client, place: S3Object): Promise<ConsoleDocument> {
  const name = `console document s3://${place.bucket}/${place.key}`;
  const text = await textOf(client, place, name);
  const result = consoleDocument.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new PenstockError('PS1001', `${name}: ${z.prettifyError(result.error)}`, {
    remedy: 'The deployment writes this object: deploy it again.',
  });
}

async function textOf(client: S3Client, { bucket, key }: S3Object, name: string): Promise<string> {
  try {
    const reply = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await reply.Body?.transformToString('utf8')) ?? '';
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new PenstockError('PS3003', `${name}: ${reason}`, { cause: error });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
