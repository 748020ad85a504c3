import type { PolledSourceUnderTest } from '../polled-source.ts';

const ago = (minutes: number) => `clock_timestamp() - interval '${minutes} minutes'`;

export const POSTGRES_MOMENTS: Pick<PolledSourceUnderTest, 'moment' | 'localTimes'> = {
  moment: { type: 'timestamptz', ago },
  localTimes: [
    {
      type: 'timestamp(3)',
      ago: (minutes, zone) => `(clock_timestamp() AT TIME ZONE 'UTC') + interval '${zone - minutes} minutes'`,
    },
  ],
};

export const POSTGRES_MARKS: PolledSourceUnderTest['marks'] = [
  { type: 'smallint', before: ['-5'], written: ['-4', '-6'], found: [0] },
  {
    type: 'numeric',
    before: ['12345678901234567890.0000000001'],
    written: ['12345678901234567890.0000000002', '1'],
    found: [0],
  },
  // A day is looked at again, because it is not over.
  { type: 'date', before: [`'2026-01-01'`], written: [`'2026-01-02'`, `'2025-12-31'`], found: [-1, 0] },
  {
    type: 'timestamp',
    before: [`'2026-01-01 00:00:00.000001'`],
    written: [`'2026-01-01 00:00:00.000002'`, `'0044-03-15 BC'`],
    found: [0],
  },
];
