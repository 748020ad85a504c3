import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConsoleClient } from '../../test/fixtures/console-client.ts';
import { MailServer } from '../../test/fixtures/mail-server.ts';

const path = { name: 'shop' };
const section = { ...path, section: 'email' };
const PASSWORD = 'a password for mail';
let client: ConsoleClient;
let server: MailServer;
beforeAll(async () => {
  client = await ConsoleClient.start();
  await client.call('POST /instances', { body: { name: 'shop' } });
  server = await MailServer.start({ login: { user: 'sender', password: PASSWORD } });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const configuration = () => client.call('GET /instances/{name}/configuration', { path });
const settings = () => ({
  ...{ host: '127.0.0.1', port: server.port, user: 'sender' },
  ...{ from: 'penstock@example.org', to: 'ada@example.org, bob@example.org' },
});

it('is tested before it is saved, with a message', async () => {
  const wrong = await client.call('POST /instances/{name}/email/test', {
    ...{ path, body: { value: settings(), password: 'another' } },
  });
  expect(wrong).toMatchObject({ success: false, findings: [{ code: 'email.refused' }] });
  const body = { value: settings(), password: PASSWORD };
  const right = await client.call('POST /instances/{name}/email/test', { path, body });
  expect(right).toMatchObject({ success: true });
  expect(server.taken).toMatchObject([{ to: ['ada@example.org', 'bob@example.org'] }]);
  expect((await configuration()).sections['email']).toEqual({ value: null, password: 'missing', passwords: {} });
});

it('is saved by its section, with the password where only its owner reads it', async () => {
  const { version } = await configuration();
  const body = { value: settings(), password: PASSWORD, version };
  const saved = await client.call('PUT /instances/{name}/configuration/{section}', { path: section, body });
  expect(saved.sections['email']).toEqual({ value: settings(), password: 'set', passwords: {} });
  expect(JSON.stringify(saved)).not.toContain(PASSWORD);
  const folder = join(client.home, 'shop');
  expect(readFileSync(join(folder, 'penstock.yaml'), 'utf8')).not.toContain(PASSWORD);
  const kept = join(folder, 'secrets', 'email-password');
  expect([readFileSync(kept, 'utf8'), statSync(kept).mode & 0o777]).toEqual([`${PASSWORD}\n`, 0o600]);
  // What is saved is tested where nothing is given.
  expect(await client.call('POST /instances/{name}/email/test', { path, body: {} })).toMatchObject({ success: true });
});

it('is refused with its places where it cannot be', async () => {
  const { version } = await configuration();
  const value = { ...settings(), host: 'mail.example.org', tls: { mode: 'off' }, to: 'ada\r\nBcc: eve@example.org' };
  const refused = await client.refused('PUT /instances/{name}/configuration/{section}', {
    ...{ path: section, body: { value, version } },
  });
  expect(refused.status).toBe(422);
  expect(refused.problems.map(({ path: place }) => place.join('.'))).toEqual(['email.to', 'email.tls.mode']);
});

it('is taken away whole', async () => {
  const { version } = await configuration();
  const body = { value: {}, version };
  const saved = await client.call('PUT /instances/{name}/configuration/{section}', { path: section, body });
  expect(saved.sections['email']).toEqual({ value: null, password: 'missing', passwords: {} });
});

it('the settings say where the catalog is, and how large', async () => {
  const { metadata } = await client.call('GET /instances/{name}/settings', { path });
  expect(metadata.place).toBe(join(client.home, 'shop', '.penstock', 'catalog.sqlite'));
  expect(metadata.bytes).toBeGreaterThan(0);
});
