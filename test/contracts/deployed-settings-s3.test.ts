import { readFile, stat } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretReferencesIn } from '../../core/pipeline/secret-reference.ts';
import type { OracleSettings } from '../../core/sources/oracle/settings.ts';
import type { PostgresSettings } from '../../core/sources/postgres/settings.ts';
import { startS3, type S3Server } from '../fixtures/s3-server.ts';
import { deployedSettings } from '../../hosts/aws/deployed-settings.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3[Symbol.asyncDispose]());

const TEXT = `
pipeline: shop
source: { type: postgres, host: db.example, database: shop, user: reader, password: { secret: shop/source }, tls: { mode: verify, ca: certificates/source.pem } }
destination: { type: singlestore, host: s2.example, database: shop, user: writer, password: { secret: shop/destination } }
tables: [{ name: public.orders }]
`;

async function deployed(asset: unknown) {
  const place = { bucket: s3.bucket, key: 'settings.json' };
  const client = s3.client();
  const Body = typeof asset === 'string' ? asset : JSON.stringify(asset);
  await client.send(new PutObjectCommand({ Bucket: place.bucket, Key: place.key, Body }));
  return deployedSettings(client, place);
}

test('settings come as they were deployed; certificates become files that only their owner reads', async () => {
  const authorities = { source: 'PEM of the source', destination: 'PEM of the destination' };
  const settings = await deployed({ text: TEXT, authorities });
  expect(settings).toMatchObject({
    pipeline: 'shop',
    source: { type: 'postgres', password: { tag: 'secret', id: 'shop/source', field: 'password' } },
    tables: [{ table: { schema: 'public', name: 'orders' } }],
  });
  const { tls } = settings.source.specific as PostgresSettings;
  for (const [found, pem] of [
    [tls, authorities.source],
    [settings.destination.tls, authorities.destination],
  ] as const) {
    const path = found.mode === 'verify' ? (found.ca ?? '') : '';
    expect(await readFile(path, 'utf8')).toBe(pem);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
});

test('certificates of other databases of the source become files, too', async () => {
  const text = TEXT.replace(
    'type: postgres',
    'type: oraclePluggable, rootDatabase: { database: CDB, user: C, password: { secret: shop/root } }',
  );
  const settings = await deployed({ text, authorities: { source: 'PEM', 'source.rootDatabase': 'PEM of the root' } });
  const { tls, rootDatabase } = settings.source.specific as OracleSettings;
  const files = [tls, rootDatabase?.tls].map((found) => (found?.mode === 'verify' ? (found.ca ?? '') : ''));
  expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(['PEM', 'PEM of the root']);
  expect(settings.destination.tls).toEqual({ mode: 'verify', ca: null });
  expect(secretReferencesIn(settings.source.specific)).toMatchObject([{ path: ['rootDatabase', 'password'] }]);
});

test('without certificates the system’s authorities count, or what the text names', async () => {
  const settings = await deployed({ text: TEXT, authorities: {} });
  expect(settings.destination.tls).toEqual({ mode: 'verify', ca: null });
});

test('settings that are wrong, or no settings at all, never pass', async () => {
  const authorities = {};
  await expect(deployed({ text: `${TEXT}\nextras: 1`, authorities })).rejects.toMatchObject({ code: 'PS1001' });
  await expect(deployed({ text: TEXT })).rejects.toMatchObject({ code: 'PS1001' });
  await expect(deployed('no json')).rejects.toMatchObject({ code: 'PS1001' });
  const nowhere = deployedSettings(s3.client(), { bucket: s3.bucket, key: 'nowhere.json' });
  await expect(nowhere).rejects.toMatchObject({ code: 'PS3003', retry: 'timed' });
});
