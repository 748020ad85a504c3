import { describe, expect, it } from 'vitest';
import { secretProblem, secretsBeside } from './secrets.ts';

const NAME = 'penstock/billing/source';
const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:databases/billing-Ab12Cd';

describe('a password of the settings', () => {
  const secret = (id: string, field = 'password') => ({ tag: 'secret', id, field }) as const;

  it.each([
    ['the name of the new secret', secret(NAME), null],
    ['the ARN of a given secret', secret(ARN), ARN],
    ['its name', secret('databases/billing'), ARN],
    ['its name with the suffix', secret('databases/billing-Ab12Cd'), ARN],
    ['another field of a given secret', secret('databases/billing', 'repl'), ARN],
  ])('fits: %s', (_, reference, given) => {
    expect(secretProblem(reference, given, NAME)).toBeNull();
  });

  it('says which secret the deployment has', () => {
    expect(secretProblem(secret('billing'), null, NAME)).toBe(`names the secret billing; the deployment has ${NAME}`);
    expect(secretProblem(secret(NAME), ARN, NAME)).toContain(`the deployment has ${ARN} or databases/billing`);
  });

  it('says which field the new secret has', () => {
    expect(secretProblem(secret(NAME, 'pw'), null, NAME)).toBe(
      'names the field pw; the secret that is made has the field password',
    );
  });

  it('refuses what only one machine has', () => {
    expect(secretProblem({ tag: 'env', name: 'PGPASSWORD' }, null, NAME)).toContain(`must be { secret: ${NAME} }`);
    expect(secretProblem({ tag: 'file', path: '/etc/pw' }, ARN, NAME)).toContain(`must be { secret: ${ARN} }`);
  });
});

it('passwords of other databases that the source needs are found by their shape, each once', () => {
  const service = 'arn:aws:secretsmanager:eu-central-1:123456789012';
  const named = { tag: 'secret', id: 'databases/root', field: 'password' };
  const whole = { tag: 'secret', id: ARN, field: 'password' };
  const specific = { rootDatabase: { host: '10.0.0.1', password: named }, others: [{ key: whole }, { key: named }] };
  expect(secretsBeside(specific, service)).toEqual([`${service}:secret:databases/root-??????`, ARN]);
  expect(secretsBeside({ host: '10.0.0.1' }, service)).toEqual([]);
});
