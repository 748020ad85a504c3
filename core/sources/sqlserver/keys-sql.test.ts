import { expect, it } from 'vitest';
import { keysCondition } from './keys-sql.ts';
import { BoundValues } from './statements/bound-values.ts';
import type { SourceType } from './values/source-type.ts';

it.each<[SourceType, string]>([
  [{ tag: 'integer', bits: 16 }, '[k] IN (TRY_CONVERT(bigint, @p1), TRY_CONVERT(bigint, @p2))'],
  [{ tag: 'date' }, '[k] IN (TRY_CONVERT(date, @p1, 23), TRY_CONVERT(date, @p2, 23))'],
  [{ tag: 'varchar', isUnicode: true, characters: 5 }, '[k] IN (@p1, @p2)'],
  // No text is tried as a path: it is read, or the statement fails.
  [{ tag: 'hierarchyid' }, '[k].ToString() IN (@p1, @p2)'],
  [{ tag: 'xml' }, 'CONVERT(nvarchar(max), [k]) IN (@p1, @p2)'],
])('a text that is no value of %j is the key of no row, and no error', (type, sql) => {
  const bound = new BoundValues();
  expect(keysCondition([{ name: 'k', type }], [['1'], ['no value']], bound)).toBe(sql);
  expect(bound.sql('').parameters).toEqual(['1', 'no value']);
});
