import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Host, Log } from '../../core/host/host.ts';
import { DirectoryStore } from './directory-store.ts';
import { EnvironmentSecrets } from '../node/environment-secrets.ts';
import { failpoints } from '../node/failpoints.ts';
import { FileScratch } from '../node/file-scratch.ts';
import { FileEvents } from './file-events.ts';
import { lineLog } from '../node/line-log.ts';
import { LocalWakeUps } from './local-wake-ups.ts';
import { ownerIsGone, processOwner } from './process-owner.ts';
import { SqliteItems } from './sqlite-items.ts';
import { SystemClock } from '../node/system-clock.ts';
import { isSystemError } from './system-error.ts';
import { SystemRandomness } from '../node/system-randomness.ts';
import { zstdCodec } from '../node/zlib-codec.ts';

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
/** A look is one read of SQLite. */
const LOOK_MILLISECONDS = 1000;

/**
 * The ports on one machine: a directory, SQLite, the environment.
 * @throws PenstockError PS3006 for a state directory of another version, PS3004 where it cannot be made or written
 */
export async function createLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const { state, environment = process.env } = options;
  const failpoint = failpoints(environment['PENSTOCK_FAILPOINT'] ?? '');
  await claim(state);
  const clock = new SystemClock();
  const store = new DirectoryStore(join(state, 'store'));
  await store.sweep(clock.now());
  const items = new SqliteItems(join(state, 'catalog.sqlite'));
  return {
    clock,
    randomness: new SystemRandomness(),
    codec: zstdCodec(),
    store,
    items,
    events: new FileEvents(join(state, 'events.jsonl')),
    log: options.log ?? lineLog(process.stderr.isTTY),
    secrets: new EnvironmentSecrets(environment),
    wakeUps: new LocalWakeUps(),
    scratch: new FileScratch(join(state, 'scratch')),
    owner: processOwner(),
    ownerIsGone,
    leaseLookMilliseconds: LOOK_MILLISECONDS,
    failpoint,
    [Symbol.asyncDispose]: async () => {
      items[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** Makes the state directory with the files whose modes matter, or checks that it is of this version. */
async function claim(state: string): Promise<void> {
  try {
    await mkdir(state, { recursive: true, mode: 0o700 });
    await writeFormat(join(state, 'format'));
    // SQLite would make it readable for the group; its journals take the mode of the database.
    await appendFile(join(state, 'catalog.sqlite'), '', { mode: 0o600 });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new PenstockError('PS3004', `state directory ${state}: ${error.code ?? error.message}`, { cause: error });
  }
  const found = (await readFile(join(state, 'format'), 'utf8')).trim();
  if (found !== FORMAT.trim()) {
    throw new PenstockError(
      'PS3006',
      `${state} has format ${JSON.stringify(found.slice(0, 40))}; this version reads format ${FORMAT.trim()}`,
    );
  }
}

/** By rename: whoever opens it meanwhile sees the whole text. */
async function writeFormat(path: string): Promise<void> {
  if ((await stat(path).catch(() => null)) !== null) return;
  const whole = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(whole, FORMAT, { mode: 0o600, flush: true });
  await rename(whole, path);
}
