import { expect, test } from 'vitest';
import { addressOf } from './client.ts';
import { withQuery } from './request.ts';

test('the names in a path are filled in, with any letter that they hold', () => {
  expect(addressOf('GET /session', {})).toEqual({ method: 'GET', path: '/api/v1/session' });
  expect(addressOf('GET /instances/{name}/tables/{table}', { name: 'shop', table: 'public."a/b?c"' })).toEqual({
    method: 'GET',
    path: '/api/v1/instances/shop/tables/public.%22a%2Fb%3Fc%22',
  });
});

test('a query leaves out what is not given', () => {
  expect(withQuery('/x', { search: 'a b&c', after: undefined, limit: 5, schema: null, selected: '' })).toBe(
    '/x?search=a+b%26c&limit=5',
  );
  expect(withQuery('/x', {})).toBe('/x');
});
