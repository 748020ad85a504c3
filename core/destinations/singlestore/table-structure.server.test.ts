import { expect, inject, test } from 'vitest';
import {
  INTEGER,
  keyedPart,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
} from '../../../test/fixtures/destination-tables.ts';
import type { ColumnType } from '../../changes/column-type.ts';

const never = new AbortController().signal;

test('creates every type, and describes it', async () => {
  await using t = await testDestination(inject('mariadb'), 'structure_types');
  const columns: Record<string, ColumnType> = {
    id: INTEGER,
    flag: { tag: 'boolean' },
    tiny: { tag: 'integer', bits: 8, unsigned: true },
    amount: { tag: 'decimal', precision: 65, scale: 30 },
    ratio: { tag: 'double' },
    day: { tag: 'date' },
    hour: { tag: 'time', fraction: 6 },
    moment: { tag: 'datetime', fraction: 0 },
    short: text(512),
    long: text(513),
    bytes: { tag: 'binary', maxBytes: 20 },
    blob: { tag: 'binary', maxBytes: null },
  };
  const target = targetFor(t.settings, { columns, key: ['id'] });
  expect(await t.destination.describe(target, never)).toBeNull();
  await t.destination.createTable(target, never);
  await t.destination.createTable(target, never);
  const described = (await t.destination.describe(target, never))?.map(({ name, type, nullable }) => [
    name,
    type,
    nullable,
  ]);
  expect(described).toEqual([
    ['id', 'bigint(20)', false],
    ['flag', 'tinyint(1)', true],
    ['tiny', 'tinyint(3) unsigned', true],
    ['amount', 'decimal(65,30)', true],
    ['ratio', 'double', true],
    ['day', 'date', true],
    ['hour', 'time(6)', true],
    ['moment', 'datetime', true],
    ['short', 'varchar(512)', true],
    ['long', 'longtext', true],
    ['bytes', 'varbinary(20)', true],
    ['blob', 'longblob', true],
  ]);
});

test('tables as wide as they come are accepted, with their staging tables', async () => {
  await using t = await testDestination(inject('mariadb'), 'structure_wide');
  await t.destination.takeLedger('billing', 1, never);
  const many = (count: number, type: ColumnType): Record<string, ColumnType> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, type]));
  const shapes = [
    { name: 'texts', columns: { ...many(180, text(500)) }, key: ['c0'] },
    { name: 'short_texts', columns: { ...many(180, text(60)) }, key: ['c0'] },
    { name: 'binaries', columns: { ...many(150, { tag: 'binary', maxBytes: 1000 }) }, key: ['c0'] },
    { name: 'text_keys', columns: { ...many(20, TEXT), n: INTEGER }, key: ['c0', 'c1', 'n', 'c2'] },
    { name: 'text_key_history', columns: { ...many(3, TEXT) }, key: ['c0'], transfer: 'history' as const },
    { name: 'numbers', columns: { ...many(500, INTEGER) }, key: ['c0'] },
    { name: 'no_key', columns: { ...many(100, text(255)) }, key: null },
  ];
  for (const [index, shape] of shapes.entries()) {
    const target = targetFor(t.settings, shape);
    await t.destination.createTable(target, never);
    if (shape.key === null) continue;
    const values = Object.fromEntries(shape.key.map((name) => [name, '10']));
    await t.destination.merge(step(index + 1, [keyedPart(target, [{ op: 'U', values }])]), never);
  }
});

test('widens a column, safe to repeat, and loads what did not fit before', async () => {
  await using t = await testDestination(inject('mariadb'), 'structure_widen');
  const narrow = {
    columns: { id: { tag: 'integer', bits: 32, unsigned: false }, name: text(3) },
    key: ['id'],
  } as const;
  const target = targetFor(t.settings, narrow);
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  const long = { op: 'U', values: { id: '3000000000', name: 'abcd' } } as const;
  await expect(t.destination.merge(step(1, [keyedPart(target, [long])]), never)).rejects.toMatchObject({
    code: 'PS4004',
  });
  const wide = targetFor(t.settings, { columns: { id: INTEGER, name: TEXT }, key: ['id'] });
  for (const column of ['id', 'name', 'name'])
    await t.destination.applyStructure(wide, { tag: 'widen', column }, never);
  await t.destination.merge(step(1, [keyedPart(wide, [long])]), never);
  expect(await t.sql('SELECT * FROM t')).toEqual([{ id: 3000000000, name: 'abcd' }]);
});

test('a column cannot be added by itself where rows are told apart by all columns', async () => {
  await using t = await testDestination(inject('mariadb'), 'structure_keyless');
  const target = targetFor(t.settings, { columns: { a: INTEGER, b: INTEGER }, key: null });
  await t.destination.createTable(target, never);
  await expect(t.destination.applyStructure(target, { tag: 'add', column: 'b' }, never)).rejects.toMatchObject({
    code: 'PS4005',
    table: 'public.t',
  });
});

