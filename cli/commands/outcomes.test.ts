import { applyAll } from '../../core/pipeline/structure-policy.ts';
import { describe, expect, it } from 'vitest';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { TableVerification } from '../../core/operations/verification/table-verification.ts';
import type { PipelineStatus, TableStatus } from '../../core/operations/status.ts';
import type { PipelineSettings, TableSettings } from '../../core/pipeline/settings.ts';
import { jsonText } from '../output/error-text.ts';
import { checkOutcome } from './check.ts';
import { deltaOutcome } from './delta.ts';
import { fullExtractOutcome } from './full-extract.ts';
import { listOutcome, quarantine, retryOutcome } from './quarantine.ts';
import { pointsOutcome, rollback, rollbackOutcome } from './rollback.ts';
import { statusOutcome } from './status.ts';
import { syncStructureOutcome } from './sync-structure.ts';
import { tablesOutcome } from './tables.ts';
import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import { verifyOutcome } from './verify.ts';

const orders: TableSettings = {
  table: { schema: 'public', name: 'orders' },
  transfer: 'history',
  key: null,
  mask: [],
  where: null,
  skipInitialExtract: false,
  redoInitialExtract: false,
  typeChange: {},
  timestampColumn: null,
  misfits: 'stop',
  structure: applyAll('keep'),
};
const settings: Pick<PipelineSettings, 'tables'> = { tables: [orders] };

describe('check', () => {
  const ok = { code: 'postgres.version', severity: 'ok', message: 'PostgreSQL 18', remedy: null } as const;
  const bad = {
    code: 'postgres.wal_level',
    severity: 'error',
    message: 'wal_level is replica',
    remedy: 'ALTER SYSTEM SET wal_level = logical;\n-- then restart the server',
  } as const;
  const warning = { code: 'tls', severity: 'warning', message: 'no TLS', remedy: 'set tls' } as const;

  it('prints each finding with what mends it, and fails on an error', () => {
    const outcome = checkOutcome({ source: [ok, bad], destination: [warning], tables: [] });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.lines).toEqual([
      'source',
      '  ok       PostgreSQL 18  [postgres.version]',
      '  error    wal_level is replica  [postgres.wal_level]',
      '           mend: ALTER SYSTEM SET wal_level = logical;',
      '                 -- then restart the server',
      'destination',
      '  warning  no TLS  [tls]',
      '           mend: set tls',
      'not ready: 1 error, 1 warning',
    ]);
  });

  it('is content with warnings', () => {
    const outcome = checkOutcome({ source: [ok], destination: [warning], tables: [] });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.json).toMatchObject({ ready: true, errors: 0, warnings: 1 });
    expect(outcome.lines.at(-1)).toBe('ready: 0 errors, 1 warning');
  });
});

describe('tables', () => {
  const listed = [
    { table: { schema: 'public', name: 'page_views' }, key: null, estimatedRows: null },
    { table: { schema: 'public', name: 'orders' }, key: ['id'], estimatedRows: 1_234_567 },
  ];

  it('lists them by name, with keys, sizes and the choice', () => {
    const outcome = tablesOutcome(listed, settings);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.lines).toEqual([
      'table              chosen   key     rows (estimate)',
      'public.orders      history  id            1,234,567',
      'public.page_views  -        (none)                ?',
      '2 tables, 1 chosen',
    ]);
  });

  it('fails where a chosen table is missing', () => {
    const outcome = tablesOutcome(listed.slice(0, 1), settings);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.json).toMatchObject({ missing: ['public.orders'] });
  });
});

