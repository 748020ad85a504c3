import { expect, test } from 'vitest';
import { remedyParts } from './remedy-parts.ts';

test.each([
  ['SET GLOBAL local_infile = ON;', 'SET GLOBAL local_infile = ON;', null],
  [
    "ALTER SYSTEM SET wal_level = 'logical'; then restart the server.",
    "ALTER SYSTEM SET wal_level = 'logical';",
    'then restart the server.',
  ],
  ['ALTER SYSTEM SET a = 1; SELECT pg_reload_conf();', 'ALTER SYSTEM SET a = 1; SELECT pg_reload_conf();', null],
  [
    'ALTER ROLE the user WITH REPLICATION, and let pg_hba.conf admit it.',
    null,
    'ALTER ROLE the user WITH REPLICATION, and let pg_hba.conf admit it.',
  ],
  ['Update the server to 10.5; then try again.', null, 'Update the server to 10.5; then try again.'],
])('%s', (remedy, statement, advice) => {
  expect(remedyParts(remedy)).toEqual({ statement, advice });
});