test('targets, ledger and staging tables stand where the settings put them, and staging tables are dropped or kept', async () => {
  const settings = { schemaForAllTables: 'structure_all', schemaForStagingTables: 'structure_stage' };
  for (const retainStagingTables of [true, false]) {
    await using t = await testDestination(inject('mariadb'), 'structure_places', {
      settings: { ...settings, retainStagingTables },
    });
    for (const database of ['structure_all', 'structure_stage']) await t.sql(`DROP DATABASE IF EXISTS ${database}`);
    const target = targetFor(t.settings, { columns: { id: INTEGER }, key: ['id'] });
    await t.destination.takeLedger('billing', 1, never);
    await t.destination.createTable(target, never);
    await t.destination.merge(step(1, [keyedPart(target, [{ op: 'U', values: { id: '1' } }])]), never);
    expect(await t.sql('SELECT * FROM structure_all.t')).toEqual([{ id: 1 }]);
    expect(await t.sql('SELECT applied FROM structure_all.penstock_ledger')).toEqual([{ applied: 1 }]);
    await t.destination.dropStaging([target], never);
    expect(await t.sql("SHOW TABLES FROM structure_stage LIKE 't%'")).toHaveLength(retainStagingTables ? 1 : 0);
    await t.destination.merge(step(2, [keyedPart(target, [{ op: 'U', values: { id: '2' } }])]), never);
  }
});

test('check tells what is right, and what is wrong with its remedy', async () => {
  const server = inject('mariadb');
  await using t = await testDestination(server, 'structure_check');
  const findings = await t.destination.check(never);
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
    ['singlestore.connection', 'ok'],
    ['singlestore.local_infile', 'ok'],
    ['singlestore.rights', 'ok'],
  ]);
  await t.sql("CREATE OR REPLACE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'p'");
  await t.sql("GRANT SELECT ON structure_check.* TO 'reader'@'127.0.0.1'");
  for (const [user, password, expected] of [
    ['reader', 'p', ['ok', 'ok', 'error']],
    ['reader', 'wrong', ['error']],
  ] as const) {
    await using other = await testDestination(server, 'structure_check', { settings: { user }, password });
    const wrong = await other.destination.check(never);
    expect(wrong.map((finding) => finding.severity)).toEqual(expected);
    expect(wrong.at(-1)?.remedy).toBeTruthy();
    expect(JSON.stringify(wrong)).not.toContain(`"${password}"`);
  }
});

test('renames columns, and narrows them where every value stays as it is', async () => {
  await using t = await testDestination(inject('mariadb'), 'structure_narrow');
  const decimal = (precision: number, scale: number): ColumnType => ({ tag: 'decimal', precision, scale });
  const wide: Record<string, ColumnType> = {
    id: INTEGER,
    name: text(20),
    amount: decimal(8, 2),
    n: INTEGER,
    raw: { tag: 'binary', maxBytes: 8 },
    at: { tag: 'datetime', fraction: 6 },
    hour: { tag: 'time', fraction: 3 },
  };
  const narrow: Record<string, ColumnType> = {
    id: INTEGER,
    title: text(5),
    amount: decimal(6, 1),
    n: { tag: 'integer', bits: 8, unsigned: false },
    raw: { tag: 'binary', maxBytes: 2 },
    at: { tag: 'datetime', fraction: 0 },
    hour: { tag: 'time', fraction: 0 },
  };
  await t.destination.createTable(targetFor(t.settings, { columns: wide, key: ['id'] }), never);
  const target = targetFor(t.settings, { columns: narrow, key: ['id'] });
  await t.sql(`INSERT INTO t VALUES (1, 'ééééé', 12345.10, -128, X'FFFF', '2026-01-01 00:00:00', '-01:00:00'), (2, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, 'sixsix', 123456.00, 128, X'010203', '2026-01-01 00:00:00.5', '01:00:00.001'), (4, '', 0.05, 0, '', '2026-01-01 00:00:01', '00:00:00')`);
  const unfit = async (): Promise<number[]> =>
    Promise.all(
      target.columns.map(({ name }) => t.destination.unfitRows(target, name, name === 'title' ? 'name' : name, never)),
    );
  expect(await unfit()).toEqual([0, 1, 2, 1, 1, 1, 1]);
  await t.sql('DELETE FROM t WHERE id > 2');
  expect(await unfit()).toEqual([0, 0, 0, 0, 0, 0, 0]);
  const before = await t.sql('SELECT id, name AS title, amount + 0 AS amount, n, HEX(raw) AS raw FROM t ORDER BY id');
  const rename = { tag: 'rename', column: 'title', from: 'name' } as const;
  for (let time = 1; time <= 2; time++) {
    await t.destination.applyStructure(target, rename, never);
    for (const column of ['title', 'amount', 'n', 'raw', 'at', 'hour']) {
      await t.destination.applyStructure(target, { tag: 'narrow', column }, never);
    }
  }
  const after = await t.sql('SELECT id, title, amount + 0.00 AS amount, n, HEX(raw) AS raw FROM t ORDER BY id');
  expect(after).toEqual(before);
  expect((await t.destination.describe(target, never))?.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...['id bigint(20)', 'title varchar(5)', 'amount decimal(6,1)', 'n tinyint(4)', 'raw varbinary(2)'],
    ...['at datetime', 'hour time'],
  ]);
});
