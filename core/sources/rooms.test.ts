import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SOURCE_KINDS } from './kinds.ts';

/** The files of a source that stand at its folder's top; what only it has is in folders below. */
function rooms(type: string): string[] {
  return readdirSync(new URL(`./${type}/`, import.meta.url)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
}

it('gives every source the same rooms, so that who knows one finds his way in another', () => {
  const [first, ...others] = SOURCE_KINDS.map(({ type }) => rooms(type));
  expect(first?.length).toBeGreaterThan(30);
  for (const other of others) expect(other).toEqual(first);
});
