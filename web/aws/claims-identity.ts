import { ApiError } from '../api/problems/api-error.ts';
import type { Identity } from '../api/security/identity.ts';
import type { ConsoleDocument } from './console-environment.ts';
import type { TokenClaims } from './token-claims.ts';

/** Claims that hold many values as one text, parted by spaces (RFC 6749, section 3.3). */
const SPACED: ReadonlySet<string> = new Set(['scope', 'scp']);

/**
 * Who asks, by the claims of a token that the authoriser has checked. Null: the call came by a route without one.
 * @throws ApiError 401 without claims, 403 for who is neither viewer nor operator
 */
export function identityOf(claims: TokenClaims | null, roles: ConsoleDocument['roles']): Identity {
  if (claims === null) throw new ApiError(401, 'nobody is signed in', { remedy: 'Sign in.' });
  const user = roles.user.map((name) => textOf(claims[name])).find((text) => text !== '') ?? 'unknown';
  const has = new Set(valuesOf(roles.claim, claims[roles.claim]));
  const isOne = (values: readonly string[]): boolean => values.some((value) => has.has(value));
  if (isOne(roles.operator)) return { user, role: 'operator' };
  if (isOne(roles.viewer)) return { user, role: 'viewer' };
  throw new ApiError(403, `${user} is neither a viewer nor an operator of this console`, {
    remedy: `Ask whoever keeps the users for one of: ${[...roles.viewer, ...roles.operator].join(', ')} (claim ${roles.claim}).`,
  });
}

function textOf(claim: unknown): string {
  return typeof claim === 'string' ? claim : '';
}

/** A name that holds spaces is one value: who is in `db operator` is no `operator`. */
function valuesOf(name: string, claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.filter((value) => typeof value === 'string');
  const text = textOf(claim);
  return SPACED.has(name) ? text.split(' ') : [text];
}
