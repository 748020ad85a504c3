import oracledb from 'oracledb';
import { expect, it } from 'vitest';
import type { SourceType } from '../values/source-type.ts';
import { requireExact, textsOf } from './driver-connection.ts';
import { fetchSize } from './fetch-size.ts';

it('gives rows as texts, and an empty large object as what it is', () => {
  const sql = { text: '', binds: [], flagged: [1, 2, 3] };
  const row = ['a', null, null, 'text', '1', null, '1'];
  expect(textsOf(row, sql)).toEqual(['a', '', null, 'text']);
  expect(textsOf([null, Buffer.from([1]), 0.5], { text: '', binds: [] })).toEqual([null, '01', '0.5']);
});

it('refuses what the driver would round or cut', () => {
  requireExact([
    { dbType: oracledb.DB_TYPE_VARCHAR },
    { dbType: oracledb.DB_TYPE_CLOB },
    { dbType: oracledb.DB_TYPE_RAW },
  ]);
  expect(() => requireExact([{ dbType: oracledb.DB_TYPE_NUMBER }])).toThrow('the server sent DB_TYPE_NUMBER');
  expect(() => requireExact([{ dbType: oracledb.DB_TYPE_DATE }])).toThrow('DB_TYPE_DATE');
});

it('fetches fewer rows at once the wider they are', () => {
  const size = (...types: readonly SourceType[]) =>
    fetchSize({
      tag: 'rows',
      table: { schema: 'S', name: 'T' },
      asOf: null,
      columns: types.map((type) => ({ name: 'C', type })),
      conditions: [],
      orderBy: null,
    });
  expect(size({ tag: 'date' })).toBe(2000);
  expect(size({ tag: 'varchar', isNational: false, characters: 4000 })).toBe(524);
  expect(size({ tag: 'clob', isNational: false })).toBe(64);
  expect(fetchSize({ tag: 'threads' })).toBe(1000);
});
