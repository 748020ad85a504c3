import { generateKeyPairSync, sign } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { eventually, eventuallyIs } from '../fixtures/eventually.ts';
import { keepPicture, seriousFaults } from './console-world.ts';
import { OPERATOR, OUTSIDER, SignedInConsole, VIEWER } from './signed-in-console.ts';

/** Signing in and out in a real browser, at a provider that checks what it is sent, through the routes that the stack deploys. */

const HOUR = 3_600_000;

let world: SignedInConsole;
let page: Page;

beforeAll(async () => {
  world = await SignedInConsole.open();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

async function heldBearer(): Promise<string | null> {
  const text = await page.evaluate<string | null>(`sessionStorage.getItem('penstock-tokens')`);
  return text === null ? null : (JSON.parse(text) as { bearer: string }).bearer;
}

/** A call of the API with this token, past the pages. */
async function callWith(bearer: string, method: string, path: string, data?: unknown): Promise<number> {
  const response = await page.request.fetch(`${world.gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}` },
    ...(data === undefined ? {} : { data }),
  });
  return response.status();
}

test.each(['light', 'dark'] as const)(
  'nobody is signed in: a way in, and no serious fault for axe, %s',
  async (scheme) => {
    page = await world.openPage(`/instances/${world.instance}`, scheme);
    await page.getByRole('heading', { name: 'Sign in to Penstock' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.getByText('Sign out').count()).toBe(0);
    await page.context().close();
  },
);

test('whatever of the API is asked without a token is refused, by any spelling of its path', async () => {
  page = await world.openPage('/');
  const paths = [
    '/api/v1/session',
    '/api/v1/instances',
    '/api/v1/openapi.json',
    '/ingest/api/ingest/conn-src',
    '/api/x',
  ];
  const spelled = ['/%61pi/v1/session', '/api%2Fv1/session', '//api/v1/session', '/x/../api/v1/session', '/api'];
  for (const path of paths) {
    expect([path, (await page.request.get(world.gateway.url + path)).status()]).toEqual([path, 401]);
  }
  for (const path of spelled) {
    const response = await page.request.get(world.gateway.url + path);
    expect([path, (await response.text()).includes('canConfigure')]).toEqual([path, false]);
  }
});

test('tokens that the provider did not sign, or not for this console, or that are over, are refused', async () => {
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: 'https://identity.test', aud: 'console', sub: 'x', exp: now + 600, groups: ['keepers'] };
  const { provider } = world;
  expect(await callWith(provider.signed(good), 'GET', '/api/v1/session')).toBe(200);
  for (const wrong of [{ aud: 'pages' }, { iss: 'https://other.test' }, { exp: now - 1 }]) {
    expect(await callWith(provider.signed({ ...good, ...wrong }), 'GET', '/api/v1/session')).toBe(401);
  }
  const [head, payload] = provider.signed(good).split('.');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const forged = sign('sha256', Buffer.from(`${head}.${payload}`), privateKey).toString('base64url');
  expect(await callWith(`${head}.${payload}.${forged}`, 'GET', '/api/v1/session')).toBe(401);
  await page.context().close();
});

test('a viewer comes back to the page that was asked for, sees it, and changes nothing', async () => {
  page = await world.openPage(`/instances/${world.instance}?x=1`);
  await page.getByRole('heading', { name: 'Sign in to Penstock' }).waitFor();
  await world.signIn(page, VIEWER);
  await page.waitForURL(`${world.gateway.url}/instances/${world.instance}?x=1`);
  await page.getByRole('button', { name: VIEWER.name }).waitFor();
  const toggle = page.getByRole('checkbox', { name: /^Scheduler turned/ });
  await toggle.waitFor();
  expect(await toggle.isDisabled()).toBe(true);
  const bearer = (await heldBearer()) ?? '';
  expect(await callWith(bearer, 'GET', `/api/v1/instances/${world.instance}/dashboard`)).toBe(200);
  expect(await callWith(bearer, 'PUT', `/api/v1/instances/${world.instance}/scheduler`, { on: false })).toBe(403);
  expect(await callWith(bearer, 'GET', `/api/v1/instances/${world.instance}/logs/download`)).toBe(403);
});

