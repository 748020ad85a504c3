import { describe, expect, inject, test } from 'vitest';
import {
  bytesOf,
  INTEGER,
  keyedPart,
  step,
  targetFor,
  testDestination,
  text,
  type TableShape,
  type TestDestination,
  type TestOptions,
} from '../../../test/fixtures/destination-tables.ts';
import { rowHash } from '../../changes/row-digest.ts';
import { encodeLine } from '../../extracts/row-encoding.ts';
import type { CopyChunk, CopyRun } from '../destination.ts';
import type { TargetTable } from '../target-table.ts';

const never = new AbortController().signal;
const SHAPE = { columns: { id: INTEGER, name: text(40) }, key: ['id'] };

async function prepared(
  database: string,
  shape: TableShape = SHAPE,
  options: TestOptions = {},
): Promise<TestDestination & { readonly target: TargetTable; readonly copy: CopyRun }> {
  const opened = await testDestination(inject('mariadb'), database, options);
  const target = targetFor(opened.settings, shape);
  await opened.destination.takeLedger('billing', 1, never);
  return { ...opened, target, copy: copyOf(target, 1) };
}

function copyOf(target: TargetTable, generation: number): CopyRun {
  return { pipeline: 'billing', target, generation, takenAt: '2026-11-21T09:00:00.123456Z', epoch: 1 };
}

function chunk(index: number, rows: readonly (readonly (string | null)[])[], rest: Partial<CopyChunk> = {}): CopyChunk {
  return { index, rows: rows.length, open: () => bytesOf(rows.map(encodeLine)), misfits: [], ...rest };
}

const rowsOf = (from: number, count: number): string[][] =>
  Array.from({ length: count }, (_, index) => [String(from + index), `row ${from + index}`]);

