import { expect, it } from 'vitest';
import { tableQuery } from '../../../api/schemas/tables.ts';
import { standingIn, standingOf, STANDINGS } from './standing-filter.ts';

it('an address names what is looked for; what it does not know is all tables', () => {
  expect(standingIn('?standing=stopped')).toBe('stopped');
  expect(standingIn('standing=verified-different')).toBe('verified-different');
  expect(standingIn('standing=nonsense')).toBe('');
  expect(standingIn('')).toBe('');
});

it('every choice is one that the API knows', () => {
  for (const { value, standing } of STANDINGS) {
    expect(tableQuery.safeParse(standingOf(value))).toMatchObject({ success: true, data: standing });
  }
});
