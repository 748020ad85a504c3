import { expect, it } from 'vitest';
import { targetOf } from './target.ts';

it('reads a server from its URL', () => {
  expect(targetOf('oracle://sys:p%40ss@db.example.test:2484/SHOP.example.test?tls=true&ca=/ca.pem&root=CDB')).toEqual({
    host: 'db.example.test',
    port: 2484,
    database: 'SHOP.example.test',
    user: 'sys',
    password: 'p@ss',
    tls: { ca: '/ca.pem' },
    root: 'CDB',
  });
  expect(targetOf('oracle://sys:x@db/:ORCL')).toMatchObject({ port: 1521, database: ':ORCL', tls: null, root: null });
});

it.each([
  ['sys:x@db', /oracle:\/\/|no URL/],
  ['mssql://sys:secret@db/ORCL', /not with oracle/],
  ['oracle://db/ORCL', /needs a user/],
  ['oracle://sys:secret@db', /needs a service name/],
  ['oracle://sys:secret@db/ORCL?service=X', /unknown option service/],
  ['oracle://sys:secret@db/ORCL?tls=yes', /tls is true or false/],
])('refuses %s, and never tells its password', (url, reason) => {
  expect(() => targetOf(url)).toThrow(reason);
  expect(() => targetOf(url)).not.toThrow(/secret/);
});
