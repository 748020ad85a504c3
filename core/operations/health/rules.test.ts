import { describe, expect, it } from 'vitest';
import { newTableRecord, type ReaderStatusRecord, type TableRecord } from '../../catalog/records.ts';
import { healthProblems, type HealthFacts } from './rules.ts';
import { healthThresholds } from './thresholds.ts';

const NOW = Date.UTC(2026, 0, 2);
const before = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString().replace('Z', '000Z');

const GIGABYTE = 1024 ** 3;
const status: ReaderStatusRecord = {
  owner: 'task',
  at: before(30),
  state: 'following',
  reason: '',
  remedy: '',
  lastExtract: 7,
  loaded: 7,
  sourceDate: before(60),
  lagMilliseconds: 0,
  diskFreeBytes: 20 * GIGABYTE,
  memoryUsedBytes: GIGABYTE,
  memoryLimitBytes: 2 * GIGABYTE,
  retainedBytes: GIGABYTE,
  headroomBytes: 50 * GIGABYTE,
  expiresAt: null,
};
const healthy: HealthFacts = {
  now: NOW,
  status,
  scheduler: { on: true, since: null, by: 'operator', reason: '', remedy: '' },
  hasReader: true,
  lastExtract: 7,
  loaded: 7,
  lastExtractAt: before(60),
  lastLoadAt: before(59),
  oldestWaiting: null,
  tables: [{ ...newTableRecord('s.a'), state: { tag: 'following' } }],
};
const thresholds = healthThresholds.parse({});
const stopped = (table: string): TableRecord => ({
  ...newTableRecord(table),
  state: { tag: 'stopped', code: 'PS4004', message: 'm', remedy: 'mend it', since: before(5) },
});

const problems = (facts: Partial<HealthFacts>, reader: Partial<ReaderStatusRecord> = {}) =>
  healthProblems({ ...healthy, status: { ...status, ...reader }, ...facts }, thresholds);

it('finds nothing wrong with a pipeline that does well, idle or not', () => {
  expect(problems({})).toEqual([]);
  expect(problems({ lastExtract: 9, oldestWaiting: before(20) })).toEqual([]);
  const unknown = { diskFreeBytes: null, memoryLimitBytes: null, headroomBytes: null, retainedBytes: null };
  expect(problems({}, unknown)).toEqual([]);
  expect(problems({}, { state: 'waiting', reason: 'an operation has the log' })).toEqual([]);
});

describe('a pipeline that is switched off', () => {
  const off = (by: 'operator' | 'error', seconds: number): Partial<HealthFacts> => ({
    scheduler: { on: false, since: before(seconds), by, reason: 'PS2006 the log is gone', remedy: 'Copy it.' },
    lastExtract: 9,
    oldestWaiting: before(90_000),
  });

  it('is not silent and not behind, but its log is watched, and it is not forgotten', () => {
    expect(problems(off('operator', 3600), { at: before(9000) })).toEqual([]);
    expect(problems(off('operator', 3600), { headroomBytes: GIGABYTE }).map(({ alarm }) => alarm)).toEqual([
      'log-headroom-low',
    ]);
    const [forgotten, ...others] = problems(off('operator', 13 * 3600));
    expect(others).toEqual([]);
    expect(forgotten).toMatchObject({
      alarm: 'switched-off',
      message: expect.stringContaining('13.0 hours') as string,
    });
  });

  it('by an error has an alarm at once, with what to do', () => {
    expect(problems(off('error', 5))).toMatchObject([
      {
        alarm: 'reader-halted',
        message: expect.stringContaining('PS2006 the log is gone') as string,
        remedy: expect.stringMatching(/^Copy it\. Then switch the scheduler on/) as string,
      },
    ]);
  });

  it('a pipeline that is read by runs misses no reader between them', () => {
    expect(problems({ hasReader: false }, { at: before(9000) })).toEqual([]);
    expect(problems({ hasReader: false, status: null })).toEqual([]);
  });
});

describe('a problem has a name, says how much it is and what to do', () => {
  it.each([
    ['reader-silent', {}, { at: before(301) }, 'not been heard of for 301 s'],
    ['reader-halted', {}, { state: 'halted', reason: 'PS2006 the log is gone', remedy: 'copy' }, 'PS2006'],
    ['disk-low', {}, { diskFreeBytes: 4.9 * GIGABYTE }, '4.9 GB'],
    ['memory-low', {}, { memoryUsedBytes: 1.9 * GIGABYTE }, '102 MB'],
    ['lag-high', { lastExtract: 9, oldestWaiting: before(901) }, {}, '901 s behind: 2 extracts wait'],
    ['log-headroom-low', {}, { headroomBytes: 1.5 * GIGABYTE }, '1.5 GB'],
    ['log-expires', {}, { expiresAt: before(-6 * 3600) }, 'in 6.0 hours'],
    ['tables-stopped', { tables: [stopped('s.a')] }, {}, 's.a (PS4004)'],
  ] as const)('%s', (alarm, facts, reader, said) => {
    const found = problems(facts, reader);
    expect(found.map((problem) => problem.alarm)).toEqual([alarm]);
    expect(found[0]?.message).toContain(said);
    expect(found[0]?.remedy).not.toBe('');
  });
});

it('says that a reader was never heard of, and nothing of what only it knows', () => {
  expect(healthProblems({ ...healthy, status: null }, thresholds).map(({ message }) => message)).toEqual([
    'the reader has never been heard of',
  ]);
});

it('names the first stopped tables and counts the others', () => {
  const tables = Array.from({ length: 8 }, (_, index) => stopped(`s.t${index}`));
  expect(problems({ tables })[0]?.message).toMatch(/^stopped: s\.t0 \(PS4004\), .*s\.t4 \(PS4004\) and 3 more$/);
});

it('goes by the thresholds that were set', () => {
  const strict = healthThresholds.parse({ diskFreeGigabytes: 30, lagSeconds: 10 });
  const facts = { ...healthy, lastExtract: 8, oldestWaiting: before(11) };
  expect(healthProblems(facts, strict).map(({ alarm }) => alarm)).toEqual(['disk-low', 'lag-high']);
});
