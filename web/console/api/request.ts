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

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
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
