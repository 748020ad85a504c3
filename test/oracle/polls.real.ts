import { pollConnectorContract } from '../contracts/polled-source.ts';
import { ORACLE_MARKS } from '../contracts/source-connector/oracle/marks.ts';
import { withOwnFields } from '../contracts/source-connector/oracle/polled-server.ts';
import { realOracle } from '../contracts/source-connector/oracle/servers-real.ts';
import { givenTarget } from './given-target.ts';

const minutes = (count: number) => `NUMTODSINTERVAL(${count}, 'MINUTE')`;
const clock = (count: number) => `CAST(SYS_EXTRACT_UTC(SYSTIMESTAMP) AS TIMESTAMP) + ${minutes(count)}`;

pollConnectorContract('Oracle', {
  kind: 'oracle',
  open: () => Promise.resolve(withOwnFields(realOracle(givenTarget(), 'timestamps'))),
  moment: { type: 'TIMESTAMP(6) WITH LOCAL TIME ZONE', ago: (count) => `SYSTIMESTAMP - ${minutes(count)}` },
  localTimes: [
    { type: 'TIMESTAMP(3)', ago: (count, zone) => clock(zone - count) },
    { type: 'DATE', ago: (count, zone) => `CAST(${clock(zone - count)} AS DATE)` },
  ],
  marks: ORACLE_MARKS,
  settled: [],
});
