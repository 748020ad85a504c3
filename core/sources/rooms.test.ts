import { readdirSync, readFileSync } from 'node:fs';
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

/** Every file of the core that is of no source: what all share. */
function sharedFiles(): string[] {
  const core = new URL('../', import.meta.url);
  return readdirSync(core, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^sources\/[^/]+\//.test(name),
  );
}

it('is known by two lists, and by nothing else in the core', () => {
  const folders = SOURCE_KINDS.map(({ type }) => type).join('|');
  const into = new RegExp(`from '[^']*/(?:${folders})/|import\\('[^']*/(?:${folders})/`);
  const found = sharedFiles().filter((name) => into.test(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')));
  expect(found.sort()).toEqual(['sources/kinds.ts', 'sources/registry.ts']);
});

it.each(['sqlserver'])('%s is not even named elsewhere', (type) => {
  const named = new RegExp(`\\b(?:${type}|sql server|mssql|tedious)\\b`, 'i');
  const found = sharedFiles().filter((name) =>
    named.test(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')),
  );
  expect(found.sort()).toEqual(['sources/kinds.ts', 'sources/registry.ts']);
});
