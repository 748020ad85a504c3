import * as z from 'zod';

/** A request as an HTTP API passes it on (payload format 2.0), as far as it is looked at here. */
export const httpEvent = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.looseObject({
    domainName: z.string(),
    http: z.looseObject({ method: z.string(), sourceIp: z.string() }),
  }),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});
export type HttpEvent = z.output<typeof httpEvent>;

/** What an HTTP API sends back. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** @throws TypeError where its address or a header is none */
export function requestOf(event: HttpEvent, signal: AbortSignal): Request {
  const { rawPath, rawQueryString, requestContext, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  const headers = new Headers(event.headers);
  const isBodiless = method === 'GET' || method === 'HEAD' || body === '';
  const bytes = isBodiless ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method,
    headers,
    body: bytes,
    signal,
  });
}

/** A body that is no plain text is sent as base64, which the HTTP API turns back. */
export async function answerOf(response: Response): Promise<HttpAnswer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = !response.headers.has('content-encoding') && isTextual(response.headers.get('content-type'));
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

function isTextual(type: string | null): boolean {
  return type === null || /^text\/|[/+](?:json|javascript|xml)(?:;|$)/.test(type);
}
