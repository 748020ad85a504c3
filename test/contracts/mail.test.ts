import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ALERTING } from '../../core/events/alert.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';
import { selfSigned } from '../fixtures/certificate.ts';
import { MailServer } from '../fixtures/mail-server.ts';
import { MailFailure, sendMail } from '../../hosts/local/mail.ts';
import { testMail } from '../../hosts/local/test-mail.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-mail-'));
afterAll(() => rmSync(folder, { recursive: true }));
const certificate = selfSigned();
const ca = join(folder, 'authority.pem');
writeFileSync(ca, certificate.certificate);

const PASSWORD = 'pass;word 1';
const LOGIN = { user: 'sender', password: PASSWORD };
const secrets = { read: () => Promise.resolve(PASSWORD) };

function settingsFor(server: MailServer, changed: Partial<EmailSettings> = {}): EmailSettings {
  return {
    ...{ enabled: true, host: '127.0.0.1', port: server.port, tls: { mode: 'off' }, login: null },
    ...{ from: 'penstock@example.org', to: ['a@example.org', 'b@example.org'], events: ALERTING },
    ...changed,
  };
}
const login = { user: 'sender', password: { tag: 'env', name: 'X' } } as const;
const message = { subject: 'Penstock shop: stopped', body: 'It stopped.\n\n.\nWhat to do: look\n' };

async function failure(work: Promise<void>): Promise<MailFailure> {
  const found = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(found instanceof MailFailure)) throw new Error(`expected a failure of the mail, got ${String(found)}`);
  return found;
}

describe('a message', () => {
  it('comes to everybody who is named, whole', async () => {
    await using server = await MailServer.start();
    await sendMail(settingsFor(server), secrets, message);
    const [mail] = server.taken;
    expect(mail).toMatchObject({ from: 'penstock@example.org', to: ['a@example.org', 'b@example.org'] });
    expect(mail?.data).toContain('Subject: Penstock shop: stopped');
    expect(mail?.data).toContain('What to do: look');
    expect(mail?.data).toContain('Auto-Submitted: auto-generated');
  });

  it.each(['offers', 'from the start'] as const)('goes over TLS that the server %s, with a login', async (mode) => {
    await using server = await MailServer.start({ tls: { mode, certificate }, login: LOGIN });
    const tls = { mode: mode === 'offers' ? 'starttls' : 'implicit', ca } as const;
    await sendMail(settingsFor(server, { tls, login }), secrets, message);
    expect(server.taken).toMatchObject([{ encrypted: true, user: 'sender' }]);
  });
});

describe('nothing is sent', () => {
  it.each(['offers', 'from the start'] as const)('to a server that cannot prove its name (%s)', async (mode) => {
    await using server = await MailServer.start({ tls: { mode, certificate }, login: LOGIN });
    const tls = { mode: mode === 'offers' ? 'starttls' : 'implicit', ca: null } as const;
    const { message: told } = await failure(sendMail(settingsFor(server, { tls, login }), secrets, message));
    expect(told).toMatch(/self-signed/);
    expect(server.taken).toEqual([]);
  });

  it('over a connection without TLS where STARTTLS is asked for, and no password either', async () => {
    await using server = await MailServer.start({ login: LOGIN });
    const told = await failure(
      sendMail(settingsFor(server, { tls: { mode: 'starttls', ca }, login }), secrets, message),
    );
    expect(told.code).toBe('ETLS');
    expect(server.taken).toEqual([]);
  });

  it('to a server whose certificate is that of another name', async () => {
    const another = selfSigned('mail.example.org');
    const known = join(folder, 'another.pem');
    writeFileSync(known, another.certificate);
    await using server = await MailServer.start({ tls: { mode: 'from the start', certificate: another } });
    const settings = settingsFor(server, { tls: { mode: 'implicit', ca: known } });
    expect((await failure(sendMail(settings, secrets, message))).message).toMatch(/altnames/);
    expect(server.taken).toEqual([]);
  });
});

it('a password that the server does not take, and says again, is in no message', async () => {
  await using server = await MailServer.start({ login: { user: 'sender', password: 'another' } });
  const told = await failure(sendMail(settingsFor(server, { login }), secrets, message));
  expect(told.code).toBe('EAUTH');
  expect(told.message).not.toContain(PASSWORD);
  expect(told.message).not.toContain(Buffer.from(PASSWORD).toString('base64'));
  expect(told.message).not.toContain(Buffer.from(`\0sender\0${PASSWORD}`).toString('base64'));
});

describe('a test', () => {
  it('sends a message that says what it is', async () => {
    await using server = await MailServer.start();
    expect(await testMail(settingsFor(server), secrets, 'shop')).toMatchObject({ severity: 'ok', code: 'email.sent' });
    expect(server.taken[0]?.data).toContain('This is a test.');
  });

  it('says what is wrong and how to mend it', async () => {
    const server = await MailServer.start({ login: { user: 'sender', password: 'another' } });
    const settings = settingsFor(server, { login });
    expect(await testMail(settings, secrets, 'shop')).toMatchObject({
      severity: 'error',
      remedy: expect.stringContaining('Correct user and password') as string,
    });
    await server[Symbol.asyncDispose]();
    expect(await testMail(settings, secrets, 'shop')).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});
