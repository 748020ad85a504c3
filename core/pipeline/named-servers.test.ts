import { expect, it } from 'vitest';
import { namedServers, withAuthorities } from './named-servers.ts';

const OFF = { mode: 'off' } as const;
const VERIFY = { mode: 'verify', ca: null } as const;
const PROXY = { host: 'p', port: 80, settings: { host: 'options.proxy', port: 'options.proxyPort' } };
const SETTINGS = {
  ...{ host: 'a', port: 1521, tls: VERIFY, user: 'u', options: { port: 1 } },
  rootDatabase: { host: 'b', port: 1522, tls: VERIFY, password: { tag: 'env', name: 'X' } },
  miningDatabase: { host: 'c', port: null, tls: OFF, via: PROXY, logPaths: [{ from: 'x', to: 'y' }] },
  none: null,
};

it('finds servers by their shape, wherever they stand', () => {
  expect(namedServers(SETTINGS, ['source'])).toEqual([
    { path: ['source'], host: 'a', port: 1521, tls: VERIFY, via: null },
    { path: ['source', 'rootDatabase'], host: 'b', port: 1522, tls: VERIFY, via: null },
    { path: ['source', 'miningDatabase'], host: 'c', port: null, tls: OFF, via: PROXY },
  ]);
  expect(namedServers(null, [])).toEqual([]);
});

it('names other authorities where a server is verified, and changes nothing else', () => {
  const files = new Map([
    ['source.rootDatabase', '/root.pem'],
    ['source.miningDatabase', '/mining.pem'],
  ]);
  expect(withAuthorities(SETTINGS, files, ['source'])).toEqual({
    ...SETTINGS,
    rootDatabase: { ...SETTINGS.rootDatabase, tls: { mode: 'verify', ca: '/root.pem' } },
  });
});
