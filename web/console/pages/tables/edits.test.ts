import { expect, test } from 'vitest';
import type { TableOptions } from '../../../api/schemas/tables.ts';
import { changesOf, chosenOf, DEFAULT_OPTIONS, withStep, type Edits } from './edits.ts';

const NONE: Edits = new Map();
const saved = { id: 'public.orders', selected: true, options: { ...DEFAULT_OPTIONS, mask: ['note'] } };
type Saved = Parameters<typeof withStep>[1][number];
const withSelected = (edits: Edits, table: Saved, selected: boolean) => withStep(edits, [table], { selected });
const withOptions = (edits: Edits, table: Saved, options: Partial<TableOptions>) =>
  withStep(edits, [table], { options });
const fresh = { id: 'public.items', selected: false, options: null };

test('what is set back to what was saved is no change', () => {
  const off = withSelected(NONE, saved, false);
  expect(changesOf(off)).toEqual([{ table: 'public.orders', selected: false }]);
  expect(changesOf(withSelected(off, saved, true))).toEqual([]);
  const masked = withOptions(NONE, saved, { mask: ['note', 'name'] });
  expect(chosenOf(masked, saved).options.mask).toEqual(['note', 'name']);
  expect(changesOf(withOptions(masked, saved, { mask: ['note'] }))).toEqual([]);
});

test('options choose a table that is not chosen yet; a table that is not chosen keeps none', () => {
  const edits = withOptions(NONE, fresh, { transfer: 'history' });
  expect(changesOf(edits)).toEqual([{ table: 'public.items', selected: true, options: { transfer: 'history' } }]);
  expect(changesOf(withSelected(edits, fresh, false))).toEqual([]);
  expect(changesOf(withOptions(NONE, fresh, {}))).toEqual([{ table: 'public.items', selected: true }]);
});

test('changes of several options add up', () => {
  const edits = withOptions(withOptions(NONE, saved, { where: 'id > 5' }), saved, { transfer: 'history' });
  expect(changesOf(edits)).toEqual([{ table: 'public.orders', options: { where: 'id > 5', transfer: 'history' } }]);
});

test('one step changes ten thousand tables', () => {
  const tables = Array.from({ length: 10_000 }, (_none, index) => ({ ...fresh, id: `public.t${index}` }));
  const edits = withStep(NONE, tables, { selected: true });
  expect(edits.size).toBe(10_000);
  expect(withStep(edits, tables, { selected: false }).size).toBe(0);
});
