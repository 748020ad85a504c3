import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SOURCE_KINDS } from './kinds.ts';

/** The folders of sources. One may serve several kinds, which its settings tell apart: Oracle has six. */
const FOLDERS = readdirSync(new URL('./', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** The files of a source that stand at its folder's top; what only it has is in folders below. */
function rooms(folder: string): string[] {
  return readdirSync(new URL(`./${folder}/`, import.meta.url)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
}

it('gives every source the same rooms, so that who knows one finds his way in another', () => {
  const [first, ...others] = FOLDERS.map((folder) => ({ folder, rooms: rooms(folder) }));
  expect(first?.rooms.length).toBeGreaterThan(30);
  for (const other of others) expect(other).toEqual({ ...other, rooms: first?.rooms });
});

it.each(FOLDERS)('%s is the folder of the kind of its name, which may stand for more', (folder) => {
  expect(SOURCE_KINDS.map(({ type }) => type)).toContain(folder);
});

it.each(SOURCE_KINDS)('$type has a folder: its own, or that of the kind whose name its own begins with', ({ type }) => {
  expect(FOLDERS.filter((folder) => type === folder || new RegExp(`^${folder}[A-Z0-9]`).test(type))).toHaveLength(1);
});

/** Every file of the core that is of no source: what all share. */
function sharedFiles(): string[] {
  const core = new URL('../', import.meta.url);
  return readdirSync(core, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^sources\/[^/]+\//.test(name),
  );
}

it('is known by two lists, and by nothing else in the core', () => {
  const folders = FOLDERS.join('|');
  const into = new RegExp(`from '[^']*/(?:${folders})/|import\\('[^']*/(?:${folders})/`);
  const found = sharedFiles().filter((name) => into.test(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')));
  expect(found.sort()).toEqual(['sources/kinds.ts', 'sources/registry.ts']);
});

/** What a source that came after the first ones is called, with its driver. */
const NAMES = {
  sqlserver: /\b(?:sqlserver|sql server|mssql|tedious)\b/i,
  oracle: /oracle/i,
};

/** Of an event that people of the product that was there before wait for; nothing says it. */
const NAMED_FOR_PEOPLE: readonly string[] = ['events/flow-events.ts'];

it.each(Object.keys(NAMES) as (keyof typeof NAMES)[])('%s is not even named elsewhere', (folder) => {
  expect(existsSync(new URL(`./${folder}/definition.ts`, import.meta.url))).toBe(true);
  const found = sharedFiles()
    .filter((name) => NAMES[folder].test(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')))
    .filter((name) => !NAMED_FOR_PEOPLE.includes(name));
  expect(found.sort()).toEqual(['sources/kinds.ts', 'sources/registry.ts']);
});
