import * as oauth from 'oauth4webapi';
import type { SignInSettings } from '../../api/schemas/sign-in.ts';
import { parseProblem, RequestError, type Problem } from '../api/problem.ts';
import { heldTokens, type Tokens } from './tokens.ts';

/** OpenID Connect with the provider that the deployment names: authorization code with PKCE. Loaded where somebody signs in. */

/** web/api/schemas/sign-in.ts names these paths, too. */
const SETTINGS_PATH = '/sign-in.json';
export const SIGNED_IN_PATH = '/signed-in';
const SIGNED_OUT_PATH = '/';
/** What is remembered while the browser is at the provider's. */
const KEY = 'penstock-sign-in';

interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

interface Provider {
  readonly settings: SignInSettings;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
}

/** Sends the browser to the provider's sign-in page. @param returnTo the path to come back to */
export async function beginSignIn(returnTo: string): Promise<void> {
  const { settings, server } = await provider();
  const begun: Begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    returnTo,
  };
  const address = new URL(required(server.authorization_endpoint, 'authorization_endpoint'));
  const parameters = {
    ...settings.parameters,
    client_id: settings.clientId,
    redirect_uri: location.origin + SIGNED_IN_PATH,
    response_type: 'code',
    scope: settings.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  sessionStorage.setItem(KEY, JSON.stringify(begun));
  location.assign(address);
}

/** Takes what the provider sent the browser back with. @returns the path at which somebody began to sign in */
export async function finishSignIn(answer: URLSearchParams): Promise<string> {
  const text = sessionStorage.getItem(KEY);
  // Good once: a page that is loaded again does not try the code a second time.
  sessionStorage.removeItem(KEY);
  if (text === null) throw new RequestError(problem('This tab did not begin to sign in', 'Sign in again.'));
  const begun = JSON.parse(text) as Begun;
  const { settings, server, client } = await provider();
  try {
    const checked = oauth.validateAuthResponse(server, client, answer, begun.state);
    const redirect = location.origin + SIGNED_IN_PATH;
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, client, oauth.None(), checked, redirect, begun.verifier] as const),
    );
    const given = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: begun.nonce,
      requireIdToken: true,
    });
    heldTokens.hold(tokensOf(settings, given, null));
    return begun.returnTo;
  } catch (error) {
    throw new RequestError(refusal(error));
  }
}

/** New tokens for the held ones. Where the provider refuses, nobody is signed in any more. */
export async function renewTokens(): Promise<void> {
  const held = heldTokens.current;
  if (held === null) return;
  if (held.refresh === null) {
    heldTokens.lose();
    return;
  }
  const { settings, server, client } = await provider();
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), held.refresh);
    const given = await oauth.processRefreshTokenResponse(server, client, response);
    heldTokens.hold(tokensOf(settings, given, held));
  } catch (error) {
    // A provider that is out of reach has refused nothing.
    if (error instanceof TypeError) throw new RequestError(OUT_OF_REACH);
    heldTokens.lose();
  }
}

/** Forgets the tokens, has the provider forget them, and ends the session there. */
export async function signOut(): Promise<void> {
  const held = heldTokens.current;
  const { settings, server, client } = await provider();
  if (held !== null && held.refresh !== null && server.revocation_endpoint !== undefined) {
    // Signing out goes on where this fails: the token expires by itself.
    await oauth.revocationRequest(server, client, oauth.None(), held.refresh).catch(() => undefined);
  }
  const back = location.origin + SIGNED_OUT_PATH;
  heldTokens.lose();
  if (server.end_session_endpoint === undefined) {
    location.assign(back);
    return;
  }
  const address = new URL(server.end_session_endpoint);
  address.searchParams.set('client_id', settings.clientId);
  address.searchParams.set(settings.signOutReturn, back);
  if (settings.signOutReturn === 'post_logout_redirect_uri' && held !== null && held.id !== null) {
    address.searchParams.set('id_token_hint', held.id);
  }
  location.assign(address);
}

async function provider(): Promise<Provider> {
  const settings = await readSettings();
  const client: oauth.Client = { client_id: settings.clientId };
  const { endpoints, issuer } = settings;
  if (endpoints === null) return { settings, client, server: await discover(issuer) };
  const { authorization, token, revocation, signOut: ending } = endpoints;
  const server = {
    ...{ issuer, authorization_endpoint: authorization, token_endpoint: token },
    ...(revocation === null ? {} : { revocation_endpoint: revocation }),
    ...(ending === null ? {} : { end_session_endpoint: ending }),
  };
  return { settings, client, server };
}

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  try {
    const url = new URL(issuer);
    return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url));
  } catch (error) {
    throw new RequestError(error instanceof TypeError ? OUT_OF_REACH : refusal(error));
  }
}

async function readSettings(): Promise<SignInSettings> {
  const response = await fetch(SETTINGS_PATH, { headers: { accept: 'application/json' } });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new RequestError(parseProblem(response.status, response.statusText, body));
  return body as SignInSettings;
}

function tokensOf({ bearer }: SignInSettings, given: oauth.TokenEndpointResponse, before: Tokens | null): Tokens {
  const id = given.id_token ?? null;
  const carried = bearer === 'id' ? id : given.access_token;
  if (carried === null) throw new RequestError(problem('The provider gave no ID token', null));
  return {
    bearer: carried,
    refresh: given.refresh_token ?? before?.refresh ?? null,
    id: id ?? before?.id ?? null,
    expires: Date.now() + (given.expires_in ?? 300) * 1000,
  };
}

function required(endpoint: string | undefined, name: string): string {
  if (endpoint === undefined) throw new RequestError(problem(`The provider's discovery document has no ${name}`, null));
  return endpoint;
}

const OUT_OF_REACH: Problem = problem(
  'The sign-in provider cannot be reached from this browser',
  'Try again. If it stays so, the deployment may name another origin than the provider has (console.signIn.origins).',
);

/** What the provider answered; never a token or a code. */
function refusal(error: unknown): Problem {
  if (error instanceof TypeError) return OUT_OF_REACH;
  const isTold = error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError;
  if (!isTold) return problem('The provider’s answer is not as it should be', 'Sign in again.', messageOf(error));
  const { error: code, error_description: description } = error;
  return problem(
    'The provider refused to sign you in',
    'Sign in again, or ask whoever keeps the users.',
    description ?? code,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function problem(title: string, remedy: string | null, detail: string | null = null): Problem {
  return { title, status: 401, detail, code: null, remedy, problems: [] };
}
