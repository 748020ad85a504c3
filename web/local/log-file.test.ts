import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SystemClock } from '../../hosts/node/system-clock.ts';
import { LogFile } from './log-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-log-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const all = { kind: null, search: null, level: null };
const end = { after: null, before: null, limit: 10 };

function filled(name: string, lines: number, fileBytes?: number): LogFile {
  const log = new LogFile(join(folder, name), new SystemClock(), fileBytes);
  for (let index = 0; index < lines; index++) {
    log.append({
      level: index % 5 === 0 ? 'warn' : 'info',
      kind: index % 2 === 0 ? 'source' : 'others',
      message: `line ${index}`,
      fields: { index },
    });
  }
  return log;
}

it('gives its last lines, pages back beyond what is in memory, and follows', async () => {
  const log = filled('paged.jsonl', 11_000);
  const seen: string[] = [];
  let before: string | null = null;
  do {
    const page = await log.read(all, { after: null, before, limit: 1000 });
    seen.unshift(...page.items.map(({ message }) => message));
    before = page.first;
  } while (before !== null);
  expect(seen).toEqual(Array.from({ length: 11_000 }, (_, index) => `line ${index}`));
  const { last } = await log.read(all, end);
  log.append({ level: 'info', kind: 'others', message: 'new', fields: {} });
  expect((await log.read(all, { ...end, after: last })).items.map(({ message }) => message)).toEqual(['new']);
});

it('filters by kind, level and text', async () => {
  const log = filled('filtered.jsonl', 100);
  expect((await log.read({ ...all, kind: 'errors' }, { ...end, limit: 1000 })).items).toHaveLength(20);
  expect((await log.read({ ...all, kind: 'source' }, { ...end, limit: 1000 })).items).toHaveLength(50);
  expect((await log.read({ ...all, search: 'line 42' }, end)).items).toMatchObject([{ fields: { index: 42 } }]);
  expect((await log.read({ ...all, level: 'error' }, end)).items).toEqual([]);
});

it('is kept over restarts, for its owner alone, in two files of the given size; a torn line is left out', async () => {
  const path = join(folder, 'kept.jsonl');
  filled('kept.jsonl', 500, 20_000);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const file of [path, `${path}.1`]) expect(statSync(file).size).toBeLessThanOrEqual(20_000);
  writeFileSync(path, readFileSync(path, 'utf8') + '{"id":"torn', { mode: 0o600 });
  const again = new LogFile(path, new SystemClock());
  expect((await again.read(all, end)).items.at(-1)?.message).toBe('line 499');
});

it('remembers the last error of each side', async () => {
  const log = new LogFile(join(folder, 'errors.jsonl'), new SystemClock());
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  log
    .log(null, silent)
    .warn('read failed; trying again', { code: 'PS2002', message: 'PS2002 source cannot be reached: h' });
  log.log('source', silent).info('not an error', { code: 'PS2003' });
  expect(await log.lastError('source')).toMatchObject({
    code: 'PS2002',
    message: 'PS2002 source cannot be reached: h',
  });
  expect(await log.lastError('destination')).toBeNull();
});
