import { expect, test } from 'vitest';
import { endpointDraft, endpointProblems, endpointValue, withType, type Kind } from './endpoint-draft.ts';

const text = { type: 'string', minLength: 1 };
const port = (value: number) => ({ type: 'integer', minimum: 1, maximum: 65_535, default: value });
const password = { anyOf: [{ type: 'object', properties: { env: text } }] };
const required = ['type', 'password', 'host'];
const KINDS: readonly Kind[] = [
  {
    type: 'postgres',
    label: 'PostgreSQL',
    schema: {
      properties: { type: { const: 'postgres' }, password, host: text, port: port(5432), slot: text },
      required,
    },
  },
  {
    type: 'mysql',
    label: 'MySQL',
    schema: { properties: { type: { const: 'mysql' }, password, host: text, port: port(3306) }, required },
  },
];

test('another kind keeps what both have, but not the port, and writes no name of the kind before', () => {
  const saved = { type: 'postgres', host: 'db', port: 5433, slot: 's' };
  const draft = withType(KINDS, endpointDraft(KINDS, saved), 'mysql');
  expect(endpointValue(KINDS, draft, saved)).toEqual({ type: 'mysql', host: 'db' });
  expect(endpointValue(KINDS, endpointDraft(KINDS, saved), saved)).toEqual(saved);
});

test('a password must be given once, and twice the same', () => {
  const draft = endpointDraft(KINDS, { type: 'mysql', host: 'db' });
  expect(endpointProblems(KINDS, draft, true).size).toBe(0);
  expect(endpointProblems(KINDS, draft, false).get('password')).toBe('Must be given');
  const typed = { ...draft, password: { password: 'a', repeated: 'b' } };
  expect(endpointProblems(KINDS, typed, true).get('password')).toBe('The two passwords differ');
});

test('a new one begins with the first kind', () => {
  expect(endpointDraft(KINDS, null).type).toBe('postgres');
});
