import { join } from 'node:path';
import { inject } from 'vitest';
import { POSTGRES_FAULTS, POSTGRES_LOSSES, POSTGRES_OWN_SETTINGS } from './source-connector/postgres/faults.ts';
import { ownPostgres, sharedPostgres } from './source-connector/postgres/servers.ts';
import { POSTGRES_DRIFTS, POSTGRES_OWN_DRIFTS } from './source-connector/postgres/structure.ts';
import { POSTGRES_TYPES, POSTGRES_TYPE_SETUP } from './source-connector/postgres/types.ts';
import { sourceConnectorContract } from './source-connector.ts';

sourceConnectorContract('PostgreSQL', {
  openShared: () => Promise.resolve(sharedPostgres(inject('postgres'))),
  openOwn: () => ownPostgres(POSTGRES_OWN_SETTINGS),
  dialect: {
    longText: 'text',
    literal: (text) => `'${text.replaceAll("'", "''")}'`,
    series: (from, to) => `generate_series(${from}, ${to}) i`,
    wholeOldRows: (table) => [`ALTER TABLE ${table} REPLICA IDENTITY FULL`],
    analyze: (table) => `ANALYZE ${table}`,
    lock: (table) => ['BEGIN', `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`],
    unlock: ['COMMIT'],
  },
  types: POSTGRES_TYPES,
  typeSetup: POSTGRES_TYPE_SETUP,
  typeList: join(import.meta.dirname, 'source-connector/postgres/types.expected.txt'),
  drifts: POSTGRES_DRIFTS,
  ownDrifts: POSTGRES_OWN_DRIFTS,
  losses: POSTGRES_LOSSES,
  faults: POSTGRES_FAULTS,
  cannot: {},
});
