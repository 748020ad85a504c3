import type { MarkCase } from '../polled-source.ts';

/** Columns by which tables of Oracle are polled, with literals of its SQL. */
export const ORACLE_MARKS: readonly MarkCase[] = [
  { type: 'NUMBER(5)', before: ['-99999'], written: ['99999', '-99998'], found: [1, 0] },
  { type: 'NUMBER', before: ['1.5'], written: ['1.50000000000000000001', '1'], found: [0] },
  // A day is looked at again, because it is not over.
  { type: 'DATE', before: ["DATE '2026-01-01'"], written: ["DATE '2026-01-02'", "DATE '2025-12-31'"], found: [-1, 0] },
  {
    type: 'DATE',
    before: ["TIMESTAMP '2026-01-01 00:00:01'"],
    written: ["TIMESTAMP '2026-01-01 00:00:02'", "TIMESTAMP '2026-01-01 00:00:00'"],
    found: [0],
  },
  {
    type: 'TIMESTAMP(6)',
    before: ["TIMESTAMP '2026-01-01 00:00:00.000001'"],
    written: ["TIMESTAMP '2026-01-01 00:00:00.000002'", "TIMESTAMP '0999-12-31 00:00:00'"],
    found: [0],
  },
  {
    type: 'TIMESTAMP(6) WITH LOCAL TIME ZONE',
    before: ["TIMESTAMP '2026-01-01 00:00:00.5 +00:00'"],
    written: ["TIMESTAMP '2026-01-01 01:00:00.500001 +01:00'"],
    found: [0],
  },
];
