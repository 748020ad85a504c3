import { inject } from 'vitest';
import { pollConnectorContract } from './polled-source.ts';
import { SQLSERVER_MARKS } from './source-connector/sqlserver/marks.ts';
import { fakeSqlserver } from './source-connector/sqlserver/servers.ts';

const clock = (minutes: number) => `(clock_timestamp() AT TIME ZONE 'UTC') + interval '${minutes} minutes'`;

// On the tests' database that behaves as SQL Server; none of this was run on one.
pollConnectorContract('SQL Server (its fake)', {
  kind: 'sqlserver',
  open: () => Promise.resolve(fakeSqlserver(inject('postgres'), 'changeTracking')),
  moment: { type: 'DATETIMEOFFSET(6)', ago: (minutes) => `clock_timestamp() - interval '${minutes} minutes'` },
  localTimes: [
    { type: 'DATETIME2(3)', ago: (minutes, zone) => clock(zone - minutes) },
    { type: 'SMALLDATETIME', ago: (minutes, zone) => `date_trunc('minute', ${clock(zone - minutes)})` },
  ],
  marks: SQLSERVER_MARKS,
  settled: ['ROWVERSION'],
});
