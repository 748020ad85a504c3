import { Logger } from '@aws-lambda-powertools/logger';
import type { PenstockError } from '../../core/errors/penstock-error.ts';
import { penstockErrorOf } from './function-error.ts';
import type { InvocationContext } from './function-frame.ts';
import { answerOf, httpEvent, requestOf, type HttpAnswer } from './http-event.ts';
import { remainingTime } from './remaining-time.ts';
import { traced } from './trace.ts';

/** An app that is opened at the first request and kept while the process lives. */
export interface OpenedApp extends Disposable {
  readonly app: {
    /** `bindings.requestContext`: what the HTTP API vouches for. */
    fetch(request: Request, bindings: { readonly requestContext: unknown }): Response | Promise<Response>;
  };
}

export interface HttpDefinition {
  /** The file's name. */
  readonly name: string;
  readonly open: (context: InvocationContext, onFailure: (error: unknown) => void) => Promise<OpenedApp>;
}

/** A handler of requests that an HTTP API passes on. Disposing of it closes the app; the next request opens it anew. */
export interface HttpHandler extends AsyncDisposable {
  (event: unknown, context: InvocationContext): Promise<HttpAnswer>;
}

/** Lambda answers with 6 MB at most; what is larger would be an error without words. */
const MOST_ANSWER_BYTES = 5_900_000;

/**
 * The frame of a function that answers requests: structured logs, a trace, and a signal that aborts before the time is up, so that who
 * asked gets words. Errors are answers.
 */
export function httpFunction({ name, open }: HttpDefinition): HttpHandler {
  const kept: { opened: Promise<OpenedApp> | null } = { opened: null };
  const logger = new Logger({ persistentKeys: { function: name } });
  const onFailure = (error: unknown): void => {
    const { code, message, stack = '' } = penstockErrorOf(error, null);
    logger.error(message, { details: { code, stack } });
  };
  const answer = async (event: unknown, context: InvocationContext): Promise<HttpAnswer> => {
    using time = remainingTime(name, context.getRemainingTimeInMillis());
    try {
      const parsed = httpEvent.parse(event);
      kept.opened ??= open(context, onFailure);
      const { app } = await kept.opened;
      const { requestContext } = parsed;
      return fitting(await answerOf(await app.fetch(requestOf(parsed, time.signal), { requestContext })));
    } catch (error) {
      kept.opened = null;
      onFailure(error);
      const ours = penstockErrorOf(error, time.signal);
      return problem(503, ours.code === 'PS9001' ? 'The log says more.' : ours.message, ours);
    }
  };
  const call = (event: unknown, context: InvocationContext): Promise<HttpAnswer> => {
    logger.addContext(context as Parameters<Logger['addContext']>[0]);
    return traced(name, { coldStart: kept.opened === null }, () => answer(event, context));
  };
  return Object.assign(call, {
    async [Symbol.asyncDispose]() {
      const opened = await kept.opened?.catch(() => null);
      kept.opened = null;
      opened?.[Symbol.dispose]();
    },
  });
}

function fitting(answer: HttpAnswer): HttpAnswer {
  const bytes = Buffer.byteLength(answer.body);
  if (bytes <= MOST_ANSWER_BYTES) return answer;
  const what = `the answer has ${bytes} bytes, and ${MOST_ANSWER_BYTES} can be sent from here`;
  const remedy = 'Ask for less at once: a day instead of a month, one table, or a filter.';
  return problem(413, what, { code: null, remedy });
}

/** As the API tells problems, where the app itself cannot. */
function problem(
  status: number,
  detail: string,
  { code, remedy }: { readonly code: PenstockError['code'] | null; readonly remedy: string },
): HttpAnswer {
  const title = status === 413 ? 'Payload Too Large' : 'Service Unavailable';
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, code, remedy, problems: [] }),
    isBase64Encoded: false,
  };
}