describe('full-extract', () => {
  const copied = { table: 'public.a', state: 'copied', rows: 200_000, bytes: 12_000_000, error: null } as const;

  it('prints rows and sizes', () => {
    const outcome = fullExtractOutcome({ tables: [copied] });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.lines).toEqual([
      'table     state      rows     size',
      'public.a  copied  200,000  12.0 MB',
      '200,000 rows of 1 table copied',
    ]);
  });

  it('fails with the errors of the tables that failed', () => {
    const error = new PenstockError('PS4004', 'public.b.price: more than 65 digits', { table: 'public.b' });
    const outcome = fullExtractOutcome({
      tables: [copied, { table: 'public.b', state: 'failed', rows: 0, bytes: 0, error }],
    });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.lines.slice(3)).toEqual([
      '200,000 rows of 1 table copied, 1 failed',
      '',
      'error: PS4004 rows do not fit the destination: public.b.price: more than 65 digits',
      `remedy: ${error.remedy}`,
    ]);
    expect(JSON.parse(jsonText(outcome.json))).toMatchObject({
      tables: [{ error: null }, { error: { code: 'PS4004', table: 'public.b', remedy: error.remedy } }],
    });
  });
});

describe('delta', () => {
  it('tells what it did', () => {
    const nothing = { from: 7, to: 7, rows: 0, position: null, stopped: [] };
    expect(deltaOutcome(nothing)).toMatchObject({ exitCode: 0, lines: ['no changes'] });
    expect(deltaOutcome({ ...nothing, to: 9, rows: 1500 }).lines).toEqual(['1,500 changes in 2 extracts (up to 9)']);
  });

  it('fails where a table is stopped', () => {
    const outcome = deltaOutcome({ from: 7, to: 8, rows: 1, position: null, stopped: ['public.a'] });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.lines[1]).toBe('public.a is stopped: see `penstock status`');
  });
});

describe('status', () => {
  const SWITCHED_ON = { on: true, since: null, by: 'operator', reason: '', remedy: '' } as const;
  const result: PipelineStatus = {
    pipeline: 'billing',
    lastExtract: 15,
    loaded: 14,
    position: { lineage: 'l', order: '1', resume: '0/1' },
    sourceDate: '2026-11-21T09:00:00.000000Z',
    lagMilliseconds: 420,
    rollback: [],
    tables: [
      { table: 'public.a', transfer: 'mirror', state: { tag: 'following' }, copiedRows: 5000, verification: null },
      {
        table: 'public.b',
        transfer: 'history',
        state: {
          tag: 'stopped',
          code: 'PS4005',
          message: 'PS4005 a column was dropped',
          remedy: 'redo it',
          since: '2026-11-21T08:00:00.000000Z',
        },
        copiedRows: 0,
        verification: null,
      },
    ],
    log: { retainedBytes: 16_000_000, headroomBytes: null, expiresAt: null },
    schedule: { type: 'automatic', next: null, scheduler: SWITCHED_ON },
  };

  it('shows marks, lag, log, schedule and what is stopped', () => {
    expect(statusOutcome(result, 'UTC').lines).toEqual([
      'pipeline     billing',
      'extracted    15',
      'loaded       14',
      'last change  2026-11-21 09:00:00 UTC',
      'lag          420 ms',
      'log          16.0 MB kept by the source',
      'schedule     automatic',
      'scheduler    on',
      '',
      'table     transfer  state      copied rows',
      'public.a  mirror    following        5,000',
      'public.b  history   stopped              0',
      '',
      'public.b is stopped since 2026-11-21 08:00:00 UTC',
      '  PS4005 a column was dropped',
      '  remedy: redo it',
    ]);
    const replay = { table: 'public.a', from: 3, next: 8, to: 14 };
    const lines = (rollback: PipelineStatus['rollback'], loaded = 14) =>
      statusOutcome({ ...result, loaded, rollback }, 'UTC').lines.slice(8, 10);
    expect(lines([replay, { ...replay, table: 'public.b', next: 3 }])).toEqual([
      'rollback     public.a: 5 of 12 extracts collected, from 3 to 14',
      '             public.b: 0 of 12 extracts collected, from 3 to 14',
    ]);
    expect(lines({ unknown: 'PS4001 no way' })[0]).toBe('rollback     not known: PS4001 no way');
    expect(lines({ unknown: 'PS4008 no table' }, 0)[0]).toBe('');
  });

  it('shows where a table was verified, since when it differs, and what is stale', () => {
    const proof: TableVerification = {
      ...{
        verdict: 'equal' as const,
        position: '0/7',
        at: '2026-11-21T09:00:00.000000Z',
        rows: 5,
        differing: 0,
        unsettled: 0,
      },
      ...{ destinationRows: 5, chunks: 1, repaired: 0, columns: [] },
      ...{ differsSince: null, stale: null },
    };
    const shown = (verification: TableStatus['verification']) =>
      statusOutcome({ ...result, tables: [{ ...result.tables[0]!, verification }] }, 'UTC').lines.at(-1);
    expect(shown(proof)).toBe('public.a  verified at 0/7, 2026-11-21 09:00:00 UTC');
    expect(shown({ ...proof, stale: 'the table was copied anew' })).toContain('; the table was copied anew since');
    expect(shown({ ...proof, verdict: 'unsettled', unsettled: 2 })).toContain('but for 2 rows in flight');
    const differs = {
      ...proof,
      verdict: 'different',
      differing: 3,
      differsSince: '2026-11-20T09:00:00.000000Z',
    } as const;
    expect(shown(differs)).toMatch(/DIFFERS since 2026-11-20 09:00:00 UTC: at least 3 rows/);
  });

  it("shows the next run in the schedule's zone, not in the reader's", () => {
    const next = { at: '2026-11-22T01:30:00.000000Z', zone: 'Europe/Berlin' };
    const line = (isDue: boolean) => {
      const schedule = { type: 'daily', next: { ...next, isDue }, scheduler: SWITCHED_ON } as const;
      return statusOutcome({ ...result, schedule }, 'UTC').lines.find((text) => text.startsWith('schedule'));
    };
    expect(line(false)).toBe('schedule     daily, next run 2026-11-22 02:30:00 CET (Europe/Berlin)');
    expect(line(true)).toBe(
      'schedule     daily, due since 2026-11-22 02:30:00 CET (Europe/Berlin): at work, or waits for `penstock run`',
    );
  });
});

