import { expect, test } from 'vitest';
import { keyColumns, withKeyColumn } from './key-choice.ts';

const COLUMNS = ['id', 'name', 'place'];

test('the key of the table holds until columns are chosen, and again when they are the same', () => {
  expect(keyColumns(null, ['id'])).toEqual(['id']);
  expect(keyColumns(['name'], ['id'])).toEqual(['name']);
  const both = withKeyColumn(['id'], ['id'], COLUMNS, 'name', true);
  expect(both).toEqual(['id', 'name']);
  expect(withKeyColumn(both ?? [], ['id'], COLUMNS, 'name', false)).toBeNull();
  expect(withKeyColumn(['name'], null, COLUMNS, 'name', false)).toBeNull();
  expect(withKeyColumn(['place'], null, COLUMNS, 'id', true)).toEqual(['id', 'place']);
});
