import { readFile, stat } from 'node:fs/promises';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { SecretReference, Secrets } from '../../core/host/host.ts';

const OTHERS = 0o077;

/** Secrets from environment variables or from files that only their owner may read. Read anew each time. */
export class EnvironmentSecrets implements Secrets {
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  async read(reference: SecretReference): Promise<string> {
    if (reference.tag === 'env') return this.#variable(reference.name);
    if (reference.tag === 'file') return this.#file(reference.path);
    throw new PenstockError(
      'PS1002',
      `secret ${reference.id} is in AWS Secrets Manager, which this host does not read`,
      {
        remedy: 'Name an environment variable or a file instead: { env: NAME } or { file: path }.',
      },
    );
  }

  #variable(name: string): string {
    const value = this.#environment[name];
    if (value === undefined || value === '') {
      throw new PenstockError('PS1002', `environment variable ${name} is not set`, { remedy: `export ${name}=…` });
    }
    return value;
  }

  async #file(path: string): Promise<string> {
    try {
      const { mode } = await stat(path);
      if ((mode & OTHERS) !== 0) {
        const octal = (mode & 0o777).toString(8).padStart(4, '0');
        throw new PenstockError('PS1002', `${path} has mode ${octal}: others may read it`, {
          remedy: `chmod 600 ${path}`,
        });
      }
      const secret = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
      if (secret === '')
        throw new PenstockError('PS1002', `${path} is empty`, { remedy: `Write the secret to ${path}.` });
      return secret;
    } catch (error) {
      if (error instanceof PenstockError) throw error;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new PenstockError('PS1002', `${path} cannot be read: ${code}`, { cause: error });
    }
  }
}
