import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PenstockEvent } from '../../core/events/event.ts';
import { FileEvents } from './file-events.ts';

const event = (table: string): PenstockEvent => ({
  type: 'StructureChanged',
  pipeline: 'shop',
  generated: '2026-11-21T09:00:00.123456Z',
  table,
  change: 'add column a',
});

describe('events in a file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'penstock-events-'));
  });
  afterAll(async () => rm(directory, { recursive: true }));
  const linesOf = async (path: string): Promise<unknown[]> =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  it('appends one object a line, for its owner only, after what is there', async () => {
    const path = join(directory, 'lines.jsonl');
    new FileEvents(path).emit(event('a\nb'));
    new FileEvents(path).emit(event('c'));
    expect(await linesOf(path)).toEqual([event('a\nb'), event('c')]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('never has more than two files of the given size, and loses no event of the newer one', async () => {
    const path = join(directory, 'bounded.jsonl');
    const events = new FileEvents(path, 1000);
    for (let index = 0; index < 100; index++) events.emit(event(`t${index}`));
    for (const file of [path, `${path}.1`]) expect((await stat(file)).size).toBeLessThanOrEqual(1000);
    const kept = [...(await linesOf(`${path}.1`)), ...(await linesOf(path))];
    expect(kept.at(-1)).toEqual(event('t99'));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => event(`t${100 - kept.length + index}`)));
  });

  it('tells every listener, also where the file or another listener fails', () => {
    const events = new FileEvents(join(directory, 'no-such-directory', 'events.jsonl'));
    const heard: string[] = [];
    const off = events.listen(() => {
      heard.push('first');
      throw new Error('a listener that fails');
    });
    events.listen(({ type }) => heard.push(type));
    events.emit(event('a'));
    off();
    events.emit(event('b'));
    expect(heard).toEqual(['first', 'StructureChanged', 'StructureChanged']);
  });
});
