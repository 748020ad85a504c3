import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedPages } from './generated-pages.ts';

/** Writes the pages that are made from the source; a test fails when one of them is stale. */
const root = join(import.meta.dirname, '..');
for (const { path, text } of await generatedPages()) {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before !== text) await writeFile(file, text);
  process.stderr.write(`${before === text ? 'unchanged' : 'written  '}  ${path}\n`);
}
