import { expect, test } from 'vitest';
import { endpointDraft, endpointProblems, endpointValue, newPasswords, withType, type Kind } from './endpoint-draft.ts';

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

const SET = { password: 'set', passwords: {} } as const;

test('another kind keeps what both have, but not the port, and writes no name of the kind before', () => {
  const saved = { type: 'postgres', host: 'db', port: 5433, slot: 's' };
  const draft = withType(KINDS, endpointDraft(KINDS, saved), 'mysql');
  expect(endpointValue(KINDS, draft, saved)).toEqual({ type: 'mysql', host: 'db' });
  expect(endpointValue(KINDS, endpointDraft(KINDS, saved), saved)).toEqual(saved);
});

test('a password must be given once, and twice the same', () => {
  const draft = endpointDraft(KINDS, { type: 'mysql', host: 'db' });
  expect(endpointProblems(KINDS, draft, SET).size).toBe(0);
  expect(endpointProblems(KINDS, draft, { password: 'missing', passwords: {} }).get('password')).toBe('Must be given');
  const typed = { ...draft, password: { password: 'a', repeated: 'b' } };
  expect(endpointProblems(KINDS, typed, SET).get('password')).toBe('The two passwords differ');
});

test('a new one begins with the first kind', () => {
  expect(endpointDraft(KINDS, null).type).toBe('postgres');
});

const BESIDE: Kind = {
  type: 'beside',
  label: 'With another database',
  schema: {
    properties: {
      type: { const: 'beside' },
      extractType: { type: 'string', enum: ['near', 'far'], default: 'near' },
      password,
      near: { ...text, description: 'Extract type near: something.' },
      other: {
        type: 'object',
        description: 'Extract types far and farther: another database.',
        properties: { user: text, password },
        required: ['user', 'password'],
      },
    },
    required: ['type', 'password'],
  },
};

test('what goes with another extract type is neither judged nor asked for, and is not taken along to a new choice', () => {
  const kinds = [BESIDE];
  const saved = { type: 'beside', near: 'x', extractType: 'near' };
  const near = endpointDraft(kinds, saved);
  expect(endpointProblems(kinds, near, SET).size).toBe(0);
  expect(endpointValue(kinds, near, saved)).toEqual(saved);
  const far = { ...near, fields: { ...near.fields, extractType: 'far' } };
  expect(Object.fromEntries(endpointProblems(kinds, far, SET))).toEqual({
    'other.user': 'Must be given',
    'other.password': 'Must be given',
  });
  const filled = {
    ...far,
    fields: { ...far.fields, other: { draft: { user: 'u' } } },
    passwords: { other: { password: 'p', repeated: 'p' } },
  };
  expect(endpointProblems(kinds, filled, SET).size).toBe(0);
  expect(endpointValue(kinds, filled, saved)).toEqual({ type: 'beside', extractType: 'far', other: { user: 'u' } });
  expect(newPasswords(kinds, filled)).toEqual({ other: 'p' });
  expect(newPasswords(kinds, { ...filled, fields: { ...filled.fields, extractType: 'near' } })).toEqual({});
});
