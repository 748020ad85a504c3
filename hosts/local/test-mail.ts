import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Secrets } from '../../core/host/host.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';
import { error, ok } from '../../core/sources/finding.ts';
import type { Finding } from '../../core/sources/source-connector.ts';
import { MailFailure, sendMail } from './mail.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EAUTH: 'Correct user and password; some servers want a password made for programs.',
  ETLS: 'Choose the TLS mode that the server offers, or name its authority in `ca`.',
  ESOCKET:
    'Look at host, port and TLS mode: starttls is usual on port 587, implicit on 465. Name an own authority in `ca`.',
  EDNS: 'Correct the name of the server.',
  EENVELOPE: 'Correct sender and recipients: the server does not take one of them.',
};
const OTHERWISE = 'Look at host and port, and whether a firewall lets this machine reach the server.';

/** Sends a message that says it is a test. What is wrong is a finding. */
export async function testMail(settings: EmailSettings, secrets: Secrets, pipeline: string): Promise<Finding> {
  const to = settings.to.join(', ');
  try {
    const body = `This is a test. Alerts of the pipeline ${pipeline} will come to ${to}.\n`;
    await sendMail(settings, secrets, { subject: `Penstock ${pipeline}: a test`, body });
    return ok('email.sent', `${settings.host} took a test message to ${to}`);
  } catch (failure) {
    if (failure instanceof PenstockError) return error('email.password', failure.message, failure.remedy);
    if (!(failure instanceof MailFailure)) throw failure;
    return error('email.refused', failure.message, REMEDIES[failure.code] ?? OTHERWISE);
  }
}
