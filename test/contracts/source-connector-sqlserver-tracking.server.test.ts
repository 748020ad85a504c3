import { join } from 'node:path';
import { inject } from 'vitest';
import { trackingFaults } from './source-connector/sqlserver/faults.ts';
import { fakeSqlserver, ownFakeSqlserver } from './source-connector/sqlserver/servers.ts';
import { TRACKING_DRIFTS, TRACKING_OWN_DRIFTS } from './source-connector/sqlserver/structure-tracking.ts';
import { TRACKING_LIMITS, TRACKING_LOSSES } from './source-connector/sqlserver/tracking.ts';
import { sqlserverTypes } from './source-connector/sqlserver/types.ts';
import { sourceConnectorContract } from './source-connector.ts';

const { keyless } = TRACKING_LIMITS;

sourceConnectorContract('SQL Server, changeTracking (on its fake)', {
  openShared: () => Promise.resolve(fakeSqlserver(inject('postgres'), 'changeTracking')),
  openOwn: () => ownFakeSqlserver('changeTracking'),
  dialect: {
    longText: 'NVARCHAR(MAX)',
    literal: (text) => `'${text.replaceAll("'", "''")}'`,
    series: (from, to) => `generate_series(${from}, ${to}) AS numbers (i)`,
    wholeOldRows: () => [],
    analyze: (table) => `ANALYZE ${table}`,
    lock: (table) => ['BEGIN', `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`],
    unlock: ['COMMIT'],
  },
  types: sqlserverTypes('fake', null).map((type) => ({
    ...type,
    ...(keyless === undefined ? {} : { needsKey: keyless }),
  })),
  typeSetup: [],
  typeList: join(import.meta.dirname, 'source-connector/sqlserver/types.expected.txt'),
  drifts: TRACKING_DRIFTS,
  ownDrifts: TRACKING_OWN_DRIFTS,
  losses: TRACKING_LOSSES,
  faults: trackingFaults({
    reader: 'sqlserver_changetracking_contract_check',
    elsewhere: {
      name: 'sqlserver_changetracking_contract_check_elsewhere',
      open: () => fakeSqlserver(inject('postgres'), 'changeTracking').database('contract_check_elsewhere'),
    },
  }),
  cannot: TRACKING_LIMITS,
});
