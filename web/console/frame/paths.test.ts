import { expect, test } from 'vitest';
import { instancePath, parsePath } from './paths.ts';

test('an address names its instance and its page', () => {
  expect(parsePath(instancePath('shop'))).toEqual({ instance: 'shop', page: '' });
  expect(parsePath(`${instancePath('shop', '/tables')}/`)).toEqual({ instance: 'shop', page: '/tables' });
  expect(parsePath('/')).toBeNull();
  expect(parsePath('/instances/%')).toBeNull();
});
