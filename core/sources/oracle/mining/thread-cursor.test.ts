import { describe, expect, it } from 'vitest';
import { minedRow } from '../../../../test/fixtures/oracle-mining/mined-rows.ts';
import type { MinedRow } from './mined-row.ts';
import { ThreadCursor } from './thread-cursor.ts';

const INSERT = 1;
const UPDATE = 3;

function unplaced(at: number, row: Partial<MinedRow> = {}): MinedRow {
  return minedRow(at, UPDATE, { rsId: '0x000000.00000000.0000', ...row });
}

/** What a round brings that is new: SCNs. `isCut`: it does not come to its end. */
function round(
  cursor: ThreadCursor,
  rows: readonly MinedRow[],
  { from = '0', through = null as string | null, isCut = false, lastLog = 1 } = {},
): string[] {
  expect(cursor.beginRound(from, through)).toBe(true);
  const told: string[] = [];
  for (const row of rows) {
    if (cursor.hold(row)) continue;
    told.push(...cursor.release(row).map(({ scn }) => scn));
    if (cursor.take(row)) told.push(row.scn);
  }
  if (isCut) return told;
  told.push(...cursor.releaseAtEnd(lastLog).map(({ scn }) => scn));
  cursor.endRound();
  return told;
}

describe('rows without an address', () => {
  it('are each given once, as many as are equal, whatever stands beside them', () => {
    const cursor = new ThreadCursor([], '1');
    const [first, last] = [minedRow(10, INSERT), minedRow(40, INSERT)];
    expect(round(cursor, [first, unplaced(12), unplaced(12)], { through: '20' })).toEqual(['10', '12', '12']);
    // A third one of them surfaces, and what the first round left out.
    expect(round(cursor, [first, unplaced(12), last, unplaced(12), unplaced(12)])).toEqual(['40', '12']);
    expect(round(cursor, [unplaced(12), unplaced(12), unplaced(12), unplaced(13)], { from: '12' })).toEqual(['13']);
  });

  it('are told apart by operation, row, transaction and object, not by what LogMiner may learn later', () => {
    const cursor = new ThreadCursor([], '1');
    const { transaction } = minedRow(1, UPDATE);
    expect(round(cursor, [unplaced(12)])).toEqual(['12']);
    const later = unplaced(12, { transaction: { ...transaction, sequence: 4_294_967_295 }, owner: 'UNKNOWN', sql: '' });
    const others = [
      unplaced(12, { operation: 2 }),
      unplaced(12, { isUndo: true }),
      unplaced(12, { rowId: 'AAASd7AAHAAAAFrAAB' }),
      unplaced(12, { transaction: { ...transaction, slot: 3 } }),
      unplaced(12, { object: { id: '74859', version: '1', dataId: '74859' } }),
    ];
    expect(round(cursor, [later, ...others])).toHaveLength(others.length);
  });

  it('wait for what comes next while they may stand before the place, and come again where the round is cut off before', () => {
    const { rsId, ssn } = minedRow(30, INSERT);
    const cursor = new ThreadCursor([{ rsId, ssn, through: null }], '1');
    expect(round(cursor, [minedRow(10, INSERT), unplaced(11)], { isCut: true })).toEqual([]);
    expect(round(cursor, [minedRow(10, INSERT), unplaced(11), minedRow(40, INSERT)])).toEqual(['11', '40']);
    expect(cursor.beginRound('0', null)).toBe(true);
    cursor.take(minedRow(30, INSERT));
    expect(cursor.hold(unplaced(31))).toBe(false);
  });

  it('behind a restart stand before its place or behind it', () => {
    const { rsId, ssn } = minedRow(30, INSERT);
    const cursor = () => new ThreadCursor([{ rsId, ssn, through: '50' }], '1');
    const rows = [minedRow(20, INSERT), unplaced(21), minedRow(30, INSERT), unplaced(25)];
    expect(round(cursor(), rows)).toEqual(['30', '25']);
    // Beyond the SCN to which the place was read.
    expect(round(cursor(), [minedRow(20, INSERT), unplaced(51), minedRow(30, INSERT)])).toEqual(['51', '30']);
    // The row at the place is of a table that is not followed any more.
    const left = [minedRow(20, INSERT), unplaced(21), minedRow(22, INSERT), unplaced(31), minedRow(40, INSERT)];
    expect(round(cursor(), left)).toEqual(['31', '40']);
    // Of a log before that in which it stands.
    expect(round(cursor(), left.slice(0, 2), { lastLog: 0 })).toEqual([]);
  });

  it('that were forgotten must not come again', () => {
    const cursor = new ThreadCursor([], '1');
    round(cursor, [unplaced(12)]);
    round(cursor, [unplaced(20)], { from: '15' });
    expect(cursor.beginRound('12', null)).toBe(false);
  });
});

it('rows at the last address are told apart where a round was cut off among them', () => {
  const at = minedRow(10, INSERT);
  const same = { rsId: at.rsId, ssn: at.ssn };
  const cursor = new ThreadCursor([], '1');
  const rows = [at, minedRow(10, UPDATE, same), minedRow(10, UPDATE, same)];
  expect(round(cursor, rows.slice(0, 2), { isCut: true })).toEqual(['10', '10']);
  expect(round(cursor, rows)).toEqual(['10']);
  expect(round(cursor, rows)).toEqual([]);
});
