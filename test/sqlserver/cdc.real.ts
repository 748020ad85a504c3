import { join } from 'node:path';
import { captureAgain } from '../../core/sources/sqlserver/capture/reach.ts';
import { captureFaults, realFaults } from '../contracts/source-connector/sqlserver/faults.ts';
import { breakableSqlserver, OURS, realSqlserver } from '../contracts/source-connector/sqlserver/servers-real.ts';
import { CDC_DRIFTS, CDC_OWN_DRIFTS } from '../contracts/source-connector/sqlserver/structure-cdc.ts';
import { enabling } from '../contracts/source-connector/sqlserver/to-t-sql.ts';
import { sqlserverTypes } from '../contracts/source-connector/sqlserver/types.ts';
import type { Loss } from '../contracts/source-connector/source-under-test.ts';
import { sourceConnectorContract } from '../contracts/source-connector.ts';
import { T_SQL } from './dialect.ts';
import { givenTarget } from './given-target.ts';

const ELSEWHERE = 'contract_check_elsewhere';
const END = `EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'lost', @capture_instance = N'dbo_lost'`;
/** Switching off takes the schema away, and all rights on it. The reader has the database's name. */
const GRANT = `DECLARE @grant nvarchar(max) = N'GRANT SELECT ON SCHEMA::cdc TO ' + QUOTENAME(DB_NAME()); EXEC (@grant)`;

const LOSSES: readonly Loss[] = [
  {
    name: 'the capture instance was dropped and made anew',
    code: 'PS2006',
    lose: ({ admin }) => admin.run(END, ...enabling('lost', 'cdc')),
  },
  {
    name: 'change data capture was switched off and on again',
    code: 'PS2006',
    lose: ({ admin }) =>
      admin.run('EXEC sys.sp_cdc_disable_db', 'EXEC sys.sp_cdc_enable_db', GRANT, ...enabling('lost', 'cdc')),
  },
];

sourceConnectorContract('SQL Server, cdc', {
  openShared: () => Promise.resolve(realSqlserver(givenTarget(), 'cdc')),
  openOwn: () => breakableSqlserver(givenTarget(), 'cdc'),
  dialect: { ...T_SQL, followColumns: (table) => [captureAgain({ schema: 'dbo', name: table }, [])] },
  types: sqlserverTypes('real', 'images before a change hold large values only where they changed'),
  typeSetup: [],
  typeList: join(import.meta.dirname, 'types.expected.txt'),
  drifts: CDC_DRIFTS,
  ownDrifts: CDC_OWN_DRIFTS,
  losses: LOSSES,
  faults: realFaults(
    captureFaults({
      reader: `${OURS}cdc_contract_check`,
      elsewhere: {
        name: `${OURS}cdc_${ELSEWHERE}`,
        open: () => realSqlserver(givenTarget(), 'cdc').database(ELSEWHERE),
      },
    }),
  ),
  cannot: {},
  refusesTruncate: 'error 4711: a table that is captured cannot be truncated',
});
