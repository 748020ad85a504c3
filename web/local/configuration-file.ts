import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host, Secrets, SecretReference } from '../../core/host/host.ts';
import { versionOf } from '../api/configuration/candidate-settings.ts';
import { mappingAt, parsedConfiguration, type Mapping } from '../api/configuration/parsed-configuration.ts';
import { pathOf, placesOf } from '../api/configuration/secret-places.ts';
import type { ConfigurationStore, ConfigurationText, Passwords } from '../api/console-host.ts';
import type { SecretPlace } from '../api/schemas/configuration.ts';
import { ApiError } from '../api/problems/api-error.ts';
import { writeWholeFile } from './whole-file.ts';

/** A configuration file that is edited in its place; passwords lie beside it in `secrets`, mode 0600. */
export class ConfigurationFile implements ConfigurationStore {
  readonly file: string;
  readonly #secrets: Secrets;
  readonly #failpoint: Host['failpoint'];
  readonly #onWritten: () => void;
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: string, { secrets, failpoint }: Pick<Host, 'secrets' | 'failpoint'>, onWritten: () => void) {
    this.file = file;
    this.#secrets = secrets;
    this.#failpoint = failpoint;
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

  /** Not the file of the password that is saved: until the text names the new one, the old one holds. */
  passwordReference(place: SecretPlace, before: unknown): Readonly<Record<string, string>> {
    const [first = '', second = ''] = fileNames(place);
    return { file: before === first ? second : first };
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
    await this.#keep(text, passwords);
    await this.#failpoint('configuration.after-password');
    if (text !== before.text) await writeWholeFile(this.file, text);
    await this.#failpoint('configuration.after-text');
    this.#onWritten();
    await this.#forget(text, passwords);
    return { text, version: versionOf(text), file: this.file };
  }

  async #keep(text: string, passwords: Passwords): Promise<void> {
    const { raw } = parsedConfiguration({ text, version: versionOf(text), file: this.file });
    for (const place of placesOf(passwords)) {
      const password = passwords[place];
      const named = pathOf(place).reduce<Mapping | null>((at, step) => at && mappingAt(at, step), raw)?.['file'];
      const name = fileNames(place).find((one) => one === named);
      if (name === undefined) continue;
      const path = join(dirname(this.file), name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeWholeFile(path, `${password}\n`);
    }
  }

  /** Takes away the passwords that were there before: a text that names them is no more. */
  async #forget(text: string, passwords: Passwords): Promise<void> {
    for (const place of placesOf(passwords)) {
      for (const name of fileNames(place)) {
        if (!text.includes(name)) await rm(join(dirname(this.file), name), { force: true });
      }
    }
  }
}

/** Two, of which one holds the password and the other is for the next one. */
function fileNames(place: SecretPlace): readonly string[] {
  const name = place.replace('.', '-');
  return [`./secrets/${name}-password`, `./secrets/${name}-new-password`];
}
