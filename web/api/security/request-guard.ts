import { ApiError } from '../problems/api-error.ts';

/** What the guard looks at. */
export interface GuardedRequest {
  readonly method: string;
  /** Header by its name in small letters; null: it was not sent. */
  readonly header: (name: string) => string | null;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * Refuses what a foreign page may have made a browser send. `hosts`: the names under which this server is asked, with port; a name that
 * an attacker points to this address is none of them (DNS rebinding). Null: whoever stands before this server checks the name.
 * @throws ApiError 421, 403, 415
 */
export function guardRequest({ method, header }: GuardedRequest, hosts: ReadonlySet<string> | null): void {
  const host = header('host')?.toLowerCase() ?? '';
  if (hosts !== null && !hosts.has(host)) {
    throw new ApiError(421, 'this server is not asked under that name', {
      remedy: `Use one of: ${[...hosts].map((name) => `http://${name}`).join(', ')}`,
    });
  }
  const origin = header('origin');
  if (origin !== null && !isOwnOrigin(origin, host)) throw foreign();
  const site = header('sec-fetch-site');
  // Following a link to a page is harmless: nobody may frame it, and who links to it cannot read it.
  const isVisit = method === 'GET' && header('sec-fetch-mode') === 'navigate';
  if (site !== null && site !== 'same-origin' && site !== 'none' && !isVisit) throw foreign();
  if (SAFE.has(method)) return;
  const hasBody = (header('content-length') ?? '0') !== '0' || header('transfer-encoding') !== null;
  const type = header('content-type');
  // A form of a foreign page can send every type but this one without asking first.
  if ((hasBody || type !== null) && !JSON_TYPE.test(type ?? '')) {
    throw new ApiError(415, 'bodies are JSON', { remedy: 'Send the header `Content-Type: application/json`.' });
  }
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

function foreign(): ApiError {
  return new ApiError(403, 'pages of another origin may not ask this server');
}
