/**
 * Of every answer, pages and API: no scripts or styles but this server's own files; nobody may frame the pages, and they ask nobody
 * else but `signIn`, the origins of the place's sign-in. Null: there is none, because only this machine is served, and without TLS.
 */
export function securityHeaders(signIn: readonly string[] | null): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentSecurityPolicy((signIn ?? []).map((url) => new URL(url).origin)),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    ...(signIn === null ? {} : { 'strict-transport-security': 'max-age=63072000' }),
  };
}

function contentSecurityPolicy(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...new Set(origins)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
