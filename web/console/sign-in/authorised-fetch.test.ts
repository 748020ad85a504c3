import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorisedFetch } from './authorised-fetch.ts';
import { heldTokens, type Tokens } from './tokens.ts';

const provider = vi.hoisted(() => ({ renewTokens: vi.fn<() => Promise<void>>() }));
vi.mock('./provider.ts', () => provider);

const HOUR = 3_600_000;
const tokens = (bearer: string, changes: Partial<Tokens> = {}): Tokens => ({
  ...{ bearer, refresh: 'r', id: null, expires: Date.now() + HOUR },
  ...changes,
});

/** The server takes one token, and says what each call carried. */
let taken = '';
let calls: (string | null)[] = [];

beforeEach(() => {
  calls = [];
  provider.renewTokens.mockReset();
  vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
    const carried = new Headers(init.headers).get('authorization');
    calls.push(carried);
    return Promise.resolve(new Response('{}', { status: carried === `Bearer ${taken}` ? 200 : 401 }));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function renewsTo(bearer: string): void {
  provider.renewTokens.mockImplementation(() => {
    heldTokens.hold(tokens(bearer));
    return Promise.resolve();
  });
}

test('a call without tokens carries none, and one that is refused shows the sign-in', async () => {
  heldTokens.lose();
  const response = await authorisedFetch('/x');
  expect([response.status, calls, heldTokens.isLost]).toEqual([401, [null], true]);
  expect(provider.renewTokens).not.toHaveBeenCalled();
});

test('many calls that are refused at once renew the token once, and are made again with it', async () => {
  heldTokens.hold(tokens('old'));
  taken = 'new';
  renewsTo('new');
  const answers = await Promise.all([authorisedFetch('/a'), authorisedFetch('/b'), authorisedFetch('/c')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(provider.renewTokens).toHaveBeenCalledTimes(1);
  expect(calls.filter((carried) => carried === 'Bearer old')).toHaveLength(3);
  expect(heldTokens.isLost).toBe(false);
});

test('a token that is about to expire is renewed before it is used', async () => {
  heldTokens.hold(tokens('old', { expires: Date.now() + 1000 }));
  taken = 'new';
  renewsTo('new');
  expect((await authorisedFetch('/a')).status).toBe(200);
  expect(calls).toEqual(['Bearer new']);
});

test('where the provider refuses, nobody is signed in any more', async () => {
  heldTokens.hold(tokens('old'));
  taken = 'new';
  provider.renewTokens.mockImplementation(() => {
    heldTokens.lose();
    return Promise.resolve();
  });
  expect((await authorisedFetch('/a')).status).toBe(401);
  expect([calls, heldTokens.current, heldTokens.isLost]).toEqual([['Bearer old'], null, true]);
});

test('where the provider is out of reach, the tokens stay', async () => {
  heldTokens.hold(tokens('old'));
  taken = 'new';
  provider.renewTokens.mockRejectedValue(new Error('out of reach'));
  await expect(authorisedFetch('/a')).rejects.toThrow('out of reach');
  expect(heldTokens.current?.bearer).toBe('old');
});
