import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Secrets, SecretReference } from '../../core/host/host.ts';
import { versionOf } from '../api/configuration/candidate-settings.ts';
import type { ConfigurationStore, ConfigurationText, Passwords } from '../api/console-host.ts';
import { SECRET_SECTIONS, type SecretSection } from '../api/schemas/configuration.ts';
import { ApiError } from '../api/problems/api-error.ts';
import { writeWholeFile } from './whole-file.ts';

/** A configuration file that is edited in its place; passwords lie beside it in `secrets`, mode 0600. */
export class ConfigurationFile implements ConfigurationStore {
  readonly file: string;
  readonly #secrets: Secrets;
  readonly #onWritten: () => void;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: string, secrets: Secrets, onWritten: () => void) {
    this.file = file;
    this.#secrets = secrets;
    this.#onWritten = onWritten;
  }

  async read(): Promise<ConfigurationText> {
    const text = await readFile(this.file, 'utf8');
    return { text, version: versionOf(text), file: this.file };
  }

  async write(change: Parameters<ConfigurationStore['write']>[0]): Promise<ConfigurationText> {
    const turn = this.#turn.then(() => this.#write(change));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  passwordReference(section: SecretSection): Readonly<Record<string, string>> {
    return { file: `./secrets/${section}-password` };
  }

  async hasPassword(reference: SecretReference): Promise<boolean> {
    return this.#secrets.read(reference).then(
      () => true,
      () => false,
    );
  }

  async #write({ text, version, passwords }: Parameters<ConfigurationStore['write']>[0]): Promise<ConfigurationText> {
    const before = await this.read();
    if (before.version !== version) {
      throw new ApiError(409, 'the configuration was changed by somebody else meanwhile', {
        remedy: 'Load it again, and make the change anew.',
      });
    }
    await this.#keep(passwords);
    if (text !== before.text) await writeWholeFile(this.file, text);
    this.#onWritten();
    return { text, version: versionOf(text), file: this.file };
  }

  async #keep(passwords: Passwords): Promise<void> {
    for (const section of SECRET_SECTIONS) {
      const password = passwords[section];
      if (password === undefined) continue;
      const folder = join(dirname(this.file), 'secrets');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWholeFile(join(folder, `${section}-password`), `${password}\n`);
    }
  }
}
