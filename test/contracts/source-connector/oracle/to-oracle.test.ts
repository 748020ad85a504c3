import { expect, it } from 'vitest';
import { enabling, madeTable, toOracle } from './to-oracle.ts';

it.each([
  ['ALTER TABLE t ADD COLUMN n INTEGER', 'ALTER TABLE "t" ADD "n" INTEGER'],
  [`ALTER TABLE t ALTER COLUMN n SET DEFAULT 'x'`, `ALTER TABLE "t" MODIFY ("n" DEFAULT 'x')`],
  [
    'ALTER TABLE t ADD COLUMN c INTEGER GENERATED ALWAYS AS (n * 2) STORED',
    'ALTER TABLE "t" ADD "c" INTEGER GENERATED ALWAYS AS ("n" * 2) VIRTUAL',
  ],
  [
    'DROP TABLE IF EXISTS t',
    `BEGIN EXECUTE IMMEDIATE 'DROP TABLE "t"'; EXCEPTION WHEN OTHERS THEN IF SQLCODE <> -942 THEN RAISE; END IF; END;`,
  ],
  [
    `INSERT INTO t (id, t) VALUES (1, 'a), ('), (2, LOWER('B'))`,
    `INSERT INTO "t" ("id", "t") SELECT 1, 'a), (' FROM DUAL UNION ALL SELECT 2, LOWER('B') FROM DUAL`,
  ],
  [`INSERT INTO t (id, t) VALUES (1, 'a');`, `INSERT INTO "t" ("id", "t") VALUES (1, 'a')`],
  [
    'INSERT INTO t (id) SELECT i FROM (SELECT 1 AS i FROM DUAL) numbers',
    'INSERT INTO "t" ("id") SELECT "i" FROM (SELECT 1 AS "i" FROM DUAL) "numbers"',
  ],
  ['SAVEPOINT a', 'SAVEPOINT "a"'],
  ['ROLLBACK TO SAVEPOINT a', 'ROLLBACK TO SAVEPOINT "a"'],
  // SQL of Oracle.
  [
    'ALTER TABLE "s"."t" ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;',
    'ALTER TABLE "s"."t" ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS',
  ],
  ['BEGIN NULL; END;', 'BEGIN NULL; END;'],
])('%s', (standard, text) => {
  expect(toOracle(standard)).toEqual({ text, binds: [] });
});

it('binds literals that are longer than a statement may have them', () => {
  const [long, hex] = ["it''s ".repeat(1000), 'AB'.repeat(4000)];
  const { text, binds } = toOracle(
    `INSERT INTO t (a, b, c, d) VALUES ('short', '${long}', N'${'日'.repeat(1400)}', HEXTORAW('${hex}'))`,
  );
  expect(text).toBe(`INSERT INTO "t" ("a", "b", "c", "d") VALUES ('short', :long1, :long2, :long3)`);
  expect(binds).toEqual([
    { name: 'long1', type: 'CLOB', text: "it's ".repeat(1000) },
    { name: 'long2', type: 'NCLOB', text: '日'.repeat(1400) },
    { name: 'long3', type: 'BLOB', text: hex },
  ]);
});

it('has a table logged and readable that is made', () => {
  expect(madeTable('CREATE TABLE t (id INTEGER)')).toBe('t');
  expect(madeTable('DROP TABLE t')).toBeNull();
  expect(enabling('S', 't', 'R')).toEqual([
    'ALTER TABLE "S"."t" ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS',
    'GRANT SELECT, FLASHBACK ON "S"."t" TO "R"',
  ]);
});