describe('verify', () => {
  const verified = { position: '0/1', at: '2026-11-21T09:00:00.000000Z', chunks: 1, repaired: 0 };
  const equal = { tag: 'equal', table: 'public.a', rows: 5, checksum: '1:2', ...verified } as const;
  const different: TableVerdict = {
    tag: 'different',
    table: 'public.b',
    source: { rows: 5, sum: '1:2' },
    destination: { rows: 4, sum: '1:1' },
    differences: [
      { kind: 'missing at destination', key: ['7', 'x'], columns: [] },
      { kind: 'different', key: ['8', 'y'], columns: ['name', 'n'] },
    ],
    differing: 120,
    ...{ isMore: false, unsettled: 0, inFlight: 'none' as const, overlaps: 0, ...verified },
  };
  const skipped = { tag: 'notComparable', table: 'public.c', reason: 'it was not copied yet' } as const;
  const unsettled = { tag: 'unsettled', table: 'public.d', rows: 9, unsettled: 2, ...verified } as const;
  const outcomeOf = (...tables: TableVerdict[]) =>
    verifyOutcome({
      equal: true,
      tables,
      more: false,
      counts: { equal: 1, different: 0, unsettled: 0, notComparable: 0 },
    });

  it('succeeds when what can be compared is equal', () => {
    const outcome = outcomeOf(equal, skipped);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.lines.at(-1)).toBe('1 of 2 tables equal');
    expect(outcome.lines).toContain('public.c: not compared, because it was not copied yet');
  });

  it('names differing keys and columns and fails', () => {
    const outcome = outcomeOf(equal, different);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.json).toMatchObject({ equal: false });
    expect(outcome.lines).toContain('  missing at destination: 7, x');
    expect(outcome.lines).toContain('  different in name, n: 8, y');
    expect(outcome.lines).toContain('  and 118 more (--json lists up to 100)');
  });

  it('says what may only be on its way, what no repair can mend, and what was repaired', () => {
    const { lines } = outcomeOf({ ...different, inFlight: 'possible', overlaps: 1, isMore: true, repaired: 3 });
    expect(lines.join('\n')).toMatch(/at least 120 rows differ[^]*1 version of its history[^]*penstock delta/);
    expect(lines).toContain('public.b: 3 rows fetched again');
  });

  it('rows that never came to rest are neither equal nor different', () => {
    const outcome = outcomeOf(equal, unsettled);
    expect(outcome).toMatchObject({ exitCode: 0, json: { equal: false } });
    expect(outcome.lines.at(-1)).toBe('1 of 2 tables equal, 1 with rows that never came to rest');
  });

  it('fails when nothing was compared: nothing is proved', () => {
    expect(outcomeOf(skipped)).toMatchObject({ exitCode: 1, json: { equal: false } });
  });
});

