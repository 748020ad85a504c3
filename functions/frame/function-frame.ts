import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { z } from 'zod';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { createAwsHost, type AwsHost } from '../../hosts/aws/aws-host.ts';
import { FunctionError, penstockErrorOf } from './function-error.ts';
import { functionLogger, hostLog } from './function-log.ts';
import { remainingTime } from './remaining-time.ts';
import { traced } from './trace.ts';

/** What every function's work gets, besides what was opened for it. */
export interface Invocation {
  /** Aborts some seconds before the function's time is up, with PS1011. */
  readonly signal: AbortSignal;
  /** When it does: milliseconds since 1970. */
  readonly deadline: number;
  readonly metrics: Metrics;
}

export interface FunctionDefinition<Input, Result, Opened> {
  /** The file's name. */
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly work: (input: Input, context: Opened & Invocation) => Promise<Result>;
}

/** A Lambda handler. Disposing of it closes what it keeps between invocations; the next one opens it anew. */
export interface FunctionHandler<Result> extends AsyncDisposable {
  (event: unknown, context: InvocationContext): Promise<Result>;
}

/** What Lambda says of a call, without the callbacks of old. */
export type InvocationContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

/**
 * The frame that all functions share: validated input, structured logs, a cold-start metric, errors by their retry class, a signal
 * that aborts in time, alerts sent before the process stands still. The host is kept between invocations, because the SDK mends its
 * connections by itself; what `open` gives is kept until an invocation fails.
 */
export function framed<Input, Result, Opened extends AsyncDisposable>(
  definition: FunctionDefinition<Input, Result, Opened>,
  open: (host: AwsHost) => Promise<Opened>,
): FunctionHandler<Result> {
  const kept: Kept<Opened> = { host: null, opened: null };
  let handler: ReturnType<typeof middyHandler> | null = null;
  // Made at the first call: the environment is not looked at before.
  const middyHandler = () => {
    const logger = functionLogger(definition.name);
    const metrics = new Metrics({ namespace: 'Penstock' });
    return middy<unknown, Result>({ timeoutEarlyInMillis: 0 })
      .use(injectLambdaContext(logger, { resetKeys: true }))
      .handler((event: unknown, context: Context) =>
        invoke(definition, open, kept, { logger, metrics }, event, context),
      );
  };
  const call = async (event: unknown, context: InvocationContext): Promise<Result> => {
    const coldStart = handler === null;
    const called = (handler ??= middyHandler());
    const annotations = { pipeline: process.env['PENSTOCK_PIPELINE'] ?? 'unknown', coldStart };
    return traced(definition.name, annotations, async () => called(event, context as Context));
  };
  return Object.assign(call, {
    async [Symbol.asyncDispose]() {
      await closeOpened(kept);
      await kept.host?.[Symbol.asyncDispose]();
      kept.host = null;
      handler = null;
    },
  });
}

async function invoke<Input, Result, Opened extends AsyncDisposable>(
  { name, input, work }: FunctionDefinition<Input, Result, Opened>,
  open: (host: AwsHost) => Promise<Opened>,
  kept: Kept<Opened>,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
  event: unknown,
  context: InvocationContext,
): Promise<Result> {
  using time = remainingTime(name, context.getRemainingTimeInMillis());
  metrics.captureColdStartMetric(context.functionName);
  try {
    const parsed = parsedInput(name, input, event);
    kept.host ??= lambdaHost(logger, context);
    kept.opened ??= await open(kept.host);
    return await work(parsed, { ...kept.opened, signal: time.signal, deadline: time.deadline, metrics });
  } catch (error) {
    const ours = penstockErrorOf(error, time.signal);
    const { code, retry, remedy, message, stack = '' } = ours;
    logger.error(message, { details: { code, retry, remedy, stack } });
    await closeOpened(kept);
    throw new FunctionError(ours);
  } finally {
    // Powertools' own middleware warns at every call that measured nothing.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    await kept.host?.settled();
  }
}

interface Kept<Opened> {
  host: AwsHost | null;
  opened: Opened | null;
}

/** A connection that cannot be closed any more hides no error and keeps nobody from the next try. */
async function closeOpened<Opened extends AsyncDisposable>(kept: Kept<Opened>): Promise<void> {
  const { opened } = kept;
  kept.opened = null;
  await Promise.allSettled([opened?.[Symbol.asyncDispose]()]);
}

function lambdaHost(logger: Logger, context: InvocationContext): AwsHost {
  return createAwsHost({
    environment: process.env,
    log: hostLog(logger),
    process: `${context.functionName}/${context.logStreamName}`,
    wakes: 'by-call',
  });
}

function parsedInput<Input>(name: string, input: z.ZodType<Input>, event: unknown): Input {
  const parsed = input.safeParse(event);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new PenstockError('PS1001', `input of function ${name}: ${problems.join('; ')}`);
}
