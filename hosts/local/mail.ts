import { readFile } from 'node:fs/promises';
import type { Secrets } from '../../core/host/host.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';

export interface Message {
  readonly subject: string;
  readonly body: string;
}

/** Milliseconds until a server has answered; what it does not take by then is told the next time. */
const CONNECT_MILLISECONDS = 10_000;
const IDLE_MILLISECONDS = 20_000;

/** What a mail server did not do, in words that hold no password. */
export class MailFailure extends Error {
  /** `EAUTH`, `ETLS`, `ECONNREFUSED` and so on. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = 'MailFailure';
    this.code = code;
  }
}

/**
 * Sends one message over a connection of its own: alerts are rare. The server is verified, and without TLS nothing is sent where it is asked for.
 * @throws MailFailure; PenstockError PS1002 where the password is not there
 */
export async function sendMail(settings: EmailSettings, secrets: Secrets, { subject, body }: Message): Promise<void> {
  const { host, port, tls, login, from, to } = settings;
  const password = login === null ? null : await secrets.read(login.password);
  const authority = tls.mode === 'off' || tls.ca === null ? {} : { ca: await authorityText(tls.ca) };
  // Loaded here: few installations send mail.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{ host, port, connectionTimeout: CONNECT_MILLISECONDS, greetingTimeout: CONNECT_MILLISECONDS },
    socketTimeout: IDLE_MILLISECONDS,
    secure: tls.mode === 'implicit',
    requireTLS: tls.mode === 'starttls',
    ignoreTLS: tls.mode === 'off',
    tls: { ...authority, minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(login === null || password === null ? {} : { auth: { user: login.user, pass: password } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject,
      text: body,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    throw failureOf(error, login === null || password === null ? [] : formsOf(login.user, password));
  } finally {
    transport.close();
  }
}

async function authorityText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new MailFailure(`${path} cannot be read: ${code}`, 'ETLS');
  }
}

/** As a login sends a password: plain, or as AUTH LOGIN and AUTH PLAIN write it. */
function formsOf(user: string, password: string): string[] {
  const written = [password, `\0${user}\0${password}`].map((text) => Buffer.from(text).toString('base64'));
  return [...written, password];
}

/** A server may say again what it was sent. */
function failureOf(error: unknown, secrets: readonly string[]): MailFailure {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new MailFailure(
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text),
    code,
  );
}
