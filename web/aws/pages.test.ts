import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployedPages } from './pages.ts';

const SCRIPT = 'export const penstock = 1;'.repeat(50);
let folder: string;
const app = new Hono();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-pages-'));
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'hunter2');
  writeFileSync(join(pages, 'index.html'), 'the page');
  writeFileSync(join(pages, 'assets/a-1.js'), SCRIPT);
  writeFileSync(join(pages, 'assets/a-1.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(pages, 'assets/a-1.js.gz'), gzipSync(SCRIPT));
  app.get('*', deployedPages(pages));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}) => app.request(path, { headers });

describe('the deployed pages', () => {
  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', null],
    ['', null],
  ])('are sent to who accepts %j as %s', async (accepted, encoding) => {
    const answer = await get('/assets/a-1.js', { 'accept-encoding': accepted });
    expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, encoding]);
    expect(answer.headers.get('content-type')).toContain('javascript');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('vary')).toBe('accept-encoding');
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (encoding === null) expect(bytes.toString()).toBe(SCRIPT);
    else expect(bytes.length).toBeLessThan(SCRIPT.length);
  });

  it('are one page whatever its path, asked for anew each time, and sent once', async () => {
    for (const path of ['/', '/instances/shop/tables', '/signed-in', '/index.html']) {
      const answer = await get(path);
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, 'the page']);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      const tag = answer.headers.get('etag') ?? '';
      expect((await get(path, { 'if-none-match': tag })).status).toBe(304);
    }
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/%',
    '/assets/a-1.js.br',
    '/assets/none.js',
  ])('hold nothing at %s', async (path) => {
    const answer = await get(path);
    expect(await answer.text()).not.toContain('hunter2');
    expect(answer.status).toBe(404);
  });
});
