import { expect, test } from 'vitest';
import type { DayRow, RunRow } from '../../../api/schemas/reports.ts';
import { barsText, monthBars, runBars } from './performance-bars.ts';
import { dayColumns, runColumns } from './report-kinds.ts';

const run: RunRow = {
  ...{ runId: '17', fileId: 17, kind: 'DELTA' },
  ...{ extractStart: '2026-11-21T23:30:00.000Z', extractEnd: '2026-11-21T23:30:01.000Z' },
  ...{ loadStart: null, loadEnd: '2026-11-21T23:30:02.500Z' },
  ...{ totalTables: 3, loadedTables: 2, errorTables: 1 },
  ...{ initial: 0, inserts: 12_000, updates: 2, deletes: 1, status: 'recovered' },
  ...{ total: 2600, dbDelay: 100, extract: 1000, loadWait: 500, load: 1000 },
};
const day: DayRow = {
  ...{ date: '2026-11-03', runs: 4, records: 12_003, initial: 0, inserts: 12_000, updates: 2, deletes: 1 },
  ...{ total: 2600, dbDelay: 100, extract: 1000, loadWait: 500, load: 1000 },
};

test('the reports have the columns of the vendor, and times by the clocks of the zone', () => {
  const cells = runColumns('runs-day').map(({ header, text }) => [header, text(run, 'Asia/Kolkata')]);
  expect(cells).toEqual([
    ['Run ID', '17'],
    ['File ID', '17'],
    ['Extract start', '05:00:00'],
    ['Extract end', '05:00:01'],
    ['Extract duration', '1 s'],
    ['Load start', 'not known'],
    ['Load end', '05:00:02'],
    ['Load duration', '1 s'],
    ['Total tables', '3'],
    ['Loaded tables', '2'],
    ['Error tables', '1'],
    ['Initial', '0'],
    ['Inserts', '12,000'],
    ['Updates', '2'],
    ['Deletes', '1'],
    ['Status', 'Loaded, times not known'],
  ]);
  const headers = (columns: readonly { readonly header: string }[]) => columns.map(({ header }) => header);
  const durations = ['Total', 'DB delay', 'Extract', 'Load wait', 'Load'].map((part) => `${part} duration`);
  expect(headers(runColumns('performance-day'))).toEqual(['Run ID', 'Load finish', ...durations]);
  expect(headers(dayColumns('performance-month'))).toEqual(['Date', 'No. of runs', ...durations]);
  expect(dayColumns('runs-month').map(({ header, text }) => [header, text(day, 'UTC')])).toEqual([
    ['Date', '2026-11-03'],
    ['No. of runs', '4'],
    ['Records', '12,003'],
    ['Extract duration', '1 s'],
    ['Load duration', '1 s'],
  ]);
});

test('bars have the parts of a total, and a sentence says their sums', () => {
  expect(monthBars([day])).toEqual([
    { label: '3', total: 2600, dbDelay: 100, extract: 1000, loadWait: 500, load: 1000 },
  ]);
  const bars = runBars([run, { ...run, runId: 'full-01k-abcdefgh' }]);
  expect(bars.map(({ label }) => label)).toEqual(['17', '…abcdefgh']);
  expect(barsText(bars, 'run')).toBe('2 runs. Total 5.2 s: DB delay 200 ms, Extract 2 s, Load wait 1 s, Load 2 s.');
});
