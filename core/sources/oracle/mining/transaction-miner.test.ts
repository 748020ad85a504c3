import { describe, expect, it } from 'vitest';
import { MemoryScratch } from '../../../../test/fixtures/memory-scratch.ts';
import { minedRow, minerOf, toldOf } from '../../../../test/fixtures/oracle-mining/mined-rows.ts';
import { firstPosition, minedPlaceOf } from './mined-place.ts';
import type { MinedRow } from './mined-row.ts';
import type { MinedEvent } from './transaction-events.ts';

const INSERT = 1;
const START = 6;
const COMMIT = 7;
const ROLLBACK = 36;

function other(slot: number): Pick<MinedRow, 'transaction'> {
  return { transaction: { segment: 9, slot, sequence: 1 } };
}

async function positionsOf(events: AsyncIterable<readonly MinedEvent[]>) {
  const positions = [];
  for await (const batch of events) {
    for (const event of batch) if (event.tag === 'commit' || event.tag === 'heartbeat') positions.push(event.position);
  }
  return positions;
}

describe('rows of LogMiner', () => {
  it('make transactions, told at their commit', async () => {
    await using miner = minerOf();
    expect(await toldOf(miner, [minedRow(10, START), minedRow(11, INSERT), minedRow(12, 3)])).toEqual([]);
    expect(await toldOf(miner, [minedRow(13, COMMIT)])).toEqual([
      'begin 0:1.2.3 13',
      'row 1 at 11',
      'row 3 at 12',
      'commit',
    ]);
  });

  it('begin anew with a second start', async () => {
    await using miner = minerOf();
    const rows = [
      minedRow(10, START),
      minedRow(11, INSERT),
      minedRow(12, START),
      minedRow(13, INSERT),
      minedRow(14, COMMIT),
    ];
    expect(await toldOf(miner, rows)).toEqual(['begin 0:1.2.3 14', 'row 1 at 13', 'commit']);
  });

  it('of no transaction leave nothing behind', async () => {
    await using miner = minerOf();
    const transaction = { segment: 0, slot: 0, sequence: 0 };
    expect(await toldOf(miner, [minedRow(10, INSERT, { transaction }), minedRow(11, COMMIT, { transaction })])).toEqual(
      [],
    );
    expect(miner.oldest).toBeNull();
  });

  it('that say a gap stop the reading', async () => {
    await using miner = minerOf();
    await expect(toldOf(miner, [minedRow(10, 34)])).rejects.toMatchObject({ code: 'PS2006' });
  });

  it('of a temporary table are nothing, and those that cannot be read stop their table', async () => {
    await using miner = minerOf();
    const told = await toldOf(miner, [
      minedRow(10, INSERT, { sql: '/* No SQL_REDO for temporary tables */' }),
      minedRow(11, 255, { sql: null, info: 'Unsupported column type' }),
      minedRow(12, 3, { sql: 'Unsupported' }),
      minedRow(12, 3, { status: 3, info: 'no supplemental log data found' }),
      minedRow(13, COMMIT),
    ]);
    expect(told).toEqual([
      'begin 0:1.2.3 13',
      'obstacle a change at SCN 11 cannot be read from the redo log: Unsupported column type',
      'obstacle a change at SCN 12 cannot be read from the redo log: LogMiner does not support it',
      'obstacle a change at SCN 12 cannot be read from the redo log: no supplemental log data found',
      'commit',
    ]);
  });

  it('say that a partition was exchanged to both tables', async () => {
    const follows = ({ owner, name }: { readonly owner: string | null; readonly name: string | null }) =>
      `${owner ?? ''}.${name ?? ''}` === 'APP.u';
    await using miner = minerOf({ follows });
    const sql = 'alter table "SHOP"."ORD" exchange subpartition p\n with table "u" without validation';
    const told = await toldOf(miner, [
      minedRow(10, 5, { sql, user: 'APP' }),
      minedRow(11, 5, { sql: sql.replace('"u"', 'App . "u"') }),
      minedRow(12, 5, { sql: sql.replace('"u"', 'u') }),
      minedRow(13, INSERT, { sql: `insert into "SHOP"."ORD"("ID") values ('exchange partition p with table "u"')` }),
      minedRow(14, COMMIT),
    ]);
    expect(told.filter((event) => event.startsWith('ddl'))).toHaveLength(2);
  });

  it('whose characters were cut between two pieces stop their table', async () => {
    await using miner = minerOf();
    const piece = (at: number, sql: string, continues: boolean) => minedRow(at, INSERT, { sql, continues });
    const told = await toldOf(miner, [
      ...[piece(10, 'whole \ufffd', false), piece(11, 'a\ufffdb', true), piece(11, 'c', false)],
      ...[piece(12, 'a\ufffd', true), piece(12, 'b', false), piece(13, 'a', true), piece(13, '\ufffdb', false)],
      minedRow(14, COMMIT),
    ]);
    const cut = (at: number) =>
      `obstacle a change at SCN ${at} cannot be read from the redo log: a character was cut where its statement goes on in another row`;
    expect(told.slice(1, -1)).toEqual(['row whole \ufffd', 'row a\ufffdbc', cut(12), cut(13)]);
  });

  it('are mismatched by what INFO says and by names, not by a LONG nor in pieces of a LOB', async () => {
    await using miner = minerOf();
    const told = await toldOf(miner, [
      minedRow(10, INSERT, { status: 2, info: 'Dictionary Version Mismatch', sql: 'a' }),
      minedRow(11, INSERT, { status: 2, info: null, sql: 'b' }),
      minedRow(12, INSERT, { owner: 'UNKNOWN', table: 'OBJ# 74858', sql: 'c' }),
      minedRow(13, 10, { status: 2, info: 'LOB', sql: 'd' }),
      minedRow(14, 5, { sql: 'truncate table "SHOP"."ORD"' }),
      minedRow(15, COMMIT),
    ]);
    const changes = ['row mismatch a', 'row b', 'row mismatch c', 'piece d', 'ddl truncate table "SHOP"."ORD"'];
    expect(told).toEqual(['begin 0:1.2.3 15', ...changes, 'commit']);
  });
});

