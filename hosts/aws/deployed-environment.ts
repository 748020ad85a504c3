import * as z from 'zod';
import { PenstockError } from '../../core/errors/penstock-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const S3_OBJECT = /^s3:\/\/([^/]+)\/(.+)$/;

/** A place in S3, written `s3://bucket/key`. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

export const s3Object = z.string().transform((text, context): S3Object => {
  const [, bucket, key] = S3_OBJECT.exec(text) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  context.addIssue({ code: 'custom', message: 's3://bucket/key' });
  return z.NEVER;
});

/** What a deployment tells every task and function of a pipeline; others of its variables are read by the SDK and by Powertools. */
const deployed = z
  .object({
    PENSTOCK_PIPELINE: z.string().min(1),
    PENSTOCK_SETTINGS: s3Object,
    PENSTOCK_BUCKET: z.string().min(1),
    PENSTOCK_TABLE: z.string().min(1),
    PENSTOCK_TOPIC: z.string().startsWith('arn:'),
    PENSTOCK_LOADER: z.string().min(1),
    PENSTOCK_FAILPOINT: z.string().default(''),
  })
  .transform((variables) => ({
    pipeline: variables.PENSTOCK_PIPELINE,
    settings: variables.PENSTOCK_SETTINGS,
    bucket: variables.PENSTOCK_BUCKET,
    table: variables.PENSTOCK_TABLE,
    topic: variables.PENSTOCK_TOPIC,
    loader: variables.PENSTOCK_LOADER,
    failpoint: variables.PENSTOCK_FAILPOINT,
  }));

/** Where a pipeline's things are in this account. */
export type DeployedEnvironment = z.output<typeof deployed>;

/** What an operation tells a copy task besides. */
const copyTask = z
  .object({
    PENSTOCK_OPERATION: z.string().min(1),
    PENSTOCK_WORKER: z.coerce.number().int().nonnegative(),
    PENSTOCK_WORKERS: z.coerce.number().int().positive(),
  })
  .transform((variables) => ({
    operation: variables.PENSTOCK_OPERATION,
    worker: variables.PENSTOCK_WORKER,
    workers: variables.PENSTOCK_WORKERS,
  }));

/** Which worker of which operation this task is: 0-based, of `workers`. */
export type CopyTask = z.output<typeof copyTask>;

/** @throws PenstockError PS1001 that names the variables */
export function deployedEnvironment(environment: Environment): DeployedEnvironment {
  return parsed(deployed, environment);
}

/** What Sync New Tables tells its task: its name, and what the user asked for as JSON. */
const newTablesTask = z
  .object({
    PENSTOCK_OPERATION: z.string().min(1),
    PENSTOCK_REQUEST: z
      .string()
      .transform((text): unknown => JSON.parse(text))
      .pipe(z.looseObject({ tables: z.array(z.string()).nullable().default(null) })),
  })
  .transform((variables) => ({ operation: variables.PENSTOCK_OPERATION, tables: variables.PENSTOCK_REQUEST.tables }));

/** `tables`: ids; null: those that are new. */
export type NewTablesTask = z.output<typeof newTablesTask>;

/** @throws PenstockError PS1001 that names the variables */
export function newTablesTaskOf(environment: Environment): NewTablesTask {
  return parsed(newTablesTask, environment);
}

const operation = z
  .object({ PENSTOCK_OPERATION: z.string().min(1) })
  .transform((variables) => variables.PENSTOCK_OPERATION);

/** Which operation this task works for. @throws PenstockError PS1001 */
export function operationOf(environment: Environment): string {
  return parsed(operation, environment);
}

/** @throws PenstockError PS1001 that names the variables */
export function copyTaskOf(environment: Environment): CopyTask {
  return parsed(copyTask, environment);
}

export function parsed<Output>(schema: z.ZodType<Output>, environment: Environment): Output {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new PenstockError('PS1001', `environment: ${problems.join('; ')}`, {
    remedy: 'The deployment sets these variables: deploy it again.',
  });
}