describe('rollback', () => {
  const point = {
    ...{ file: 12, from: '0/1', to: '0/2', rows: 1500, available: true },
    sourceDate: '2026-11-21T09:00:00.000000Z',
    executionDate: '2026-11-21T09:00:05.000000Z',
  };
  const result = {
    ...{ from: 8, to: 12, extracts: 5, rows: 1500, bytes: 20_000 },
    tables: [{ table: 'public.a', from: 8, to: 12, rows: 1500 }],
    fromLog: null,
    more: false,
    left: [{ table: 'public.heap', reason: 'it has no key' }],
    resumed: ['public.b'],
    stopped: ['public.b'],
  };

  it('lists its points and how to see more', () => {
    const outcome = pointsOutcome({ points: [point, { ...point, file: 11, available: false }], next: 11 }, 'UTC');
    expect(outcome.lines).toEqual([
      'file no.  from  to   source date              execution date           changes',
      '      12  0/1   0/2  2026-11-21 09:00:00 UTC  2026-11-21 09:00:05 UTC    1,500',
      '      11  0/1   0/2  2026-11-21 09:00:00 UTC  2026-11-21 09:00:05 UTC    1,500  expired',
      'more: penstock rollback --before 11',
    ]);
    expect(pointsOutcome({ points: [], next: null }).lines).toEqual(['no rollback points']);
  });

  it('says what would be done, and what was', () => {
    const dry = rollbackOutcome(result, true);
    expect(dry).toMatchObject({ exitCode: 0, json: { dryRun: true, extracts: 5 } });
    expect(dry.lines).toEqual([
      'table     from  to  changes',
      'public.a     8  12    1,500',
      '1,500 changes (20.0 kB) of 5 extracts would be applied again; nothing was done',
      'public.heap stays as it is: it has no key',
      'public.b was stopped and would load again',
    ]);
    const done = rollbackOutcome(result, false);
    expect(done.exitCode).toBe(1);
    expect(done.lines.at(-1)).toBe('public.b is stopped: see `penstock status`');
    expect(rollbackOutcome({ ...result, stopped: [] }, false).exitCode).toBe(0);
  });

  it('says which extracts the log has to give, and where it does not reach back', () => {
    const log = { from: 8, to: 9, extracts: 2, reaches: true, reason: '' };
    const line = (fromLog: typeof log, dryRun: boolean) =>
      rollbackOutcome({ ...result, fromLog }, dryRun).lines.find((text) => text.includes('source'));
    const which = '2 extracts from 8 to 9, whose files are gone,';
    expect(line(log, true)).toBe(
      `${which} would be made again from the source's log; their changes are not counted here`,
    );
    expect(line(log, false)).toBe(`${which} made again from the source's log`);
    expect(line({ ...log, reaches: false, reason: 'the oldest is b.7' }, true)).toBe(
      `${which} cannot be made again from the source's log: the oldest is b.7`,
    );
  });

  it.each([
    [{ to: '5' }, /--yes/],
    [{ to: '0', yes: true }, /--to 0/],
    [{ to: 'x' }, /--to x/],
    [{ limit: '1001' }, /from 1 to 1000/],
    [{ before: '-1' }, /--before -1/],
  ] as const)('refuses %j before it touches anything', async (values, message) => {
    const context = {} as Parameters<typeof rollback.perform>[0];
    await expect(rollback.perform(context, { tables: null, values })).rejects.toThrow(message);
  });
});

