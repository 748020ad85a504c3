import type { Finding } from './source-connector.ts';

export function ok(code: string, message: string): Finding {
  return { code, severity: 'ok', message, remedy: null };
}

/** It works, with a risk. */
export function warning(code: string, message: string, remedy: string): Finding {
  return { code, severity: 'warning', message, remedy };
}

/** Replication cannot work, or would lose something. */
export function error(code: string, message: string, remedy: string): Finding {
  return { code, severity: 'error', message, remedy };
}
