import { expect, it } from 'vitest';
import { programAt, releaseOf } from './given-server.ts';

it.each([
  ['mysqld  Ver 5.7.22 for linux-glibc2.12 on x86_64 (MySQL Community Server (GPL))', [5, 7]],
  ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', [9, 7]],
])('reads the release from %s', (text, release) => {
  expect(releaseOf(text)).toEqual(release);
});

it('refuses what is no MySQL', () => {
  expect(() =>
    releaseOf('mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)'),
  ).toThrow(/no MySQL server/);
  expect(() => programAt('mysqld')).toThrow(/whole path/);
});
