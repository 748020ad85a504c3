import { Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { SecretReference } from '../../core/host/host.ts';
import { secretReferencesIn } from '../../core/pipeline/secret-reference.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { acknowledge } from '../checks/acknowledge.ts';
import type { PipelineDeployment } from '../deployment/deployment.ts';
import type { PipelineNames } from './names.ts';

/** The field of the secrets that are made here. */
const FIELD = 'password';
/** Secrets Manager puts six characters behind a secret's name in its ARN. */
const ARN_SUFFIX = /-[A-Za-z0-9]{6}$/;

/** What a pipeline reads of Secrets Manager. */
export interface PipelineSecrets {
  readonly source: string;
  readonly destination: string;
  /** Of other databases that the source's settings name: patterns where a secret is named without its suffix. */
  readonly beside: readonly string[];
}

/**
 * The ARNs of the two passwords' secrets: those given, or new ones with a placeholder that somebody replaces.
 * @throws PenstockError PS1001 where the settings name another secret than the deployment
 */
export function pipelineSecrets(
  scope: Construct,
  names: PipelineNames,
  pipeline: PipelineDeployment,
  settings: PipelineSettings,
  key: IKey,
): PipelineSecrets {
  const ends = {
    source: { given: pipeline.sourceSecretArn, name: names.sourceSecret },
    destination: { given: pipeline.destinationSecretArn, name: names.destinationSecret },
  };
  const arnOf = (end: 'source' | 'destination'): string => {
    const { given, name } = ends[end];
    const problem = secretProblem(settings[end].password, given, name);
    if (problem !== null) throw new PenstockError('PS1001', `pipeline ${names.pipeline}: ${end}.password ${problem}`);
    return given ?? newSecret(scope, end, name, key);
  };
  const { partition, region, account } = Stack.of(scope);
  return {
    source: arnOf('source'),
    destination: arnOf('destination'),
    beside: secretsBeside(settings.source.specific, `arn:${partition}:secretsmanager:${region}:${account}`),
  };
}

/** The secrets that a source's own settings refer to. None of them is made here. `service`: what an ARN of Secrets Manager begins with. */
export function secretsBeside(specific: unknown, service: string): string[] {
  const arns = secretReferencesIn(specific).flatMap(({ reference }) =>
    reference.tag === 'secret' ? [arnPattern(reference.id, service)] : [],
  );
  return [...new Set(arns)];
}

function arnPattern(id: string, service: string): string {
  return id.startsWith('arn:') ? id : `${service}:secret:${id}-??????`;
}

/** What is wrong with a reference to a secret; null: nothing. */
export function secretProblem(reference: SecretReference, given: string | null, name: string): string | null {
  if (reference.tag !== 'secret') return `must be { secret: ${given ?? name} }: AWS has no such ${reference.tag}`;
  const nameGiven = given?.split(':secret:')[1];
  const known = given === null ? [name] : [given, nameGiven, nameGiven?.replace(ARN_SUFFIX, '')];
  if (!known.includes(reference.id)) {
    return `names the secret ${reference.id}; the deployment has ${known.filter((id) => id !== undefined).join(' or ')}`;
  }
  if (given === null && reference.field !== FIELD) {
    return `names the field ${reference.field}; the secret that is made has the field ${FIELD}`;
  }
  return null;
}

function newSecret(scope: Construct, end: 'source' | 'destination', name: string, key: IKey): string {
  const secret = new Secret(scope, end === 'source' ? 'SourceSecret' : 'DestinationSecret', {
    secretName: name,
    description: `Password of the ${end}: { "password": … }. Generated as a placeholder; put the real one in.`,
    encryptionKey: key,
    generateSecretString: { secretStringTemplate: '{}', generateStringKey: FIELD },
  });
  acknowledge(
    secret,
    'AwsSolutions-SMG4',
    'The password belongs to a database that is not ours to change. Whoever rotates it writes it here; it is read again without a restart.',
  );
  return secret.secretArn;
}
