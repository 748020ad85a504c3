import { expect, test } from 'vitest';
import { isStatement } from './remedy-kind.ts';

test('SQL is told from advice', () => {
  expect(isStatement('SET GLOBAL local_infile = ON;')).toBe(true);
  expect(isStatement("GRANT SELECT ON shop.* TO 'reader'@'%';")).toBe(true);
  expect(isStatement('Set the environment variable, or make the file.')).toBe(false);
  expect(isStatement('Update the server to 10.5.')).toBe(false);
});
