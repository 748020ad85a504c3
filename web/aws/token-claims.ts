import * as z from 'zod';
import { ApiError } from '../api/problems/api-error.ts';

/** The claims of a token, as the provider wrote them. */
export type TokenClaims = Readonly<Record<string, unknown>>;

const TOKEN = /^(?:Bearer\s+)?[\w-]+\.([\w-]+)\.[\w-]+$/i;
const payload = z.record(z.string(), z.unknown());
/** What tells a token's owner; texts, which the authoriser hands on as they are. */
const SAME = ['iss', 'sub'];

/**
 * The claims of the token that the authoriser has checked, read from the token itself: the authoriser hands lists on as `[one two]`,
 * in which a group `db operator` could not be told from the groups `db` and `operator`.
 * @param vouched the authoriser's copy, which proves that it has checked the token
 * @throws ApiError 401 where the header holds no such token
 */
export function claimsOfToken(authorization: string | undefined, vouched: TokenClaims): TokenClaims {
  const claims = payload.safeParse(decoded(TOKEN.exec(authorization ?? '')?.[1] ?? '')).data;
  if (claims !== undefined && SAME.every((name) => claims[name] === vouched[name])) return claims;
  throw new ApiError(401, 'the token is not the one that was checked', { remedy: 'Sign in again.' });
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
