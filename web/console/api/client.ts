import type { AnswerOf, BodyOf, Call, ParametersOf, QueryOf } from '../../api/schemas/contract.ts';
import { request, type Query } from './request.ts';

/** What a call needs: the names in its path, and its body where it has one. */
export type Given<Key extends Call> = {
  readonly query?: QueryOf<Key>;
  readonly signal?: AbortSignal;
} & ([ParametersOf<Key>] extends [never]
  ? object
  : { readonly parameters: Readonly<Record<ParametersOf<Key>, string>> }) &
  (BodyOf<Key> extends undefined ? object : { readonly body: BodyOf<Key> });

const BASE = '/api/v1';

/** One call of the API, typed by its contract: `call('GET /instances/{name}', { parameters: { name } })`. */
export function call<Key extends Call>(key: Key, given: Given<Key>): Promise<AnswerOf<Key>> {
  const { method, path } = addressOf(key, 'parameters' in given ? given.parameters : {});
  return request<AnswerOf<Key>>(method, path, {
    ...(given.query === undefined ? {} : { query: given.query as Query }),
    ...('body' in given ? { body: given.body } : {}),
    ...(given.signal === undefined ? {} : { signal: given.signal }),
  });
}

/** @param parameters by the names in braces; each may hold any letter, a table's name a slash too */
export function addressOf(
  key: string,
  parameters: Readonly<Record<string, string>>,
): { readonly method: string; readonly path: string } {
  const [method = '', pattern = ''] = key.split(' ');
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(parameters[name] ?? ''));
  return { method, path: `${BASE}${path}` };
}
