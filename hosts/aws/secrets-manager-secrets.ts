import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { SecretReference, Secrets } from '../../core/host/host.ts';

/**
 * Secrets of AWS Secrets Manager, read anew each time: connections are rare, and a rotated password is found without a restart.
 * A secret's text is a JSON object, of which one field is meant, or the password itself. References of other kinds go to `others`. Throws PS1012, which passes by itself, where the service does not answer.
 */
export class SecretsManagerSecrets implements Secrets {
  readonly #client: SecretsManagerClient;
  readonly #others: Secrets;

  constructor(client: SecretsManagerClient, others: Secrets) {
    this.#client = client;
    this.#others = others;
  }

  async read(reference: SecretReference): Promise<string> {
    if (reference.tag !== 'secret') return this.#others.read(reference);
    const { id, field } = reference;
    const text = await this.#text(id);
    const secret = fieldOf(text, field);
    if (secret === '') {
      throw new PenstockError('PS1002', `secret ${id} of Secrets Manager has no text in field ${field}`, {
        remedy: `aws secretsmanager put-secret-value --secret-id ${id} --secret-string file://… with {"${field}": "…"}`,
      });
    }
    return secret;
  }

  async #text(id: string): Promise<string> {
    try {
      const reply = await this.#client.send(new GetSecretValueCommand({ SecretId: id }));
      return reply.SecretString ?? Buffer.from(reply.SecretBinary ?? []).toString('utf8');
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      // The service's own words name the secret and the right that is missing, never the value.
      const what = `secret ${id} of Secrets Manager: ${name}: ${error instanceof Error ? error.message : String(error)}`;
      throw new PenstockError(TO_BE_MENDED.has(name) ? 'PS1002' : 'PS1012', what);
    }
  }
}

/** No such secret, no right to it or to its key, or one that is being deleted: these do not pass by themselves. */
const TO_BE_MENDED: ReadonlySet<string> = new Set([
  'ResourceNotFoundException',
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ValidationException',
]);

/** The named field of a JSON object, or the whole text where it is none; empty where there is nothing. */
function fieldOf(text: string, field: string): string {
  const value = objectOf(text);
  if (value === null) return text;
  const found = Object.hasOwn(value, field) ? value[field] : undefined;
  return typeof found === 'string' ? found : '';
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
