import { targetOf, type Target } from './target.ts';

/** The server that ORACLE_URL names; scripts/test-oracle.mjs sees to it that it does. */
export function givenTarget(): Target {
  return targetOf(process.env['ORACLE_URL'] ?? '');
}

/** A second server, whose archived logs may be removed; null: there is none, and nothing is removed. */
export function givenOwnTarget(): Target | null {
  const url = process.env['ORACLE_OWN_URL'] ?? '';
  return url === '' ? null : targetOf(url, 'ORACLE_OWN_URL');
}