describe('a copy that is swapped in', () => {
  test('replaces the table with its chunks, each loaded once, and sets the mark', async () => {
    await using t = await prepared('copy_swap');
    await t.destination.createTable(t.target, never);
    await t.destination.merge(
      step(1, [keyedPart(t.target, [{ op: 'U', values: { id: '99', name: 'stale' } }])]),
      never,
    );
    await t.destination.beginCopy(t.copy, never);
    const chunks = [chunk(0, rowsOf(1, 3)), chunk(1, rowsOf(4, 2)), chunk(2, [])];
    const loaded = await Promise.all(chunks.map((one) => t.destination.copyChunk(t.copy, one, never)));
    expect(loaded.map((one) => one.alreadyLoaded)).toEqual([false, false, false]);
    await t.destination.beginCopy(t.copy, never);
    expect(await t.destination.copyChunk(t.copy, chunks[1]!, never)).toEqual({ alreadyLoaded: true });
    expect(await t.sql('SELECT id FROM t')).toEqual([{ id: 99 }]);
    await t.destination.finishCopy(t.copy, 7, never);
    expect(await t.sql('SELECT id FROM t ORDER BY id')).toEqual([1, 2, 3, 4, 5].map((id) => ({ id })));
    expect((await t.destination.ledger('billing', never)).tables).toEqual(new Map([['public.t', 7]]));
    expect(await tablesOf(t)).toEqual(['t', 't__staging']);
  });

  test('a chunk that fails, or is cut off, leaves nothing of it and can be loaded again', async () => {
    await using t = await prepared('copy_fails');
    await t.destination.beginCopy(t.copy, never);
    const misfits = [{ column: 'name', reason: 'too long', row: { id: '8', name: 'x' } }];
    const bad = chunk(
      0,
      [
        ['1', 'a'],
        ['x', 'b'],
      ],
      { misfits },
    );
    await expect(t.destination.copyChunk(t.copy, bad, never)).rejects.toMatchObject({
      code: 'PS4004',
      table: 'public.t',
    });
    const cut = chunk(0, rowsOf(1, 2), {
      open: async function* () {
        yield Buffer.from('1\ta\n2\t');
        await Promise.resolve();
        throw new Error('the store is gone');
      },
    });
    await expect(t.destination.copyChunk(t.copy, cut, never)).rejects.toThrow('the store is gone');
    const twice = chunk(0, [
      ['1', 'a'],
      ['1', 'b'],
    ]);
    await expect(t.destination.copyChunk(t.copy, twice, never)).rejects.toMatchObject({ code: 'PS4004' });
    expect(await t.sql('SELECT * FROM t__copy')).toEqual([]);
    expect(await t.sql('SELECT * FROM penstock_copy_chunks')).toEqual([]);
    expect(await t.sql('SELECT * FROM penstock_quarantine')).toEqual([]);
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 2), { misfits }), never);
    expect(await t.sql('SELECT col FROM penstock_quarantine')).toEqual([{ col: 'name' }]);
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__copy')).toEqual([{ n: 2 }]);
  });

  test('an aborted chunk ends at once and leaves nothing', async () => {
    await using t = await prepared('copy_abort');
    await t.destination.beginCopy(t.copy, never);
    const abort = new AbortController();
    const endless = chunk(0, rowsOf(1, 1), {
      open: async function* () {
        for (let id = 1; ; id++) {
          yield Buffer.from(`${id}\tx\n`);
          await new Promise((resolve) => setImmediate(resolve));
          if (id === 50) abort.abort(new Error('stop'));
        }
      },
    });
    await expect(t.destination.copyChunk(t.copy, endless, abort.signal)).rejects.toThrow('stop');
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 2)), never);
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__copy')).toEqual([{ n: 2 }]);
  });

  test('a newer generation drops the rows of an older one, whose late chunks are refused', async () => {
    await using t = await prepared('copy_generations');
    await t.destination.beginCopy(t.copy, never);
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 2)), never);
    const second = copyOf(t.target, 2);
    await t.destination.beginCopy(second, never);
    await expect(t.destination.copyChunk(t.copy, chunk(1, rowsOf(3, 2)), never)).rejects.toMatchObject({
      code: 'PS4006',
    });
    await expect(t.destination.beginCopy(t.copy, never)).rejects.toMatchObject({ code: 'PS4006' });
    expect(await t.destination.copyChunk(second, chunk(0, rowsOf(1, 1)), never)).toEqual({ alreadyLoaded: false });
    await expect(t.destination.finishCopy(t.copy, 1, never)).rejects.toMatchObject({ code: 'PS4006' });
    await t.destination.finishCopy(second, 1, never);
    expect(await t.sql('SELECT id FROM t')).toEqual([{ id: 1 }]);
  });

  test('a loader of an older epoch can neither load a chunk nor finish', async () => {
    await using t = await prepared('copy_fenced');
    await t.destination.beginCopy(t.copy, never);
    await t.again().takeLedger('billing', 2, never);
    await expect(t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 1)), never)).rejects.toMatchObject({
      code: 'PS4006',
    });
    await expect(t.destination.beginCopy(copyOf(t.target, 2), never)).rejects.toMatchObject({ code: 'PS4006' });
    await expect(t.destination.finishCopy(t.copy, 1, never)).rejects.toMatchObject({ code: 'PS4006' });
    const standing = await t.sql("SELECT copy_generation, copy_state FROM penstock_ledger WHERE tbl = 'public.t'");
    expect(standing).toEqual([{ copy_generation: 1, copy_state: 'loading' }]);
  });

  test('a loader of an older epoch does not touch the tables of a swap that was begun', async () => {
    await using t = await prepared('copy_fenced_swap');
    await t.destination.beginCopy(t.copy, never);
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 1)), never);
    await t.sql("UPDATE penstock_ledger SET copy_state = 'swapping' WHERE tbl = 'public.t'");
    await t.again().takeLedger('billing', 2, never);
    await expect(t.destination.finishCopy(t.copy, 1, never)).rejects.toMatchObject({ code: 'PS4006' });
    expect(await tablesOf(t)).toEqual(['t__copy']);
  });

  test('finishing again changes nothing, not even a mark that has moved on', async () => {
    await using t = await prepared('copy_twice');
    await t.destination.beginCopy(t.copy, never);
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 1)), never);
    await t.destination.finishCopy(t.copy, 3, never);
    const part = keyedPart(t.target, [{ op: 'U', values: { id: '5', name: 'later' } }]);
    await t.destination.merge(
      step(4, [part], { pipelineMark: null, tableMarks: [{ table: 'public.t', applied: 4 }] }),
      never,
    );
    await t.destination.beginCopy(t.copy, never);
    await t.destination.finishCopy(t.copy, 3, never);
    expect((await t.destination.ledger('billing', never)).tables).toEqual(new Map([['public.t', 4]]));
    expect(await t.sql('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 5 }]);
  });
});

