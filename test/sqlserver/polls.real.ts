import { pollConnectorContract } from '../contracts/polled-source.ts';
import { SQLSERVER_MARKS } from '../contracts/source-connector/sqlserver/marks.ts';
import { realSqlserver } from '../contracts/source-connector/sqlserver/servers-real.ts';
import { givenTarget } from './given-target.ts';

const clock = (minutes: number) => `DATEADD(minute, ${minutes}, SYSUTCDATETIME())`;

pollConnectorContract('SQL Server', {
  kind: 'sqlserver',
  open: () => Promise.resolve(realSqlserver(givenTarget(), 'changeTracking')),
  moment: { type: 'DATETIMEOFFSET(6)', ago: (minutes) => `DATEADD(minute, ${-minutes}, SYSDATETIMEOFFSET())` },
  localTimes: [
    { type: 'DATETIME2(3)', ago: (minutes, zone) => clock(zone - minutes) },
    { type: 'SMALLDATETIME', ago: (minutes, zone) => clock(zone - minutes) },
  ],
  marks: [
    ...SQLSERVER_MARKS,
    {
      type: 'DATETIME2(7)',
      before: ["'2026-01-01T00:00:00.1234567'"],
      written: ["'2026-01-01T00:00:00.1234568'", "'0001-01-01T00:00:00'"],
      found: [0],
    },
  ],
  settled: ['ROWVERSION'],
});
