import { ApiError } from '../api/problems/api-error.ts';
import type { Identity } from '../api/security/identity.ts';
import type { ConsoleDocument } from './console-environment.ts';

/** What the authoriser vouches for: it writes every claim as text, lists as `[one two]`. */
export type Claims = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * Who asks, by the claims of a token that the authoriser has checked. Null: the call came by a route without one.
 * @throws ApiError 401 without claims, 403 for who is neither viewer nor operator
 */
export function identityOf(claims: Claims | null, roles: ConsoleDocument['roles']): Identity {
  if (claims === null) throw new ApiError(401, 'nobody is signed in', { remedy: 'Sign in.' });
  const user = roles.user.map((name) => textOf(claims[name])).find((text) => text !== '') ?? 'unknown';
  const has = new Set(valuesOf(claims[roles.claim]));
  const isOne = (values: readonly string[]): boolean => values.some((value) => has.has(value));
  if (isOne(roles.operator)) return { user, role: 'operator' };
  if (isOne(roles.viewer)) return { user, role: 'viewer' };
  throw new ApiError(403, `${user} is neither a viewer nor an operator of this console`, {
    remedy: `Ask whoever keeps the users for one of: ${[...roles.viewer, ...roles.operator].join(', ')} (claim ${roles.claim}).`,
  });
}

function textOf(claim: Claims[string] | undefined): string {
  return typeof claim === 'string' ? claim : '';
}

/** `[one two]`, `["one","two"]`, `one two`, `one,two` and a real list say the same. */
function valuesOf(claim: Claims[string] | undefined): readonly string[] {
  if (claim === undefined) return [];
  if (typeof claim === 'object') return claim;
  const text = String(claim).trim();
  const inside = /^\[(.*)\]$/s.exec(text)?.[1];
  const listed = inside === undefined ? null : jsonList(text);
  // The whole text, too: a value may hold spaces where it is the only one.
  return listed ?? [text, ...(inside ?? text).split(/[\s,]+/)];
}

function jsonList(text: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.map(String) : null;
  } catch {
    return null;
  }
}
