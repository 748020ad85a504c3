import { expect, it } from 'vitest';
import { releaseOf, serverIn } from './given-server.ts';

it.each([
  ['postgres (PostgreSQL) 10.23', 10],
  ['initdb (PostgreSQL) 17.10 (Debian 17.10-1.pgdg12+1)', 17],
  ['postgres (PostgreSQL) 18beta1', 18],
])('reads the release from %s', (text, release) => {
  expect(releaseOf(text)).toBe(release);
});

it('refuses what is no PostgreSQL, or too old a one', () => {
  expect(() => releaseOf('mysqld  Ver 8.0.15 for Linux on x86_64')).toThrow(/no PostgreSQL/);
  expect(() => releaseOf('postgres (PostgreSQL) 9.6.24')).toThrow(/older than 10/);
  expect(() => serverIn('bin')).toThrow(/whole path/);
});
