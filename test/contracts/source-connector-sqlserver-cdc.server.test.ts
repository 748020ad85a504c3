import { join } from 'node:path';
import { inject } from 'vitest';
import { captureAgain } from '../../core/sources/sqlserver/capture/reach.ts';
import { CDC_LOSSES } from './source-connector/sqlserver/cdc.ts';
import { captureFaults } from './source-connector/sqlserver/faults.ts';
import { fakeSqlserver, ownFakeSqlserver } from './source-connector/sqlserver/servers.ts';
import { CDC_DRIFTS, CDC_OWN_DRIFTS } from './source-connector/sqlserver/structure-cdc.ts';
import { sqlserverTypes } from './source-connector/sqlserver/types.ts';
import { sourceConnectorContract } from './source-connector.ts';

sourceConnectorContract('SQL Server by change data capture (on the fake)', {
  openShared: () => Promise.resolve(fakeSqlserver(inject('postgres'), 'cdc')),
  openOwn: () => ownFakeSqlserver('cdc'),
  dialect: {
    longText: 'NVARCHAR(MAX)',
    literal: (text) => `'${text.replaceAll("'", "''")}'`,
    series: (from, to) => `generate_series(${from}, ${to}) AS numbers (i)`,
    wholeOldRows: () => [],
    followColumns: (table) => [captureAgain({ schema: 'dbo', name: table }, [])],
    analyze: (table) => `ANALYZE ${table}`,
    lock: (table) => ['BEGIN', `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`],
    unlock: ['COMMIT'],
  },
  types: sqlserverTypes('fake', 'images before a change hold large values only where they changed'),
  typeSetup: [],
  typeList: join(import.meta.dirname, 'source-connector/sqlserver/types.expected.txt'),
  drifts: CDC_DRIFTS,
  ownDrifts: CDC_OWN_DRIFTS,
  losses: CDC_LOSSES,
  faults: captureFaults({
    reader: 'sqlserver_cdc_contract_check',
    elsewhere: {
      name: 'sqlserver_cdc_contract_check_elsewhere',
      open: () => fakeSqlserver(inject('postgres'), 'cdc').database('contract_check_elsewhere'),
    },
  }),
  cannot: {},
  remembersMore: "what the server's clock showed",
  refusesTruncate: 'error 4711: a table that is captured cannot be truncated',
});
