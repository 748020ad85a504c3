import { expect, it } from 'vitest';
import { targetOf } from './target.ts';

it('reads a server from its URL', () => {
  expect(targetOf('mssql://sa:p%40ss@db.example.test:1434?trustServerCertificate=true')).toEqual({
    host: 'db.example.test',
    port: 1434,
    user: 'sa',
    password: 'p@ss',
    tls: { ca: null },
    options: { trustServerCertificate: true },
  });
  expect(targetOf('mssql://sa:x@db?encrypt=false&instanceName=SHOP')).toMatchObject({
    port: null,
    tls: null,
    options: { instanceName: 'SHOP' },
  });
});

it.each([
  ['sa:x@db', /mssql:\/\/|no URL/],
  ['postgres://sa:secret@db', /not with mssql/],
  ['mssql://db', /needs a user/],
  ['mssql://sa:secret@db/shop', /names a database/],
  ['mssql://sa:secret@db?encrypted=true', /unknown option encrypted/],
  ['mssql://sa:secret@db?encrypt=yes', /encrypt is true or false/],
  ['mssql://sa:secret@db:1433?instanceName=A', /a port and an instance/],
])('refuses %s, and never tells its password', (url, reason) => {
  expect(() => targetOf(url)).toThrow(reason);
  expect(() => targetOf(url)).not.toThrow(/secret/);
});
