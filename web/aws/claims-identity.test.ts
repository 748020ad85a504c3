import { expect, it } from 'vitest';
import { identityOf } from './claims-identity.ts';
import { claimsOfToken } from './token-claims.ts';

const roles = { claim: 'groups', viewer: ['viewer'], operator: ['operator', 'on call'], user: ['email', 'sub'] };
const claims = (groups: unknown) => ({ iss: 'https://id.example.com', sub: '7', email: 'olga@example.com', groups });

it.each([
  [['staff', 'operator'], 'operator'],
  [['on call'], 'operator'],
  [['viewer', 'operator'], 'operator'],
  [['viewer'], 'viewer'],
  ['operator', 'operator'],
])('gives groups %j the role %s', (groups, role) => {
  expect(identityOf(claims(groups), roles)).toEqual({ user: 'olga@example.com', role });
});

it.each([[['db operator']], ['db operator'], [['a,operator']], ['[operator]'], [{ operator: true }], [7], [undefined]])(
  'gives groups %j no role',
  (groups) => {
    expect(() => identityOf(claims(groups), roles)).toThrow('neither a viewer nor an operator');
  },
);

it('reads scopes, which are one text', () => {
  const scoped = { ...roles, claim: 'scope', operator: ['penstock/operate'] };
  expect(identityOf({ sub: '7', scope: 'openid penstock/operate' }, scoped)).toEqual({ user: '7', role: 'operator' });
});

const token = (payload: unknown): string => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;

it('takes the claims from the token that the authoriser has checked', () => {
  const written = claims(['db operator', 'viewer']);
  const vouched = { ...written, groups: '[db operator viewer]' };
  expect(claimsOfToken(`Bearer ${token(written)}`, vouched)).toEqual(written);
  expect(claimsOfToken(token(written), vouched)).toEqual(written);
});

it.each([undefined, 'Bearer', 'Basic b2xnYTpv', token('text'), token({ ...claims([]), sub: '8' }), token({})])(
  'refuses %s in place of it',
  (header) => {
    expect(() => claimsOfToken(header, claims([]))).toThrow('not the one that was checked');
  },
);
