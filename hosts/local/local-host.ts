import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Host, Log } from '../../core/host/host.ts';
import { DirectoryStore } from './directory-store.ts';
import { EnvironmentSecrets } from './environment-secrets.ts';
import { failpoints } from './failpoints.ts';
import { FileEvents } from './file-events.ts';
import { lineLog } from './line-log.ts';
import { LocalWakeUps } from './local-wake-ups.ts';
import { ownerIsGone, processOwner } from './process-owner.ts';
import { SqliteItems } from './sqlite-items.ts';
import { SystemClock } from './system-clock.ts';
import { SystemRandomness } from './system-randomness.ts';
import { zstdCodec } from './zlib-codec.ts';

export interface LocalHostOptions {
  /** The directory of store, catalog and events; made if need be. */
  readonly state: string;
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: lines on stderr. */
  readonly log?: Log;
}

export interface LocalHost extends Host, AsyncDisposable {
  readonly events: FileEvents;
}

const FORMAT = '1\n';

/** The ports on one machine: a directory, SQLite, the environment. @throws PenstockError PS3006 for a state directory of another version */
export async function createLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const { state, environment = process.env } = options;
  claim(state);
  const items = new SqliteItems(join(state, 'catalog.sqlite'));
  return Promise.resolve({
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    codec: zstdCodec(),
    store: new DirectoryStore(join(state, 'store')),
    items,
    events: new FileEvents(join(state, 'events.jsonl')),
    log: options.log ?? lineLog(process.stderr.isTTY),
    secrets: new EnvironmentSecrets(environment),
    wakeUps: new LocalWakeUps(),
    owner: processOwner(),
    ownerIsGone,
    failpoint: failpoints(environment['PENSTOCK_FAILPOINT'] ?? ''),
    [Symbol.asyncDispose]: async () => {
      items[Symbol.dispose]();
      return Promise.resolve();
    },
  });
}

function claim(state: string): void {
  const file = join(state, 'format');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, FORMAT, { mode: 0o600 });
  const found = readFileSync(file, 'utf8');
  if (found !== FORMAT) {
    throw new PenstockError(
      'PS3006',
      `${state} has format ${found.trim()}; this version reads format ${FORMAT.trim()}`,
    );
  }
}
