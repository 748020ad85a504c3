import { PenstockError } from '../errors/penstock-error.ts';
import type { TlsSettings } from '../pipeline/settings.ts';
import { error, warning } from './finding.ts';
import type { Finding } from './source-connector.ts';

/** What a check finds; that the server cannot be reached is a finding too, and then the only one. */
export async function checkReached(
  type: string,
  signal: AbortSignal,
  check: () => Promise<Finding[]>,
  failureOf: (cause: unknown) => Error,
): Promise<Finding[]> {
  try {
    return await check();
  } catch (cause) {
    signal.throwIfAborted();
    const failure = failureOf(cause);
    if (!(failure instanceof PenstockError)) throw failure;
    return [error(failure.code === 'PS2003' ? `${type}.login` : `${type}.connection`, failure.message, failure.remedy)];
  }
}

/** A warning where what is read goes over a network as it is. */
export function checkTls(
  type: string,
  { host, tls }: { readonly host: string; readonly tls: TlsSettings },
): readonly Finding[] {
  const isLocal = /^(localhost|127\.|::1)/.test(host);
  if (tls.mode === 'verify' || isLocal) return [];
  const message = `data and password go to ${host} without encryption`;
  return [warning(`${type}.tls`, message, 'Set source.tls.mode to verify.')];
}
