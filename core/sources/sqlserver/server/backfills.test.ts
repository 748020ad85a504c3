import { expect, it } from 'vitest';
import { constantOf } from './backfills.ts';

it.each([
  ['((5))', '5'],
  ['((-1.50))', '-1.50'],
  [`('text')`, 'text'],
  [`(N'it''s')`, `it's`],
  [`('')`, ''],
  ['(getdate())', null],
  ['(NEXT VALUE FOR [dbo].[s])', null],
  [`(N'a'+N'b')`, null],
  ['((1)+(2))', null],
  ['(NULL)', null],
])('%s: %j', (definition, constant) => {
  expect(constantOf(definition)).toBe(constant);
});
