import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';
import * as z from 'zod';
import { createApi } from '../api/create-api.ts';
import { problemOf } from '../api/problems/problem-document.ts';
import { SIGN_IN_PATH } from '../api/schemas/sign-in.ts';
import { securityHeaders } from '../api/security/response-headers.ts';
import { allowList } from './allow-list.ts';
import type { ConsoleHost } from '../api/console-host.ts';
import { identityOf } from './claims-identity.ts';
import type { ConsoleDocument, ConsoleEnvironment } from './console-environment.ts';
import { deployedPages } from './pages.ts';
import { claimsOfToken, type TokenClaims } from './token-claims.ts';

export interface ConsoleAppOptions {
  readonly environment: ConsoleEnvironment;
  readonly document: ConsoleDocument;
  /** The folder of the built pages. */
  readonly pages: string;
  /** Errors inside the program, which answers do not tell. */
  readonly onFailure: (error: unknown) => void;
  readonly checkAnswers?: boolean;
}

/** What the HTTP API says of a request, beside the request itself (payload format 2.0). */
const requestContext = z.object({
  http: z.object({ sourceIp: z.string() }),
  authorizer: z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) }).optional(),
});

/** The API, the pages and the sign-in's settings as one app, for requests that came through the HTTP API. */
export function consoleApp(console: ConsoleHost, options: ConsoleAppOptions): Hono {
  const { environment, document, pages, onFailure, checkAnswers } = options;
  const { origins } = environment.signIn;
  const allowed = allowList(document.allowList);
  const api = createApi(console, {
    identify: (context) => identityOf(claimsOf(context), document.roles),
    // The HTTP API takes requests under its own names alone.
    hosts: () => null,
    onFailure,
    signInOrigins: origins,
    ...(checkAnswers === undefined ? {} : { checkAnswers }),
  });
  api.get(SIGN_IN_PATH, (context) => {
    context.header('cache-control', 'no-store');
    return context.json(environment.signIn);
  });
  api.get('*', deployedPages(pages));
  const app = new Hono();
  app.use(compress(), async (context, next) => {
    allowed.refuse(requestContextOf(context).http.sourceIp);
    await next();
  });
  app.all('*', (context) => api.fetch(context.req.raw, { requestContext: requestContextOf(context) }));
  app.onError((error, context) => {
    const problem = problemOf(error);
    if (problem.status === 500) onFailure(error);
    const headers = { ...securityHeaders(origins), 'content-type': 'application/problem+json' };
    return context.body(JSON.stringify(problem), problem.status, headers);
  });
  return app;
}

function requestContextOf(context: Context): z.output<typeof requestContext> {
  return requestContext.parse((context.env as { readonly requestContext?: unknown }).requestContext);
}

/** Null where the call came by a route without an authoriser, whatever its path pretends. */
function claimsOf(context: Context): TokenClaims | null {
  const vouched = requestContextOf(context).authorizer?.jwt.claims;
  return vouched === undefined ? null : claimsOfToken(context.req.header('authorization'), vouched);
}
