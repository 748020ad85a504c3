import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { checkedSettings } from '../../core/pipeline/checked-settings.ts';
import { withAuthorities } from '../../core/pipeline/named-servers.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { S3Object } from './deployed-environment.ts';

/** What a deployment makes of a pipeline's file: its text, and the authorities' certificates (PEM) that it names, by the places of servers. */
const settingsAsset = z.strictObject({
  text: z.string(),
  authorities: z.record(z.string(), z.string()),
});

export type SettingsAsset = z.output<typeof settingsAsset>;

/** What relative paths in the text are relative to: nothing is there. */
export const DEPLOYED_FILE = '/settings/pipeline.yaml';

/** A pipeline's file as it was deployed. @throws PenstockError PS1001, PS3003 */
export async function deployedDocument(client: S3Client, place: S3Object): Promise<SettingsAsset> {
  const name = `s3://${place.bucket}/${place.key}`;
  return parsedAsset(await textOf(client, place, name), name);
}

/**
 * A pipeline's settings as they were deployed. Certificates are written to files of the temporary folder (mode 0600) and the
 * settings then name these. @throws PenstockError PS1001, PS1003 for settings that are not good, PS3003
 */
export async function deployedSettings(client: S3Client, place: S3Object): Promise<PipelineSettings> {
  const { text, authorities } = await deployedDocument(client, place);
  const settings = checkedSettings(text, DEPLOYED_FILE);
  const places = Object.entries(authorities);
  if (places.length === 0) return settings;
  const folder = await mkdtemp(join(tmpdir(), 'penstock-authorities-'));
  const written = places.map(async ([place, pem]) => {
    const file = join(folder, `${place}.pem`);
    await writeFile(file, pem, { mode: 0o600 });
    return [place, file] as const;
  });
  const files = new Map(await Promise.all(written));
  const { source, destination } = settings;
  return {
    ...settings,
    source: { ...source, specific: withAuthorities(source.specific, files, ['source']) },
    destination: withAuthorities(destination, files, ['destination']),
  };
}

async function textOf(client: S3Client, { bucket, key }: S3Object, name: string): Promise<string> {
  try {
    const reply = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await reply.Body?.transformToString('utf8')) ?? '';
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new PenstockError('PS3003', `settings ${name}: ${reason}`, { cause: error });
  }
}

function parsedAsset(text: string, name: string): SettingsAsset {
  const parsed = settingsAsset.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new PenstockError('PS1001', `settings ${name}: ${z.prettifyError(parsed.error)}`, {
    remedy: 'The deployment writes this object: deploy it again.',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