describe('what was taken back', () => {
  const NOWHERE = 'AAAAAAAAAAAAAAAAAA';
  const [DELETE, UPDATE, PIECE] = [2, 3, 10];
  const undo = (at: number, rowId: string, operation = DELETE) => minedRow(at, operation, { isUndo: true, rowId });

  it.each([
    [
      'is the latest change of the row',
      [
        minedRow(10, INSERT, { rowId: 'A' }),
        minedRow(11, UPDATE, { rowId: 'B' }),
        minedRow(12, UPDATE, { rowId: 'A' }),
      ],
      [undo(13, 'A', UPDATE)],
      ['row 1 at 10', 'row 3 at 11'],
    ],
    [
      'is an insert with what its statement wrote, where a row that stood there was changed before',
      [
        ...[minedRow(9, UPDATE, { rowId: 'A' }), minedRow(10, UPDATE, { rowId: 'A' })],
        ...[minedRow(11, DELETE, { rowId: 'A' }), minedRow(12, INSERT, { rowId: 'A' })],
        minedRow(13, UPDATE, { rowId: 'A', sql: 'small' }),
      ],
      [undo(14, 'A'), undo(15, 'A', INSERT), undo(16, 'A', UPDATE)],
      ['row 3 at 9'],
    ],
    [
      'is an insert with what its statement wrote into the row behind it, by one undo',
      [
        minedRow(10, UPDATE, { rowId: 'B' }),
        minedRow(11, INSERT, { rowId: 'A' }),
        minedRow(12, UPDATE, { rowId: 'A' }),
      ],
      [undo(13, 'A')],
      ['row 3 at 10'],
    ],
    [
      'is the change with a large value, which has no ROWID, and no earlier one of the row',
      [
        minedRow(10, UPDATE, { rowId: 'A' }),
        minedRow(11, UPDATE, { rowId: NOWHERE }),
        minedRow(12, PIECE, { rowId: NOWHERE }),
      ],
      [undo(13, 'A', UPDATE)],
      ['row 3 at 10'],
    ],
    [
      'is each of them, the latest first',
      [
        ...[minedRow(10, INSERT, { rowId: NOWHERE }), minedRow(11, PIECE, { rowId: NOWHERE })],
        ...[minedRow(12, UPDATE, { rowId: 'A' }), minedRow(13, UPDATE, { rowId: NOWHERE })],
      ],
      [undo(14, 'A', UPDATE), undo(15, 'A', UPDATE), undo(16, 'B')],
      [],
    ],
    [
      'leaves pieces that stand alone to be asked for',
      [minedRow(10, UPDATE, { rowId: 'B' }), minedRow(11, PIECE, { rowId: NOWHERE })],
      [undo(12, 'A', UPDATE)],
      ['row 3 at 10', 'undonePiece 10 at 11'],
    ],
    [
      'leaves pieces behind it to be asked for',
      [minedRow(10, INSERT, { rowId: NOWHERE }), minedRow(11, PIECE, { rowId: NOWHERE })],
      [undo(12, 'A'), minedRow(13, PIECE, { rowId: NOWHERE })],
      ['undonePiece 10 at 13'],
    ],
  ])('%s', async (_, changes, undos, survivors) => {
    await using miner = minerOf();
    const told = await toldOf(miner, [...changes, ...undos, minedRow(20, COMMIT)]);
    expect(told.slice(1, -1)).toEqual(survivors);
  });

  it.each([
    ['where it was not read', [minedRow(10, INSERT, { rowId: 'A' }), undo(11, 'B')]],
    ['where it is of another kind', [minedRow(10, UPDATE, { rowId: 'A' }), undo(11, 'A')]],
    [
      'where pieces may have been taken back, or the change before them',
      [minedRow(10, UPDATE, { rowId: 'A' }), minedRow(11, PIECE, { rowId: NOWHERE }), undo(12, 'A', UPDATE)],
    ],
  ])('is an obstacle %s', async (_, rows) => {
    await using miner = minerOf();
    const told = await toldOf(miner, [...rows, minedRow(20, COMMIT)]);
    expect(told[1]).toMatch(/^obstacle a transaction took something back/);
  });

  it('is not what begins a large value and says nothing', async () => {
    await using miner = minerOf();
    const told = await toldOf(miner, [
      minedRow(10, INSERT, { rowId: 'A' }),
      minedRow(11, 9, { sql: null }),
      minedRow(12, COMMIT),
    ]);
    expect(told.slice(1, -1)).toEqual(['row 1 at 10']);
  });

  it('is nothing at all where it was all', async () => {
    await using miner = minerOf();
    expect(await toldOf(miner, [minedRow(10, INSERT), undo(11, 'AAASd7AAHAAAAFrAAA'), minedRow(12, COMMIT)])).toEqual(
      [],
    );
    expect(miner.oldest).toBeNull();
  });

  it('is found in parts where it is more than memory holds, and gone from disk afterwards', async () => {
    const scratch = new MemoryScratch();
    await using miner = minerOf({ scratch, memoryBytes: 4000 });
    const rows = [...Array(3000).keys()];
    const rowIdOf = (row: number) => `AAASd7AAHAAA${row.toString().padStart(6, '0')}`;
    for (const row of rows)
      await toldOf(miner, [minedRow(10 + row, INSERT, { rowId: rowIdOf(row), sql: `row ${row}` })]);
    for (const row of rows.slice(1000).reverse()) await toldOf(miner, [undo(9000 - row, rowIdOf(row))]);
    expect(miner.size.memory).toBeLessThanOrEqual(4000);
    expect(scratch.files).toBe(1);
    const told = await toldOf(miner, [minedRow(9999, COMMIT)]);
    expect(told.slice(1, -1)).toEqual(rows.slice(0, 1000).map((row) => `row row ${row}`));
    await miner.settle();
    expect(scratch.files).toBe(0);
  });
});

