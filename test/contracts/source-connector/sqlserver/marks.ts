import type { MarkCase } from '../polled-source.ts';

/** Columns by which tables of SQL Server are polled, with literals of T-SQL. */
export const SQLSERVER_MARKS: readonly MarkCase[] = [
  { type: 'TINYINT', before: ['254'], written: ['255', '0'], found: [0] },
  { type: 'BIGINT', before: ['-9223372036854775808'], written: ['9223372036854775807', '0'], found: [1, 0] },
  {
    type: 'DECIMAL(30,10)',
    before: ['12345678901234567890.0000000001'],
    written: ['12345678901234567890.0000000002', '1'],
    found: [0],
  },
  { type: 'MONEY', before: ['922337203685477.5806'], written: ['922337203685477.5807', '-1'], found: [0] },
  // A day is looked at again, because it is not over.
  { type: 'DATE', before: ["'2026-01-01'"], written: ["'2026-01-02'", "'2025-12-31'"], found: [-1, 0] },
  { type: 'DATE', before: ["'0001-01-01'"], written: ["'0001-01-02'"], found: [-1, 0] },
  {
    type: 'DATETIME',
    before: ["'2026-01-01T00:00:00.003'"],
    written: ["'2026-01-01T00:00:00.007'", "'2026-01-01T00:00:00.000'"],
    found: [0],
  },
  { type: 'SMALLDATETIME', before: ["'2026-01-01T00:01:00'"], written: ["'2026-01-01T00:02:00'"], found: [0] },
  {
    type: 'DATETIMEOFFSET(6)',
    before: ["'2026-01-01T00:00:00.000001+00:00'"],
    written: ["'2026-01-01T00:00:00.000002+00:00'", "'0001-01-01T00:00:00+00:00'"],
    found: [0],
  },
];