test('a page that is loaded again goes on without asking', async () => {
  await page.reload();
  await page.getByRole('checkbox', { name: /^Scheduler turned/ }).waitFor();
  expect(world.provider.counts.codes).toBe(1);
  await page.context().close();
});

test('an operator turns the switch, and takes the log away', async () => {
  page = await world.openPage(`/instances/${world.instance}`);
  world.provider.endSessions();
  await world.signIn(page, OPERATOR);
  await page.getByText('Scheduler turned ON').click();
  await page.getByText('Scheduler turned OFF').waitFor();
  await page.getByRole('link', { name: 'Logs' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()]);
  expect(download.suggestedFilename()).toBe(`${world.instance}.log`);
});

test('a token that is over is renewed without a word, once for all calls that found it so', async () => {
  const before = await heldBearer();
  const { refreshes } = world.provider.counts;
  world.letTimePass(HOUR);
  await page.getByRole('link', { name: 'Dashboard' }).first().click();
  await eventually(async () => (await heldBearer()) !== before);
  await page.getByText('Scheduler turned OFF').waitFor();
  expect(world.provider.counts.refreshes).toBe(refreshes + 1);
  expect(await callWith(before ?? '', 'GET', '/api/v1/session')).toBe(401);
});

test('where the provider has ended the session, the console asks for a new one, and goes back to where it was', async () => {
  world.provider.endSessions();
  world.letTimePass(HOUR);
  await page.getByRole('heading', { name: 'Sign in to Penstock' }).waitFor();
  expect(await heldBearer()).toBeNull();
  await world.signIn(page, OPERATOR);
  await page.waitForURL(`${world.gateway.url}/instances/${world.instance}`);
  await page.getByText('Scheduler turned OFF').waitFor();
});

test('signing out forgets the tokens, has them revoked, and ends the session at the provider', async () => {
  await page.getByRole('button', { name: OPERATOR.name }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Penstock' }).waitFor();
  await eventuallyIs(() => Promise.resolve(page.url()), `${world.gateway.url}/`);
  expect(await heldBearer()).toBeNull();
  expect(world.provider.counts).toMatchObject({ revoked: 1, signOuts: 1 });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: "The company's sign-in" }).waitFor();
  await page.context().close();
});

test('who has no role here is told so, and whom to ask', async () => {
  page = await world.openPage('/');
  await world.signIn(page, OUTSIDER);
  await page.getByText('neither a viewer nor an operator').waitFor();
  await page.getByText('watchers, keepers').waitFor();
  await page.getByRole('button', { name: 'Signed in' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Penstock' }).waitFor();
});

test('an answer that this tab did not ask for, or a refusal, is not taken for a sign-in', async () => {
  await page.goto(`${world.gateway.url}/signed-in?code=stolen&state=guessed`);
  await page.getByText('This tab did not begin to sign in').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('User').waitFor();
  await page.goto(`${world.gateway.url}/signed-in?code=stolen&state=guessed`);
  await page.getByText('not as it should be').waitFor();
  expect(await heldBearer()).toBeNull();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('User').waitFor();
  await page.goto(`${world.gateway.url}/`);
  const state = await page.evaluate<string>(`JSON.parse(sessionStorage.getItem('penstock-sign-in')).state`);
  await page.goto(`${world.gateway.url}/signed-in?error=access_denied&state=${state}`);
  await page.getByText('The provider refused to sign you in').waitFor();
  expect(await seriousFaults(page)).toEqual([]);
});

test('nobody had anything to complain of', () => {
  expect(world.provider.faults).toEqual([]);
  expect(world.gateway.faults).toEqual([]);
  expect(world.complaints).toEqual([]);
});
