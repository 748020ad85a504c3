import { expect, test } from 'vitest';
import { INTEGER, targetFor, text, TEXT, type TableShape } from '../../../test/fixtures/destination-tables.ts';
import type { TargetTable } from '../target-table.ts';
import { destinationSettings } from './settings.ts';
import { dialectOf, type Dialect } from './dialect.ts';
import { loadSql } from './line-load.ts';
import { createOwnTables } from './own-tables.ts';
import { mergeStatements, type PartShape } from './merge-sql.ts';
import { repairStatements } from './repair-sql.ts';
import { collectStatements, finishStatements, unknownSql } from './replay-sql.ts';
import {
  addColumnSql,
  createRawCopySql,
  createReplaySql,
  createStagingSql,
  createTargetSql,
  renameColumnSql,
  renameSql,
  unfitSql,
  widenColumnSql,
} from './table-sql.ts';
import { checksumSql, digestsSql, overlapsSql, rowsSql } from './verify.ts';

const SETTINGS = destinationSettings.parse({
  type: 'singlestore',
  host: 'h',
  user: 'u',
  database: 'shop',
  password: { env: 'X' },
});
const SINGLESTORE = dialectOf('5.7.32', '8.9.1');
const KEYED: TableShape = {
  name: 'orders',
  columns: {
    id: INTEGER,
    region: text(10),
    total: { tag: 'decimal', precision: 10, scale: 2 },
    milli: { tag: 'datetime', fraction: 3 },
    note: TEXT,
    raw: { tag: 'binary', maxBytes: null },
    ratio: { tag: 'double' },
  },
  key: ['id', 'region'],
  backfill: { note: "it's", total: '1.50', raw: '00ff' },
};
const KEYLESS: TableShape = { name: 'events', columns: { a: INTEGER, b: TEXT }, key: null };

/** All statements of a table, as they are sent. The texts for SingleStore were never run: a change here is to be looked at. */
function statements(shape: TableShape, dialect: Dialect): string {
  const target = targetFor(SETTINGS, shape);
  const columns = target.columns.map((column) => column.name);
  const part = { target, columns, truncatedAt: '2026-11-21 09:00:00.000000', load: 42n, upserts: 1, deletes: 1 };
  const merges = [false, ...(shape.key === null ? [] : [true])].flatMap((hasAbsent) => [
    `-- merge${hasAbsent ? ', some values absent' : ''}`,
    ...mergeStatements({ ...part, hasAbsent }, dialect).map((statement) => statement.sql),
  ]);
  const range = { tag: 'key', column: columns[0] ?? '', compareAs: 'number', after: '1', upTo: '9' } as const;
  const added = target.columns.filter((column) => column.backfill !== null);
  return [
    '-- tables',
    createTargetSql(target, target.name, dialect),
    createStagingSql(target, dialect).sql.replace(/[0-9a-f]{16}/, '…'),
    ...(shape.key === null ? [createRawCopySql(target, dialect)] : []),
    '-- structure',
    ...added.flatMap((column) => [
      addColumnSql(target, column, target.name, dialect),
      widenColumnSql(target, column, target.name, dialect),
    ]),
    renameSql(target.database, target.name, 'other'),
    renameColumnSql(target, 'was', 'is', dialect),
    ...target.columns.map(({ name, type }) => unfitSql(target, name, type, dialect)),
    '-- load',
    loadSql('`shop`.`x`', target.columns, [{ name: '__load', value: 42n }]),
    ...merges,
    ...(shape.key === null ? [] : replay(target, part, dialect)),
    '-- verification',
    checksumSql(target, range, dialect),
    digestsSql(target, range, dialect),
    ...(target.keeping.tag === 'history' ? [overlapsSql(target, target.keeping, range)] : []),
    ...(shape.key === null ? [] : repair(target, dialect)),
  ]
    .map((sql) => (sql.startsWith('--') ? `\n${sql}` : `${sql};`))
    .join('\n');
}

function replay(target: TargetTable, part: Omit<PartShape, 'hasAbsent'>, dialect: Dialect): string[] {
  const finish = (hasUnknown: boolean) => finishStatements(target, { hasUnknown, emptied: true, from: 7 }, dialect);
  const collected = { ...part, extract: 9, from: 7 };
  return [
    '-- replay',
    createReplaySql(target, dialect).sql.replace(/[0-9a-f]{16}/, '…'),
    ...collectStatements({ ...collected, columns: part.columns.slice(0, 5), hasAbsent: true, setAside: 45n }, dialect),
    unknownSql(target),
    ...finish(true).map(({ sql }) => sql),
    '-- replay, all values known',
    ...collectStatements({ ...collected, truncatedAt: null, hasAbsent: false, setAside: null }, dialect),
    ...finish(false).map(({ sql }) => sql),
  ];
}

function repair(target: TargetTable, dialect: Dialect): string[] {
  const statements = repairStatements({ target, fetched: 43n, asked: 44n }, dialect);
  return [rowsSql(target, [['1', 'a']], dialect), '-- repair', ...statements.map(({ sql }) => sql)];
}

test('statements for SingleStore', async () => {
  const own = createOwnTables('shop', SINGLESTORE).map((sql) => `${sql};`);
  const texts = [
    "-- What is sent to a SingleStore. Written by sql-texts.test.ts, never run on a SingleStore by the project's tests.",
    ...SINGLESTORE.session.map((sql) => `${sql};`),
    ...own,
    `\n-- A MIRROR${statements(KEYED, SINGLESTORE)}`,
    `\n-- A HISTORY${statements({ ...KEYED, name: 'prices', transfer: 'history' }, SINGLESTORE)}`,
    `\n-- WITHOUT A KEY${statements(KEYLESS, SINGLESTORE)}`,
  ];
  await expect(`${texts.join('\n')}\n`).toMatchFileSnapshot('./sql-texts.singlestore.sql');
});

test('nothing of SingleStore goes to its stand-ins, and no statement holds a construct that SingleStore refuses', () => {
  const mariadb = dialectOf('10.11.19-MariaDB', null);
  const mysql = dialectOf('8.0.36', null);
  for (const shape of [KEYED, KEYLESS, { ...KEYED, transfer: 'history' as const }]) {
    for (const dialect of [mariadb, mysql]) {
      expect(statements(shape, dialect)).not.toMatch(/SHARD KEY|SORT KEY|ROWSTORE|:>/);
      expect(statements(shape, dialect)).toContain(dialect.textCollation);
    }
    const singlestore = statements(shape, SINGLESTORE);
    expect(singlestore).not.toMatch(
      /STRAIGHT_JOIN|LOCK IN SHARE MODE|ENGINE=|REPLACE INTO|MERGE INTO|nopad|DATETIME\(3\)/,
    );
    // A key column is never the target of an update.
    expect(singlestore).not.toMatch(/ON DUPLICATE KEY UPDATE `id`/);
  }
});

test('texts depend on the table and the kind of part only, but for the tag', () => {
  const target = targetFor(SETTINGS, KEYED);
  const columns = target.columns.map((column) => column.name);
  const texts = [1n, 2n].map((load) =>
    mergeStatements(
      { target, columns, truncatedAt: null, hasAbsent: true, load, upserts: Number(load), deletes: 9 },
      SINGLESTORE,
    )
      .map((statement) => statement.sql.replaceAll(`= ${load}`, '= ?'))
      .join(';'),
  );
  expect(texts[0]).toBe(texts[1]);
});
