import { describe, expect, inject, test } from 'vitest';
import {
  INTEGER,
  keyedPart,
  partOf,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
  type TableShape,
  type TestDestination,
  type TestOptions,
} from '../../../test/fixtures/destination-tables.ts';
import { encodeLine } from '../../extracts/row-encoding.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { TargetTable } from '../target-table.ts';

const never = new AbortController().signal;
const SHAPE = { columns: { id: INTEGER, name: text(40), note: TEXT }, key: ['id'] };

async function prepared(
  database: string,
  shape: TableShape = SHAPE,
  options: TestOptions = {},
): Promise<TestDestination & { readonly target: TargetTable }> {
  const opened = await testDestination(inject('mariadb'), database, options);
  const target = targetFor(opened.settings, shape);
  await opened.destination.takeLedger('billing', 1, never);
  await opened.destination.createTable(target, never);
  return { ...opened, target };
}

const up = (values: Record<string, string | null>) => ({ op: 'U', values }) as const;
const gone = (values: Record<string, string | null>) => ({ op: 'D', values }) as const;

describe('a mirror by key', () => {
  test('takes inserts, updates and deletes, and counts them', async () => {
    await using t = await prepared('merge_counts');
    const rows = [up({ id: '1', name: 'ann', note: 'x' }), up({ id: '2', name: 'bob' }), up({ id: '3', name: 'cy' })];
    const first = await t.destination.merge(step(1, [keyedPart(t.target, rows)]), never);
    expect(first.tables.get('public.t')).toEqual({ inserts: 3, updates: 0, deletes: 0 });
    const changes = [
      up({ id: '1', name: 'ann', note: 'x' }),
      up({ id: '2', name: 'bea', note: 'new' }),
      up({ id: '4', name: 'dan', note: '' }),
      gone({ id: '3' }),
      gone({ id: '9' }),
    ];
    const second = await t.destination.merge(step(2, [keyedPart(t.target, changes)]), never);
    expect(second.tables.get('public.t')).toEqual({ inserts: 1, updates: 2, deletes: 1 });
    expect(await t.sql('SELECT * FROM t ORDER BY id')).toEqual([
      { id: 1, name: 'ann', note: 'x' },
      { id: 2, name: 'bea', note: 'new' },
      { id: 4, name: 'dan', note: '' },
    ]);
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 0 }]);
    expect((await t.destination.ledger('billing', never)).applied).toBe(2);
  });

  test('fills absent values from the row as it stood, also when two rows swap their keys', async () => {
    await using t = await prepared('merge_swap');
    const rows = [
      up({ id: '1', name: 'a', note: 'long a' }),
      up({ id: '2', name: 'b', note: 'long b' }),
      up({ id: '3', name: 'c', note: 'long c' }),
    ];
    await t.destination.merge(step(1, [keyedPart(t.target, rows)]), never);
    const part = keyedPart(t.target, [
      { op: 'U', values: { id: '2', name: 'a' }, absent: ['note'], origin: ['1'] },
      { op: 'U', values: { id: '1', name: 'b2' }, absent: ['note'], origin: ['2'] },
      { op: 'U', values: { id: '7' }, absent: ['name', 'note'], origin: ['3'] },
      { op: 'D', values: { id: '3' } },
      { op: 'U', values: { id: '8', name: null, note: null } },
    ]);
    await t.destination.merge(step(2, [part]), never);
    expect(await t.sql('SELECT * FROM t ORDER BY id')).toEqual([
      { id: 1, name: 'b2', note: 'long b' },
      { id: 2, name: 'a', note: 'long a' },
      { id: 7, name: 'c', note: 'long c' },
      { id: 8, name: null, note: null },
    ]);
  });

  test('refuses an absent value whose row is not there, and changes nothing', async () => {
    await using t = await prepared('merge_missing');
    const part = keyedPart(t.target, [
      up({ id: '1', name: 'new' }),
      { op: 'U', values: { id: '5' }, absent: ['note'] },
    ]);
    const error: unknown = await t.destination.merge(step(1, [part]), never).catch((caught: unknown) => caught);
    expect(hasCode(error, 'PS4007') && error.table).toBe('public.t');
    expect(await t.sql('SELECT * FROM t')).toEqual([]);
    expect((await t.destination.ledger('billing', never)).applied).toBeNull();
  });

  test('keeps keys apart that differ in case, trailing spaces or beyond the basic plane, and every byte of a text', async () => {
    await using t = await prepared('merge_texts', { columns: { k: text(20), v: TEXT }, key: ['k'] });
    const values = [
      'a',
      'A',
      'a ',
      'a\t',
      '\u00e4',
      'a\u0308',
      '😀',
      '😁',
      '',
      ' ',
      'x\\y',
      'n\nn',
      'z\0z',
      "q'q",
      '"',
      '\\N',
      '\r',
      '\x1a',
      'e\f\v\b',
    ];
    await t.destination.merge(
      step(1, [
        keyedPart(
          t.target,
          values.map((k) => up({ k, v: `${k}|${k}` })),
        ),
      ]),
      never,
    );
    const rows = await t.sql('SELECT k, v FROM t');
    expect(rows.map((row) => row['k']).sort()).toEqual([...values].sort());
    expect(rows.every((row) => row['v'] === `${String(row['k'])}|${String(row['k'])}`)).toBe(true);
    await t.destination.merge(
      step(2, [
        keyedPart(
          t.target,
          ['a', '😀', ' '].map((k) => gone({ k })),
        ),
      ]),
      never,
    );
    const left = await t.sql('SELECT k FROM t');
    expect(left.map((row) => row['k']).sort()).toEqual(values.filter((k) => !['a', '😀', ' '].includes(k)).sort());
  });

  test('empties the table at a truncate, then takes the rows that followed', async () => {
    await using t = await prepared('merge_truncate');
    await t.destination.merge(
      step(1, [keyedPart(t.target, [up({ id: '1', name: 'old' }), up({ id: '2', name: 'old' })])]),
      never,
    );
    const truncated = { truncatedAt: '2026-11-21T09:00:00.000000Z' };
    const result = await t.destination.merge(
      step(2, [keyedPart(t.target, [up({ id: '3', name: 'new' })], truncated)]),
      never,
    );
    expect(result.tables.get('public.t')).toEqual({ inserts: 1, updates: 0, deletes: 2 });
    await t.destination.merge(step(3, [keyedPart(t.target, [], truncated)]), never);
    expect(await t.sql('SELECT * FROM t')).toEqual([]);
  });

  test('a table that is all key, and a key of several columns with awkward names', async () => {
    await using t = await prepared('merge_allkey', {
      name: 'what?`s',
      columns: { 'a?': INTEGER, 'b`c': text(10) },
      key: ['a?', 'b`c'],
    });
    const rows = [up({ 'a?': '1', 'b`c': 'x' }), up({ 'a?': '1', 'b`c': 'y' })];
    await t.destination.merge(step(1, [keyedPart(t.target, rows)]), never);
    await t.destination.merge(
      step(2, [keyedPart(t.target, [...rows, up({ 'a?': '2', 'b`c': 'x' }), gone({ 'a?': '9', 'b`c': 'x' })])]),
      never,
    );
    await t.destination.merge(step(3, [keyedPart(t.target, [gone({ 'a?': '1', 'b`c': 'y' })])]), never);
    expect(await t.sql('SELECT * FROM `what?``s` ORDER BY 1, 2')).toEqual([
      { 'a?': 1, 'b`c': 'x' },
      { 'a?': 2, 'b`c': 'x' },
    ]);
  });

  test('a part of an older structure leaves the newer columns alone and gives new rows the backfill', async () => {
    await using t = await prepared('merge_older');
    await t.destination.merge(step(1, [keyedPart(t.target, [up({ id: '1', name: 'a' })])]), never);
    const wider = targetFor(t.settings, {
      ...SHAPE,
      columns: { ...SHAPE.columns, size: INTEGER, tag: TEXT },
      backfill: { size: '7', tag: "it's" },
    });
    for (const column of ['size', 'tag', 'size'])
      await t.destination.applyStructure(wider, { tag: 'add', column }, never);
    const older = { columns: ['id', 'name', 'note'] };
    const parts = [
      keyedPart(wider, [up({ id: '2', name: 'b' })], older),
      keyedPart(wider, [up({ id: '3', name: 'c', size: null }), up({ id: '1', name: 'a2', size: '9', tag: '' })]),
      keyedPart(wider, [up({ id: '1', name: 'a3' })], older),
    ];
    await t.destination.merge(step(2, parts), never);
    expect(await t.sql('SELECT id, name, size, tag FROM t ORDER BY id')).toEqual([
      { id: 1, name: 'a3', size: 9, tag: '' },
      { id: 2, name: 'b', size: 7, tag: "it's" },
      { id: 3, name: 'c', size: null, tag: null },
    ]);
  });
});

