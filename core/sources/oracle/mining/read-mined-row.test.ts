import { expect, it } from 'vitest';
import { readMinedRow } from './read-mined-row.ts';

const VALUES = {
  scn: '9295429630892703742',
  thread: '2',
  rsId: ' 0x0000a3.00000f21.0010 ',
  ssn: '1',
  csf: '1',
  operation: '3',
  rollback: '1',
  status: '2',
  info: 'Dictionary Mismatch',
  usn: '5',
  slt: '12',
  sqn: '4294967295',
  owner: 'SHOP',
  table: 'ORD',
  rowId: 'AAASd7AAHAAAAFrAAB',
  id: '74858',
  version: '1',
  dataId: '74860',
  time: '2026-11-21 09:00:00',
  user: 'SHOP',
  container: '3',
  name: 'PDB1',
  sql: 'update "SHOP"."ORD" set "A" = \'',
};

it('reads every value of a row, numbers that can be large as texts', () => {
  expect(readMinedRow(Object.values(VALUES))).toEqual({
    scn: '9295429630892703742',
    thread: 2,
    rsId: '0x0000a3.00000f21.0010',
    ssn: 1,
    continues: true,
    operation: 3,
    isUndo: true,
    status: 2,
    info: 'Dictionary Mismatch',
    transaction: { segment: 5, slot: 12, sequence: 4_294_967_295 },
    owner: 'SHOP',
    table: 'ORD',
    rowId: 'AAASd7AAHAAAAFrAAB',
    object: { id: '74858', version: '1', dataId: '74860' },
    timestamp: '2026-11-21 09:00:00',
    user: 'SHOP',
    container: { id: 3, name: 'PDB1' },
    sql: 'update "SHOP"."ORD" set "A" = \'',
  });
});

it('knows no container where the server has none', () => {
  const row = Object.values({ ...VALUES, container: '0', name: null, sql: null, owner: null, info: null });
  expect(readMinedRow(row)).toMatchObject({ container: null, sql: null, owner: null, info: null });
});

it('refuses a row of another form, and one without what orders it', () => {
  expect(() => readMinedRow(['1', '1'])).toThrow('LogMiner gave a row of 2 values');
  expect(() => readMinedRow(Object.values({ ...VALUES, scn: null }))).toThrow('LogMiner gave a row without SCN');
});