describe('a swap that was cut off', () => {
  const HALF_WAY: Record<string, readonly string[]> = {
    'before the first rename': [],
    'after the table was moved away': ['ALTER TABLE t RENAME TO t__old'],
    'after the copy took its place': ['ALTER TABLE t RENAME TO t__old', 'ALTER TABLE t__copy RENAME TO t'],
    'after the old table was dropped': ['DROP TABLE t', 'ALTER TABLE t__copy RENAME TO t'],
    'with an empty table made in between': ['ALTER TABLE t RENAME TO t__old', 'CREATE TABLE t LIKE t__copy'],
    'of a first copy, with an empty table made meanwhile': ['DROP TABLE t', 'CREATE TABLE t LIKE t__copy'],
    'of a first copy': ['DROP TABLE t'],
  };

  for (const [name, done] of Object.entries(HALF_WAY)) {
    for (const then of ['finish', 'newer copy'] as const) {
      test(`${name} is repaired by a ${then}`, async () => {
        await using t = await prepared('copy_half_way');
        await t.destination.createTable(t.target, never);
        await t.sql("INSERT INTO t VALUES (99, 'old')");
        await t.destination.beginCopy(t.copy, never);
        await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 2)), never);
        await t.sql("UPDATE penstock_ledger SET copy_state = 'swapping' WHERE tbl = 'public.t'");
        for (const sql of done) await t.sql(sql);
        const next = t.again();
        if (then === 'finish') {
          await next.beginCopy(t.copy, never);
          await next.finishCopy(t.copy, 5, never);
          expect((await next.ledger('billing', never)).tables).toEqual(new Map([['public.t', 5]]));
        } else {
          await next.beginCopy(copyOf(t.target, 2), never);
          await t.sql('DROP TABLE t__copy');
        }
        expect(await t.sql('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
        expect(await tablesOf(t)).toEqual(['t']);
      });
    }
  }

  test('a copy whose tables were being made is made anew', async () => {
    await using t = await prepared('copy_preparing');
    await t.destination.beginCopy(t.copy, never);
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 2)), never);
    await t.sql("UPDATE penstock_ledger SET copy_generation = 2, copy_state = 'preparing' WHERE tbl = 'public.t'");
    await t.again().beginCopy(copyOf(t.target, 2), never);
    expect(await t.sql('SELECT * FROM t__copy')).toEqual([]);
  });
});

describe('truncate instead of drop', () => {
  test('loads straight into the emptied table and keeps it', async () => {
    await using t = await prepared('copy_truncate', SHAPE, { settings: { truncateInsteadOfDrop: true } });
    await t.destination.createTable(t.target, never);
    await t.sql("INSERT INTO t VALUES (99, 'old')");
    await t.sql("ALTER TABLE t COMMENT 'kept'");
    await t.destination.beginCopy(t.copy, never);
    await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 2)), never);
    await t.destination.beginCopy(t.copy, never);
    await t.destination.finishCopy(t.copy, 2, never);
    expect(await t.sql('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(
      await t.sql(
        "SELECT table_comment AS c FROM information_schema.tables WHERE table_schema = 'copy_truncate' AND table_name = 't'",
      ),
    ).toEqual([{ c: 'kept' }]);
    const wider = targetFor(t.settings, { ...SHAPE, columns: { ...SHAPE.columns, more: INTEGER } });
    await expect(t.destination.beginCopy(copyOf(wider, 2), never)).rejects.toMatchObject({ code: 'PS4005' });
  });
});

describe('a table without a key', () => {
  const KEYLESS: TableShape = { columns: { a: text(10), b: INTEGER }, key: null };
  const line = (...values: (string | null)[]): (string | null)[] => [rowHash(values), ...values];

  for (const truncateInsteadOfDrop of [false, true]) {
    test(`equal rows are numbered, also when numbering is done twice (truncate: ${truncateInsteadOfDrop})`, async () => {
      await using t = await prepared('copy_keyless', KEYLESS, { settings: { truncateInsteadOfDrop } });
      await t.destination.beginCopy(t.copy, never);
      await t.destination.copyChunk(t.copy, chunk(0, [line('x', '1'), line('x', '1'), line('y', null)]), never);
      await t.destination.copyChunk(t.copy, chunk(1, [line('x', '1')]), never);
      await t.sql("UPDATE penstock_ledger SET copy_state = 'numbering' WHERE tbl = 'public.t'");
      await t.sql(`INSERT INTO ${truncateInsteadOfDrop ? 't' : 't__copy'} VALUES ('half-way', 1, 'z', 1)`);
      await t.destination.finishCopy(t.copy, 1, never);
      expect(await t.sql('SELECT a, b, __ordinal AS n FROM t ORDER BY a, n')).toEqual([
        { a: 'x', b: 1, n: 1 },
        { a: 'x', b: 1, n: 2 },
        { a: 'x', b: 1, n: 3 },
        { a: 'y', b: null, n: 1 },
      ]);
      expect(await tablesOf(t)).toEqual(['t']);
    });
  }
});

test('copied rows of a history begin at the snapshot and are open', async () => {
  await using t = await prepared('copy_history', { ...SHAPE, transfer: 'history' });
  await t.destination.beginCopy(t.copy, never);
  await t.destination.copyChunk(t.copy, chunk(0, rowsOf(1, 1)), never);
  await t.destination.finishCopy(t.copy, 1, never);
  expect(await t.sql('SELECT * FROM t')).toEqual([
    {
      id: 1,
      name: 'row 1',
      valid_from: '2026-11-21 09:00:00.123456',
      valid_to: '9999-12-31 00:00:00.000000',
      __seq: 0,
    },
  ]);
});

async function tablesOf(t: TestDestination): Promise<unknown[]> {
  const rows = await t.sql("SHOW TABLES LIKE 't%'");
  return rows.map((row) => Object.values(row)[0]);
}
