import { targetOf, type Target } from './target.ts';

/** The server that MSSQL_URL names; scripts/test-sqlserver.mjs sees to it that it does. */
export function givenTarget(): Target {
  return targetOf(process.env['MSSQL_URL'] ?? '');
}