describe('a position', () => {
  it('is held back by the oldest open transaction, of which the miner tells', async () => {
    await using miner = minerOf();
    const rows = [
      minedRow(10, START, { ...other(1), timestamp: '2026-01-01 09:00:00' }),
      minedRow(11, INSERT, other(1)),
      ...[minedRow(20, START), minedRow(21, INSERT), minedRow(22, COMMIT)],
    ];
    miner.take(rows);
    miner.endRound(new Map([[1, '30']]));
    const position = (await positionsOf(miner.events())).at(-1);
    const { resume } = minedPlaceOf(position!);
    expect(resume).toEqual({ scn: '10', threads: { '1': [{ rsId: rows[0]!.rsId, ssn: 0, through: null }] } });
    expect(miner.oldest).toEqual({ key: '0:9.1.1', scn: '10', since: '2026-01-01 09:00:00', changes: 1 });
    miner.take([minedRow(30, ROLLBACK, other(1))]);
    expect(miner.oldest).toBeNull();
  });

  it('moves on when a round brings nothing', async () => {
    await using miner = minerOf();
    await toldOf(miner, [minedRow(10, START), minedRow(11, COMMIT)]);
    miner.endRound(new Map([[1, '50']]));
    const [position] = await positionsOf(miner.events());
    expect(position?.order).toBe('00000000000000000050~');
    expect(minedPlaceOf(position!).resume.scn).toBe('50');
    expect(await positionsOf(miner.events())).toEqual([]);
  });

  it('leaves nothing out of a thread that was opened while a round was read', async () => {
    await using miner = minerOf();
    miner.endRound(new Map([[1, '110']]));
    miner.beginRound({ threads: [1], from: '0', through: null });
    miner.take([minedRow(118, INSERT), minedRow(120, COMMIT), minedRow(125, INSERT, other(1))]);
    const position = (await positionsOf(miner.events())).at(-1)!;
    expect(minedPlaceOf(position).resume.scn).toBe('110');
    await using restarted = minerOf({ after: position });
    restarted.beginRound({ threads: [1, 2], from: '0', through: null });
    const opened = [
      minedRow(111, INSERT, { ...other(2), thread: 2 }),
      minedRow(112, COMMIT, { ...other(2), thread: 2 }),
    ];
    await toldOf(restarted, opened);
    restarted.endRound(new Map([1, 2].map((thread) => [thread, '130'])));
    const told: string[] = [];
    for await (const events of restarted.events())
      told.push(...events.flatMap((event) => (event.tag === 'begin' ? [event.scn] : [])));
    expect(told).toEqual(['112']);
  });

  it('grows behind a commit that surfaces late, and that commit is told', async () => {
    await using miner = minerOf();
    miner.endRound(new Map([[1, '50']]));
    const reached = await positionsOf(miner.events());
    miner.beginRound({ threads: [1], from: '0', through: null });
    miner.take([
      minedRow(40, INSERT),
      minedRow(45, COMMIT),
      minedRow(46, INSERT, other(1)),
      minedRow(47, COMMIT, other(1)),
    ]);
    const late = await positionsOf(miner.events());
    const orders = [...reached, ...late].map(({ order }) => order);
    expect(orders).toEqual(['00000000000000000050~', '00000000000000000050~+000001+', '00000000000000000050~+000002+']);
    expect(orders.toSorted()).toEqual(orders);
  });

  it('refuses a transaction that was open when it began, and not known to be', async () => {
    const found = { startScn: '120', openFloorScn: '100', open: [{ key: '0:9.1.1', startScn: '80' }] };
    await using miner = minerOf({ after: firstPosition('1/1', found) });
    const known = [minedRow(85, START, other(1)), minedRow(86, INSERT, other(1))];
    const ended = [minedRow(90, INSERT), minedRow(110, COMMIT)];
    expect(await toldOf(miner, [...known, ...ended])).toEqual([]);
    await expect(toldOf(miner, [minedRow(112, INSERT), minedRow(130, COMMIT, other(1))])).resolves.toHaveLength(3);
    await using strict = minerOf({ after: firstPosition('1/1', found) });
    const unknown = [...known, minedRow(90, INSERT), minedRow(130, COMMIT)];
    await expect(toldOf(strict, unknown)).rejects.toMatchObject({ code: 'PS2008' });
  });
});

