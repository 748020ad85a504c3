import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generatedPages } from './generated-pages.ts';

it('the generated pages are as the source makes them (else: npm run docs)', async () => {
  for (const { path, text } of await generatedPages()) {
    expect(await readFile(join(import.meta.dirname, '..', path), 'utf8'), path).toBe(text);
  }
});
