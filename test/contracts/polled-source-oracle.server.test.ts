import { inject } from 'vitest';
import { oraclePollConnector } from '../../core/sources/oracle/poll-connector.ts';
import { pollConnectorContract } from './polled-source.ts';
import { ORACLE_MARKS } from './source-connector/oracle/marks.ts';
import { withOwnFields } from './source-connector/oracle/polled-server.ts';
import { fakeOracle } from './source-connector/oracle/servers.ts';
import type { ServerUnderTest } from './source-connector/source-under-test.ts';

const interval = (minutes: number) => `MAKE_INTERVAL(0, 0, 0, 0, 0, ${minutes})`;
const clock = (minutes: number) => `(CLOCK_TIMESTAMP() AT TIME ZONE 'UTC') + ${interval(minutes)}`;

function server(): ServerUnderTest {
  const tested = { type: 'oracle', extractType: 'timestamps' } as const;
  const fake = withOwnFields(fakeOracle(inject('postgres'), tested, oraclePollConnector));
  return {
    ...fake,
    database: async (name) => {
      const database = await fake.database(name);
      return {
        ...database,
        admin: {
          // An index has a schema of its own in Oracle.
          run: (...statements) =>
            database.admin.run(...statements.map((sql) => sql.replace(/^CREATE INDEX "\w+"\./, 'CREATE INDEX '))),
          rows: (sql) => database.admin.rows(sql),
          [Symbol.asyncDispose]: () => database.admin[Symbol.asyncDispose](),
        },
      };
    },
  };
}

// On the tests' database that behaves as Oracle; none of this was run on one.
pollConnectorContract('Oracle (its fake)', {
  kind: 'oracle',
  open: () => Promise.resolve(server()),
  moment: {
    type: 'TIMESTAMP(6) WITH LOCAL TIME ZONE',
    ago: (minutes) => `CLOCK_TIMESTAMP() - ${interval(minutes)}`,
  },
  localTimes: [
    { type: 'TIMESTAMP(3)', ago: (minutes, zone) => clock(zone - minutes) },
    { type: 'DATE', ago: (minutes, zone) => `DATE_TRUNC('minute', ${clock(zone - minutes)})` },
  ],
  marks: ORACLE_MARKS,
  settled: [],
});
