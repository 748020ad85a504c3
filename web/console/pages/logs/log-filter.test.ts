import { expect, test } from 'vitest';
import { detailsOf, filterQuery } from './log-filter.ts';

test('a filter that limits nothing asks for everything', () => {
  expect(filterQuery({ kind: 'all', level: 'info', search: '' })).toEqual({});
  expect(filterQuery({ kind: 'errors', level: 'warn', search: 'slot' })).toEqual({
    kind: 'errors',
    level: 'warn',
    search: 'slot',
  });
});

test('details are told with their names, without what is empty', () => {
  expect(detailsOf({ fields: { table: 'public.a', rows: 0, error: null, reason: '' } })).toBe('table=public.a rows=0');
});
