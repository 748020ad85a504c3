import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import * as z from 'zod';

const DIST = join(import.meta.dirname, '../../web/console/dist');
const LIMIT = 400_000;

const manifestSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    css: z.array(z.string()).default([]),
    imports: z.array(z.string()).default([]),
    isEntry: z.boolean().default(false),
  }),
);
type Manifest = z.infer<typeof manifestSchema>;

const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')));

/** Every file that is loaded with these modules, each once. */
function filesOf(names: readonly string[], seen = new Set<string>()): Set<string> {
  const files = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) continue;
    seen.add(name);
    const chunk: Manifest[string] | undefined = manifest[name];
    if (chunk === undefined) throw new Error(`${name} is not in the manifest`);
    for (const file of [chunk.file, ...chunk.css, ...filesOf(chunk.imports, seen)]) files.add(file);
  }
  return files;
}

function compressedBytes(files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).byteLength, 0);
}

test('the first load stays small: what index.html loads, and with it the start page or the dashboard', () => {
  const entry = Object.keys(manifest).filter((name) => manifest[name]?.isEntry);
  const first = compressedBytes(['index.html', ...filesOf(entry)]);
  const dashboard = compressedBytes(['index.html', ...filesOf([...entry, 'pages/dashboard/page.tsx'])]);
  const start = compressedBytes(['index.html', ...filesOf([...entry, 'pages/start/page.tsx'])]);
  console.log(`gzipped: index.html ${first}, with the dashboard ${dashboard}, with the start page ${start} bytes`);
  expect(first).toBeGreaterThan(0);
  expect(dashboard).toBeLessThan(LIMIT);
  expect(start).toBeLessThan(LIMIT);
});

test('nothing is inline: the page needs no exception in its content security policy', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
});
