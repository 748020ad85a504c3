import { authorisedFetch } from '../sign-in/authorised-fetch.ts';
import { parseProblem, RequestError, UNREACHABLE } from './problem.ts';

/** Values of a query; null and undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** An answer has the type that the caller names: the server makes it by the schema that this type comes from. */
export async function request<Answer>(
  method: string,
  path: string,
  { query, body, signal }: RequestOptions = {},
): Promise<Answer> {
  const response = await send(withQuery(path, query), {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const parsed = parseJson(text);
  if (!response.ok) throw new RequestError(parseProblem(response.status, response.statusText, parsed));
  return parsed as Answer;
}

/** A file that the API makes, whole, under the name that it gives it. */
export async function requestFile(
  path: string,
  query: Query,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly content: Blob }> {
  const response = await send(withQuery(path, query), { signal });
  if (!response.ok) {
    throw new RequestError(parseProblem(response.status, response.statusText, parseJson(await response.text())));
  }
  const [, name = 'download'] = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  return { name, content: await response.blob() };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await authorisedFetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true || error instanceof RequestError) throw error;
    throw new RequestError(UNREACHABLE);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