describe('a transaction whose end is missing', () => {
  const NOWHERE = 'AAAAAAAAAAAAAAAAAA';
  const [DELETE, UPDATE, PIECE] = [2, 3, 10];
  const next = minedRow(30, START, { transaction: { segment: 1, slot: 2, sequence: 4 } });
  const row = (at: number, operation: number, rowId: string) => minedRow(at, operation, { rowId });
  const undo = (at: number, rowId: string, operation = UPDATE) => minedRow(at, operation, { isUndo: true, rowId });
  const pieces = (at: number) => [0, 1, 2].map((more) => row(at + more, PIECE, NOWHERE));

  it.each<[string, readonly MinedRow[]]>([
    ['a row', [row(11, INSERT, 'A')]],
    [
      'a row beside what it took back twice, as it seems',
      [row(11, UPDATE, 'A'), row(12, UPDATE, 'B'), undo(13, 'B'), undo(14, 'C')],
    ],
    ['pieces of a large value', pieces(11)],
    ['pieces of a large value beside what it took back', [...pieces(11), row(14, UPDATE, 'A'), undo(15, 'A')]],
    ['a row or pieces of a large value', [row(11, UPDATE, 'A'), ...pieces(12), undo(15, 'A')]],
  ])('stops the reading as soon as its slot is used again, where what is left is %s', async (_, rows) => {
    await using miner = minerOf();
    await expect(toldOf(miner, [minedRow(10, START), ...rows, next])).rejects.toMatchObject({ code: 'PS2008' });
  });

  it.each<[string, readonly MinedRow[]]>([
    ['nothing', []],
    ['an insert', [row(11, INSERT, 'A'), undo(12, 'A', DELETE)]],
    ['an insert with a large value', [row(11, INSERT, NOWHERE), ...pieces(12), undo(15, 'A', DELETE)]],
    [
      'an update with a large value, and one before',
      [row(11, UPDATE, 'A'), row(12, UPDATE, NOWHERE), ...pieces(13), undo(16, 'A'), undo(17, 'A')],
    ],
    ['a large value alone', [...pieces(11), undo(14, 'A')]],
    ['a row, and a large value of it alone', [row(11, UPDATE, 'A'), ...pieces(12), undo(15, 'A'), undo(16, 'A')]],
  ])('is forgotten where all of it was taken back: %s', async (_, rows) => {
    const scratch = new MemoryScratch();
    await using miner = minerOf({ scratch, memoryBytes: 1 });
    await toldOf(miner, [minedRow(10, START), ...rows]);
    await toldOf(miner, [next]);
    expect(miner.oldest?.key).toBe('0:1.2.4');
    expect(scratch.files).toBe(0);
  });
});

it('a round that was cut off while its rows were not in order begins again at the position', async () => {
  await using miner = minerOf();
  await toldOf(miner, [minedRow(12, INSERT), minedRow(11, INSERT)]);
  expect(() => {
    miner.beginRound({ threads: [1], from: '0', through: null });
  }).toThrow(expect.objectContaining({ code: 'PS2010' }) as Error);
});

it('a statement whose pieces are cut through is refused', async () => {
  await using miner = minerOf();
  const rows = [minedRow(10, INSERT, { continues: true }), minedRow(11, COMMIT)];
  await expect(toldOf(miner, rows)).rejects.toMatchObject({ code: 'PS2008' });
});
