import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../core/errors/codes.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { ApiError } from '../api/problems/api-error.ts';

/** What a function that failed answers. */
const failed = z.looseObject({ errorType: z.string().default(''), errorMessage: z.string().default('') });

/** What a function said of its failure, as our own error; null: it is none of ours. */
export function toldError(message: string): PenstockError | null {
  const [code] = /^PS\d{4}\b/.exec(message) ?? [];
  if (code === undefined || !Object.hasOwn(ERROR_CODES, code)) return null;
  const known = code as ErrorCode;
  const title = `${known} ${ERROR_CODES[known].title}: `;
  return new PenstockError(known, message.slice(message.startsWith(title) ? title.length : code.length + 1));
}

/**
 * Calls a function of a pipeline and waits for what it answers.
 * @throws PenstockError what the function failed with; ApiError 503 where it does not answer in time or cannot be called
 */
export async function callFunction<Answer>(
  client: LambdaClient,
  name: string,
  input: object,
  answer: z.ZodType<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const command = new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(input)) });
  const reply = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    throw outOfReach(name, error);
  });
  const payload = jsonOf(Buffer.from(reply.Payload ?? []).toString('utf8'));
  if (reply.FunctionError !== undefined) throw failureOf(name, payload);
  const parsed = answer.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new PenstockError('PS9001', `function ${name} answered what it should not: ${z.prettifyError(parsed.error)}`);
}

/** Calls a function and does not wait. @throws ApiError 503 */
export async function startFunction(client: LambdaClient, name: string, input: object): Promise<void> {
  const Payload = Buffer.from(JSON.stringify(input));
  await client
    .send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload }))
    .catch((error: unknown) => {
      throw outOfReach(name, error);
    });
}

function failureOf(name: string, payload: unknown): Error {
  const { errorType, errorMessage } = failed.safeParse(payload).data ?? { errorType: '', errorMessage: '' };
  const known = toldError(errorMessage);
  if (known !== null) return known;
  return new ApiError(502, `function ${name} failed: ${errorType} ${errorMessage}`.trim(), {
    remedy: `The log of the pipeline says more; so does the function's page in the AWS console.`,
  });
}

function outOfReach(name: string, error: unknown): ApiError {
  const what = error instanceof Error ? error.name : 'unknown';
  const isLate = what === 'TimeoutError' || what === 'AbortError';
  return new ApiError(503, isLate ? `function ${name} did not answer in time` : `function ${name}: ${what}`, {
    remedy: isLate
      ? 'A server that is out of reach lets it wait: look at the network, at security groups and routes. Then try again.'
      : "The console's role has to be allowed to call it; deploy the console's stack again.",
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