describe('the ledger', () => {
  test('refuses a step that was applied, a gap, and an older epoch', async () => {
    await using t = await prepared('ledger_refuses');
    const first = step(1, [keyedPart(t.target, [up({ id: '1', name: 'a' })])]);
    await t.destination.merge(first, never);
    await expect(t.destination.merge(first, never)).rejects.toMatchObject({ code: 'PS4011' });
    await expect(t.destination.merge({ ...step(3, []), pipelineMark: { from: 2 } }, never)).rejects.toMatchObject({
      code: 'PS4011',
    });
    const other = t.again();
    await other.takeLedger('billing', 2, never);
    await expect(t.destination.merge(step(2, []), never)).rejects.toMatchObject({ code: 'PS4006' });
    await expect(t.destination.takeLedger('billing', 1, never)).rejects.toMatchObject({ code: 'PS4006' });
    await other.takeLedger('billing', 2, never);
    await other.merge(step(2, [], { epoch: 2 }), never);
    expect(await other.ledger('billing', never)).toMatchObject({ applied: 2, epoch: 2, tables: new Map() });
  });

  test('keeps own marks of tables, and refuses the replay of a step of one table', async () => {
    await using t = await prepared('ledger_tables');
    const alone = (extract: number, applied: number | null) =>
      step(extract, [keyedPart(t.target, [up({ id: String(extract), name: 'x' })])], {
        pipelineMark: null,
        tableMarks: [{ table: 'public.t', applied }],
      });
    await t.destination.merge(alone(1, 1), never);
    await expect(t.destination.merge(alone(1, 1), never)).rejects.toMatchObject({ code: 'PS4011' });
    expect((await t.destination.ledger('billing', never)).tables).toEqual(new Map([['public.t', 1]]));
    await t.destination.merge(step(1, [], { tableMarks: [{ table: 'public.t', applied: null }] }), never);
    expect(await t.destination.ledger('billing', never)).toMatchObject({ applied: 1, tables: new Map() });
    await expect(t.destination.merge(alone(1, null), never)).rejects.toMatchObject({ code: 'PS4011' });
    await t.destination.merge(alone(2, 2), never);
    await expect(t.destination.merge(alone(2, null), never)).rejects.toMatchObject({ code: 'PS4011' });
    expect(await t.sql('SELECT COUNT(*) AS n FROM t')).toEqual([{ n: 2 }]);
  });

  test('a step that fails half-way through its bytes, or just before its commit, leaves nothing', async () => {
    let failing = '';
    const failpoint = (name: string): Promise<void> =>
      name === failing ? Promise.reject(new Error(`at ${name}`)) : Promise.resolve();
    await using t = await prepared('ledger_crash', SHAPE, { failpoint });
    const other = targetFor(t.settings, { ...SHAPE, name: 'u' });
    await t.destination.createTable(other, never);
    const good = keyedPart(t.target, [up({ id: '1', name: 'a' })]);
    const broken = {
      ...keyedPart(other, [up({ id: '1', name: 'a' }), up({ id: '2', name: 'b' })]),
      open: async function* () {
        yield Buffer.from(encodeLine(['U', '1', '2026-11-21 09:00:00.000000', '', null, '1', 'a', null]));
        await Promise.resolve();
        throw new Error('the store is gone');
      },
    };
    await expect(t.destination.merge(step(1, [good, broken]), never)).rejects.toThrow('the store is gone');
    for (const name of ['load.after-staging', 'load.before-commit']) {
      failing = name;
      await expect(t.destination.merge(step(1, [good]), never)).rejects.toThrow(`at ${name}`);
    }
    failing = '';
    expect(await t.sql('SELECT * FROM t')).toEqual([]);
    expect(await t.sql('SELECT * FROM u')).toEqual([]);
    expect((await t.destination.ledger('billing', never)).applied).toBeNull();
    await t.destination.merge(step(1, [good, keyedPart(other, [up({ id: '1', name: 'a' })])]), never);
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 0 }]);
    expect(await t.sql('SELECT COUNT(*) AS n FROM u__staging')).toEqual([{ n: 0 }]);
  });

  test('the next loader removes what a dead one staged, and a stopped one cannot take staged rows away', async () => {
    let die = true;
    const failpoint = (name: string): Promise<void> =>
      die && name === 'load.after-staging' ? Promise.reject(new Error('dead')) : Promise.resolve();
    await using t = await prepared('ledger_orphans', SHAPE, { failpoint });
    const part = keyedPart(t.target, [up({ id: '1', name: 'a' })]);
    await expect(t.destination.merge(step(1, [part]), never)).rejects.toThrow('dead');
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 1 }]);
    const next = t.again();
    await next.takeLedger('billing', 2, never);
    die = false;
    await next.merge(step(1, [part], { epoch: 2 }), never);
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 0 }]);
  });

  test('staged rows that somebody removed are noticed in the transaction', async () => {
    let clear: (() => Promise<unknown>) | null = null;
    const failpoint = async (name: string): Promise<void> => {
      if (name === 'load.after-staging') await clear?.();
    };
    await using t = await prepared('ledger_cleared', SHAPE, { failpoint });
    clear = () => t.sql('DELETE FROM t__staging');
    const part = keyedPart(t.target, [up({ id: '1', name: 'a' })]);
    await expect(t.destination.merge(step(1, [part]), never)).rejects.toMatchObject({ code: 'PS4010' });
    clear = null;
    await t.destination.merge(step(1, [part]), never);
  });

  test('sets misfits aside in the same transaction', async () => {
    await using t = await prepared('ledger_misfits');
    const misfit = { column: 'note', reason: 'infinity', row: { id: '9', note: "it's" }, position: '0/16B3748' };
    await t.destination.merge(step(1, [keyedPart(t.target, [], { misfits: [misfit] })]), never);
    const rows = await t.sql('SELECT pipeline, tbl, position, reason, col, raw FROM penstock_quarantine');
    expect(rows).toEqual([
      {
        pipeline: 'billing',
        tbl: 'public.t',
        position: '0/16B3748',
        reason: 'infinity',
        col: 'note',
        raw: '{"id":"9","note":"it\'s"}',
      },
    ]);
  });
});

