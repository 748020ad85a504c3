import type { PolledSourceUnderTest } from '../polled-source.ts';

export const MYSQL_MOMENTS: Pick<PolledSourceUnderTest, 'moment' | 'localTimes'> = {
  moment: { type: 'timestamp(6) NULL', ago: (minutes) => `SYSDATE(6) - INTERVAL ${minutes} MINUTE` },
  localTimes: [{ type: 'datetime(3)', ago: (minutes, zone) => `UTC_TIMESTAMP(6) + INTERVAL ${zone - minutes} MINUTE` }],
};

export const MYSQL_MARKS: PolledSourceUnderTest['marks'] = [
  {
    type: 'bigint unsigned zerofill',
    before: ['9'],
    written: ['18446744073709551615', '18446744073709551614', '8'],
    found: [1, 0],
  },
  {
    type: 'decimal(30, 10)',
    before: ['12345678901234567890.0000000001'],
    written: ['12345678901234567890.0000000002', '1'],
    found: [0],
  },
  // A day is looked at again, because it is not over.
  { type: 'date', before: [`'2026-01-01'`], written: [`'2026-01-02'`, `'2025-12-31'`], found: [-1, 0] },
  // A table of zero dates only goes on from them.
  { type: 'datetime', setUp: [`SET sql_mode = ''`], before: ['0'], written: [`'2026-01-01'`], found: [0] },
];
