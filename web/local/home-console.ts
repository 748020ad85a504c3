import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectSource } from '../../core/sources/registry.ts';
import type { Log } from '../../core/host/host.ts';
import { createLocalHost } from '../../hosts/local/local-host.ts';
import { isSystemError } from '../../hosts/local/system-error.ts';
import type { ConsoleHost } from '../api/console-host.ts';
import { ApiError, notFound } from '../api/problems/api-error.ts';
import type { Instance } from '../api/schemas/instances.ts';
import { instanceName } from '../api/schemas/instances.ts';
import { LocalInstance, stateDirectory } from './local-instance.ts';
import { writeWholeFile } from './whole-file.ts';

const FILE_NAME = 'penstock.yaml';

export interface HomeOptions {
  /** Absolute path of the folder of instances; made if need be. */
  readonly home: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Another way to sources, for tests. */
  readonly connect?: ConnectSource;
}

/** All instances of a home folder, each a folder of its own. */
export class HomeConsole implements ConsoleHost, AsyncDisposable {
  readonly kind = 'local';
  readonly canConfigure = true;
  readonly only = null;
  readonly live = 'events';
  readonly version: string;
  readonly #options: HomeOptions;
  readonly #known = new Map<string, Promise<LocalInstance>>();
  readonly #owned = new AsyncDisposableStack();

  private constructor(options: HomeOptions) {
    this.#options = options;
    this.version = options.version;
  }

  /** Those that were open when the console ended go on. */
  static async open(options: HomeOptions): Promise<HomeConsole> {
    await mkdir(options.home, { recursive: true, mode: 0o700 });
    const console = new HomeConsole(options);
    for (const name of await console.#names()) {
      try {
        const instance = await console.#instance(name);
        if ((await instance.notes.read()).opened) instance.supervisor.start();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        options.log.error('an instance cannot be opened', { instance: name, reason });
      }
    }
    return console;
  }

  async instances(): Promise<Instance[]> {
    const found = (await this.#names()).map(async (name) => {
      const instance = await this.#instance(name).catch(() => null);
      return instance === null ? null : instance.summary().catch(() => null);
    });
    return (await Promise.all(found)).filter((summary) => summary !== null);
  }

  async instance(name: string): Promise<LocalInstance | null> {
    if (!instanceName.safeParse(name).success || !(await this.#names()).includes(name)) return null;
    return this.#instance(name);
  }

  async create(name: string): Promise<void> {
    const folder = join(this.#options.home, name);
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
      throw new ApiError(409, `there is an instance ${name}, or another folder of that name`, {
        remedy: 'Choose another name.',
      });
    }
    const text = `# The instance ${name}. The console changes this file, and keeps what you write here.\npipeline: ${name}\n`;
    await writeWholeFile(join(folder, FILE_NAME), text);
    await this.open(name);
  }

  async open(name: string): Promise<void> {
    const instance = await this.instance(name);
    if (instance === null) throw notFound(`instance ${name}`);
    await instance.notes.markOpened();
    instance.supervisor.start();
    instance.supervisor.again();
  }

  /** Ends what is at work in order. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }

  /** Folders that hold a configuration. */
  async #names(): Promise<string[]> {
    const { home } = this.#options;
    const entries = await readdir(home, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && instanceName.safeParse(entry.name).success);
    const found = await Promise.all(
      names.map(async ({ name }) =>
        (await readdir(join(home, name)).catch((): string[] => [])).includes(FILE_NAME) ? name : null,
      ),
    );
    return found.filter((name) => name !== null).sort();
  }

  /** Opened once, by whoever asks first. */
  #instance(name: string): Promise<LocalInstance> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    this.#known.set(name, made);
    made.catch(() => this.#known.delete(name));
    return made;
  }

  async #make(name: string): Promise<LocalInstance> {
    const { home, version, environment, log, connect } = this.#options;
    const file = join(home, name, FILE_NAME);
    const state = stateDirectory(await readFile(file, 'utf8'), file);
    const base = this.#owned.use(await createLocalHost({ state, environment, log: named(log, name) }));
    return this.#owned.use(new LocalInstance({ name, file, state, version, base, connect, onError: 'wait' }));
  }
}

/** Lines of many instances in one log. */
function named(log: Log, instance: string): Log {
  return {
    info: (message, fields) => {
      log.info(message, { instance, ...fields });
    },
    warn: (message, fields) => {
      log.warn(message, { instance, ...fields });
    },
    error: (message, fields) => {
      log.error(message, { instance, ...fields });
    },
  };
}