describe('sync-structure', () => {
  const difference = { what: 'column a was renamed to b', class: 'safe', reason: 'the column is renamed' } as const;
  const same = { table: 'public.a', state: 'same', differences: [], reason: null, resumed: false } as const;
  const other = {
    table: 'public.b',
    state: 'different',
    differences: [difference],
    reason: null,
    resumed: true,
  } as const;
  const left = { ...other, table: 'public.c', state: 'left', reason: 'the key changed', resumed: false } as const;

  it('shows what could be done, and fails until it is', () => {
    const outcome = syncStructureOutcome({ tables: [same, other], changes: 0, stopped: ['public.b'] }, false);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.lines).toEqual([
      'table     difference                 class  what is done',
      'public.b  column a was renamed to b  safe   the column is renamed',
      'public.b is stopped and would load again',
      '1 table could be made the same: penstock sync-structure --apply',
    ]);
    const done = syncStructureOutcome({ tables: [same, { ...other, state: 'synced' }], changes: 1, stopped: [] }, true);
    expect(done).toMatchObject({ exitCode: 0, json: { applied: true, changes: 1 } });
    expect(done.lines.slice(-2)).toEqual(['public.b was stopped and loads again', '1 difference made good']);
    expect(syncStructureOutcome({ tables: [same], changes: 0, stopped: [] }, false)).toMatchObject({
      exitCode: 0,
      lines: ['1 table the same'],
    });
  });

  it('names what is left and how to mend it', () => {
    const outcome = syncStructureOutcome({ tables: [left], changes: 0, stopped: ['public.c'] }, true);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.lines).toContain(
      'public.c is left: the key changed. Copy it anew: `penstock sync-structure --table public.c --apply --redo`',
    );
  });
});

describe('quarantine', () => {
  const entry = {
    ...{ id: '0123456789abcdef', at: '2026-01-01 00:00:00.000001', table: 'public.a', column: 'day' },
    ...{ reason: 'infinity', position: '0/1', key: ['secret'], raw: '{"day":"hidden"}' },
  };
  const listing = {
    entries: [entry],
    next: '2026-01-01 00:00:00.000001/0123456789abcdef',
    tables: [{ table: 'public.a', rows: 3 }],
  };

  it('lists what is wrong, and the rows themselves only where they are asked for', () => {
    const { lines, json } = listOutcome(listing, false);
    expect(lines.join('\n')).toContain('infinity');
    expect(lines.at(-1)).toBe(`more: penstock quarantine list --before '${listing.next}'`);
    expect(JSON.stringify([lines, json])).not.toMatch(/secret|hidden/);
    expect(JSON.stringify(listOutcome(listing, true).json)).toMatch(/secret.*hidden/);
  });

  it('ends with 1 where rows are left', () => {
    const row = { table: 'public.a', rows: 3, settled: 3, unfit: 0, reason: null };
    expect(retryOutcome([row]).exitCode).toBe(0);
    expect(retryOutcome([{ ...row, unfit: 1 }]).exitCode).toBe(1);
    expect(retryOutcome([{ ...row, reason: 'is stopped' }]).exitCode).toBe(1);
  });

  it('asks which tables, and for a mark that is one', async () => {
    const perform = (values: Record<string, string | boolean>) =>
      quarantine.perform({} as never, { tables: null, values });
    await expect(perform({ action: 'retry' })).rejects.toThrow(/--table, or --all/);
    await expect(perform({ action: 'list', before: 'x' })).rejects.toThrow(/--before x/);
  });
});
