import { join } from 'node:path';
import { realFaults, trackingFaults } from '../contracts/source-connector/sqlserver/faults.ts';
import { breakableSqlserver, OURS, realSqlserver } from '../contracts/source-connector/sqlserver/servers-real.ts';
import { TRACKING_DRIFTS, TRACKING_OWN_DRIFTS } from '../contracts/source-connector/sqlserver/structure-tracking.ts';
import { TRACKING_LIMITS } from '../contracts/source-connector/sqlserver/tracking.ts';
import { sqlserverTypes } from '../contracts/source-connector/sqlserver/types.ts';
import { sourceConnectorContract } from '../contracts/source-connector.ts';
import { T_SQL } from './dialect.ts';
import { givenTarget } from './given-target.ts';

const { keyless } = TRACKING_LIMITS;
const ELSEWHERE = 'contract_check_elsewhere';

sourceConnectorContract('SQL Server, changeTracking', {
  openShared: () => Promise.resolve(realSqlserver(givenTarget(), 'changeTracking')),
  openOwn: () => breakableSqlserver(givenTarget(), 'changeTracking'),
  dialect: T_SQL,
  types: sqlserverTypes('real', keyless ?? null).map((type) => ({
    ...type,
    ...(keyless === undefined ? {} : { needsKey: keyless }),
  })),
  typeSetup: [],
  typeList: join(import.meta.dirname, 'types.expected.txt'),
  drifts: TRACKING_DRIFTS,
  ownDrifts: TRACKING_OWN_DRIFTS,
  losses: [
    {
      name: 'tracking of the table was switched off and on again',
      code: 'PS2006',
      lose: ({ admin }) =>
        admin.run('ALTER TABLE dbo.lost DISABLE CHANGE_TRACKING', 'ALTER TABLE dbo.lost ENABLE CHANGE_TRACKING'),
    },
    {
      name: 'the table was truncated',
      code: 'PS2006',
      lose: ({ admin }) => admin.run('TRUNCATE TABLE lost'),
    },
  ],
  faults: realFaults(
    trackingFaults({
      reader: `${OURS}changetracking_contract_check`,
      elsewhere: {
        name: `${OURS}changetracking_${ELSEWHERE}`,
        open: () => realSqlserver(givenTarget(), 'changeTracking').database(ELSEWHERE),
      },
    }),
  ),
  cannot: TRACKING_LIMITS,
});
