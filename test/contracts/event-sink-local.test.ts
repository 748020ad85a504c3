import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileEvents } from '../../hosts/local/file-events.ts';
import { eventSinkContract } from './event-sink.ts';

eventSinkContract('a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-events-'));
  const path = join(folder, 'events.jsonl');
  return {
    events: new FileEvents(path),
    lines: async () => (await readFile(path, 'utf8')).trimEnd().split('\n'),
    break: () => rmSync(folder, { recursive: true }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
});
