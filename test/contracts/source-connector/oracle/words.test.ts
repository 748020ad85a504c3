import { expect, it } from 'vitest';
import { inOracleWords } from './words.ts';

it('quotes names, and nothing in strings, comments and quotes', () => {
  expect(inOracleWords(`UPDATE busy SET name = 'it''s a "name"', n1 = n1 + 1 WHERE "Id" = 1 -- the last`)).toBe(
    `UPDATE "busy" SET "name" = 'it''s a "name"', "n1" = "n1" + 1 WHERE "Id" = 1 -- the last`,
  );
  expect(inOracleWords('CREATE TABLE k0 (v NUMBER(10,2), PRIMARY KEY (v))')).toBe(
    'CREATE TABLE "k0" ("v" NUMBER(10,2), PRIMARY KEY ("v"))',
  );
});

it('leaves functions, and names that another word begins with', () => {
  expect(inOracleWords(`SELECT count(*), LOWER(v) FROM t WHERE t IS NOT NULL`)).toBe(
    `SELECT count(*), LOWER("v") FROM "t" WHERE "t" IS NOT NULL`,
  );
});
