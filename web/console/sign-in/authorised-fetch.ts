import { heldTokens, type Tokens } from './tokens.ts';

/** A token that expires so soon is renewed before it is used. */
const EARLY_MILLISECONDS = 30_000;

let renewal: Promise<void> | null = null;

/**
 * `fetch` with the token of whoever is signed in, which is renewed where it has expired. A call that is refused for want of one was
 * not looked at by the API, so it may be made again. Where it stays refused, the sign-in page shows.
 */
export async function authorisedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const held = heldTokens.current;
  const used = held !== null && isOver(held) ? await renewed(held) : held;
  let response = await fetch(url, withBearer(init, used));
  if (response.status === 401 && used !== null) {
    const next = await renewed(used);
    if (next !== null) response = await fetch(url, withBearer(init, next));
  }
  if (response.status === 401) heldTokens.lose();
  return response;
}

function isOver({ refresh, expires }: Tokens): boolean {
  return refresh !== null && expires - Date.now() < EARLY_MILLISECONDS;
}

function withBearer(init: RequestInit, tokens: Tokens | null): RequestInit {
  if (tokens === null) return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${tokens.bearer}`);
  return { ...init, headers };
}

/** What came after `used`; null: nobody is signed in any more. */
async function renewed(used: Tokens): Promise<Tokens | null> {
  // Another call may have renewed it meanwhile.
  if (heldTokens.current === used) {
    renewal ??= import('./provider.ts')
      .then(({ renewTokens }) => renewTokens())
      .finally(() => {
        renewal = null;
      });
    await renewal;
  }
  return heldTokens.current;
}
