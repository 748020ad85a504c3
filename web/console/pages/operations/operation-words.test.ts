import { expect, test } from 'vitest';
import { operationTitle, tablesText } from './operation-words.ts';

test('an operation is told with what was asked for', () => {
  expect(operationTitle({ request: { kind: 'rollback', to: 12, tables: null, dryRun: true } })).toBe(
    'Rollback to 12 (dry run)',
  );
  expect(operationTitle({ request: { kind: 'manual-delta' } })).toBe('Manual Delta');
  expect(operationTitle({ request: { kind: 'verify', tables: null, repair: true } })).toBe('Verify and repair');
});

test('a few tables are named, many are counted', () => {
  expect(tablesText({ request: { kind: 'full-extract', tables: null } })).toBe('all chosen tables');
  expect(tablesText({ request: { kind: 'full-extract', tables: ['s.a', 's.b'] } })).toBe('s.a, s.b');
  expect(tablesText({ request: { kind: 'full-extract', tables: ['s.a', 's.b', 's.c', 's.d'] } })).toBe(
    's.a, s.b, s.c and 1 more',
  );
});