describe('rows that do not fit', () => {
  const COLUMNS = {
    id: INTEGER,
    flag: { tag: 'boolean' },
    small: { tag: 'integer', bits: 16, unsigned: false },
    amount: { tag: 'decimal', precision: 6, scale: 2 },
    ratio: { tag: 'double' },
    day: { tag: 'date' },
    hour: { tag: 'time', fraction: 0 },
    moment: { tag: 'datetime', fraction: 3 },
    short: { tag: 'text', maxCharacters: 3 },
    bytes: { tag: 'binary', maxBytes: 2 },
    blob: { tag: 'binary', maxBytes: null },
  } as const;
  const BAD: [string, string][] = [
    ['flag', 'x'],
    ['small', '40000'],
    ['small', ''],
    ['amount', '12345.00'],
    ['amount', '1.234'],
    ['ratio', 'NaN'],
    ['ratio', '1e400'],
    ['day', '2026-02-30'],
    ['day', '0000-00-00'],
    ['hour', '840:00:00'],
    ['hour', '10:00:00.5'],
    ['moment', '2026-01-01 10:00:00.1234'],
    ['moment', 'secret'],
    ['short', 'abcd'],
    ['short', 'abc '],
    ['bytes', '010203'],
    ['blob', 'zz'],
    ['blob', '012'],
    ['id', '1e3x'],
  ];

  test('each is refused by name, without its value, and nothing of its step is there', async () => {
    await using t = await prepared('misfit_types', { columns: COLUMNS, key: ['id'] });
    for (const [column, value] of BAD) {
      const part = keyedPart(t.target, [up({ id: '1' }), up({ id: '2', [column]: value })]);
      const error: unknown = await t.destination.merge(step(1, [part]), never).catch((caught: unknown) => caught);
      expect([column, value, hasCode(error, 'PS4004'), hasCode(error, 'PS4004') && error.table]).toEqual([
        column,
        value,
        true,
        'public.t',
      ]);
      if (value.length > 3) expect(String(error)).not.toContain(value);
      if (column !== 'blob' && !value.includes('.')) expect(String(error)).toContain(`column ${column}`);
    }
    expect(await t.sql('SELECT * FROM t')).toEqual([]);
    const lines = [encodeLine(['U', '1', '2026-11-21 09:00:00.000000', '', null, '1'])];
    await expect(
      t.destination.merge(step(1, [partOf(t.target, ['id', 'flag'], lines, false)]), never),
    ).rejects.toMatchObject({ code: 'PS4004' });
    const twice = keyedPart(t.target, [up({ id: '1' }), up({ id: '1' })]);
    await expect(t.destination.merge(step(1, [twice]), never)).rejects.toMatchObject({ code: 'PS4004' });
    const short = { ...keyedPart(t.target, [up({ id: '1' })]), rows: 2 };
    await expect(t.destination.merge(step(1, [short]), never)).rejects.toMatchObject({ code: 'PS4004' });
    const right = up({
      id: '1',
      flag: '1',
      small: '-32768',
      amount: '-9999.99',
      ratio: '0.1',
      day: '1000-01-01',
      hour: '-838:59:59',
    });
    const rest = { moment: '9999-12-31 23:59:59.999', short: '😀😀😀', bytes: '00fF', blob: '' };
    await t.destination.merge(step(1, [keyedPart(t.target, [up({ ...right.values, ...rest })])]), never);
    expect(
      await t.sql('SELECT *, HEX(bytes) AS h, LENGTH(blob_) AS l FROM (SELECT *, `blob` AS blob_ FROM t) x'),
    ).toMatchObject([
      {
        id: 1,
        flag: 1,
        small: -32768,
        amount: '-9999.99',
        ratio: 0.1,
        day: '1000-01-01',
        hour: '-838:59:59',
        h: '00FF',
        l: 0,
      },
    ]);
  });
});
