import { describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/fixtures/eventually.ts';
import {
  bit,
  float,
  integer,
  money,
  nvarchar,
  uniqueidentifier,
  varbinary,
} from '../../../../test/fixtures/tds/columns.ts';
import { startTdsServer, type TdsPart, type TdsServer } from '../../../../test/fixtures/tds/tds-server.ts';
import type { TdsRequest } from '../../../../test/fixtures/tds/request.ts';
import { serverErrorNumber } from '../errors.ts';
import type { SqlText } from '../statements/sql-text.ts';
import { DriverConnection } from './driver-connection.ts';

async function connected(server: TdsServer): Promise<DriverConnection & AsyncDisposable> {
  const connection = new DriverConnection({
    server: server.host,
    authentication: { type: 'default', options: { userName: 'penstock', password: 'secret' } },
    options: { port: server.port, database: 'shop', encrypt: false, requestTimeout: 0 },
  });
  await connection.connect();
  return Object.assign(connection, {
    [Symbol.asyncDispose]: () => {
      connection.destroy();
      return Promise.resolve();
    },
  });
}

function answering(answer: (request: TdsRequest) => Iterable<TdsPart>): Promise<TdsServer> {
  return startTdsServer({ answer });
}

const batch = (text: string): SqlText => ({ text, parameters: [] });

async function rowsOf(connection: DriverConnection, sql: SqlText): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  for await (const some of connection.read(sql)) rows.push(...some.map((row) => [...row]));
  return rows;
}

function* numbers(upTo: number): Generator<readonly string[]> {
  for (let number = 1; number <= upTo; number++) yield [String(number), 'x'.repeat(1000)];
}

describe('values', () => {
  const columns = [
    nvarchar('text', 20),
    nvarchar('long', null),
    integer('tinyint', 1),
    integer('bigint', 8),
    bit('bit'),
    float('real', 4),
    float('float', 8),
    uniqueidentifier('guid'),
    varbinary('bytes', 20),
    varbinary('image', null),
  ];
  const long = '😀'.repeat(30_000);
  const rows = [
    [
      'ä€😀\0',
      long,
      255n,
      -9_223_372_036_854_775_808n,
      true,
      Math.fround(0.1),
      0.1,
      'a1b2c3d4-0102-0304-0506-0708090a0b0c',
      Buffer.of(0, 255),
      Buffer.alloc(40_000, 0xab),
    ],
    [
      '',
      '',
      0n,
      9_223_372_036_854_775_807n,
      false,
      -0,
      5e-324,
      '00000000-0000-0000-0000-000000000000',
      Buffer.alloc(0),
      Buffer.alloc(0),
    ],
    columns.map(() => null),
  ];
  const texts = [
    [
      'ä€😀\0',
      long,
      '255',
      '-9223372036854775808',
      '1',
      '0.10000000149011612',
      '0.1',
      'A1B2C3D4-0102-0304-0506-0708090A0B0C',
      '00FF',
      'AB'.repeat(40_000),
    ],
    ['', '', '0', '9223372036854775807', '0', '-0', '5e-324', '00000000-0000-0000-0000-000000000000', '', ''],
    columns.map(() => null),
  ];

  it.each([
    ['a value each', false],
    ['the NULLs as bits before the row', true],
  ])('become texts, sent as %s', async (_, isBitmap) => {
    await using server = await answering(() => [{ tag: 'rows', columns, rows, isBitmap }]);
    await using connection = await connected(server);
    expect(await rowsOf(connection, batch('SELECT everything'))).toEqual(texts);
  });

  it('of a type that the driver would round are refused', async () => {
    await using server = await answering(() => [{ tag: 'rows', columns: [money('price')], rows: [[1n]] }]);
    await using connection = await connected(server);
    await expect(rowsOf(connection, batch('SELECT price'))).rejects.toMatchObject({ code: 'PS2008' });
    expect(connection.isBroken).toBe(true);
  });
});

describe('statements', () => {
  it('without values are batches, with values calls, so that transactions and settings outlive them', async () => {
    await using server = await answering(() => []);
    await using connection = await connected(server);
    await rowsOf(connection, batch('SET LOCK_TIMEOUT 5;'));
    await rowsOf(connection, { text: 'SELECT @p1, @p2', parameters: ["o'clock 😀", 'y'.repeat(4001)] });
    expect(server.requests.map(({ tag, sql, declarations }) => ({ tag, sql, declarations }))).toEqual([
      { tag: 'batch', sql: 'SET LOCK_TIMEOUT 5;', declarations: '' },
      { tag: 'call', sql: 'SELECT @p1, @p2', declarations: '@p1 nvarchar(4000), @p2 nvarchar(max)' },
    ]);
    expect([...(server.requests[1]?.parameters ?? [])]).toEqual([
      ['@p1', "o'clock 😀"],
      ['@p2', 'y'.repeat(4001)],
    ]);
  });

  it('of a transaction carry its descriptor, without which the server refuses them', async () => {
    await using server = await answering(({ sql }) =>
      sql === 'BEGIN'
        ? [{ tag: 'transaction', became: 'begun' }]
        : sql === 'END'
          ? [{ tag: 'transaction', became: 'committed' }]
          : [],
    );
    await using connection = await connected(server);
    for (const text of ['BEGIN', 'SELECT 1', 'END', 'SELECT 1']) await rowsOf(connection, batch(text));
    const [begin, inside, end, outside] = server.requests.map(({ transaction }) => transaction.toString('hex'));
    expect([begin, end === inside, outside]).toEqual(['0'.repeat(16), true, '0'.repeat(16)]);
    expect(inside).not.toBe(begin);
    const failure: unknown = await rowsOf(connection, { text: 'BEGIN', parameters: ['x'] }).catch(
      (error: unknown) => error,
    );
    expect(serverErrorNumber(failure)).toBe(266);
  });

  it('that fail tell the number of the server, and the connection goes on', async () => {
    await using server = await answering(({ sql }) =>
      sql === 'good'
        ? [{ tag: 'rows', columns: [integer('', 4)], rows: [[1n]] }]
        : [
            { tag: 'rows', columns: [integer('', 4)], rows: [[1n]] },
            { tag: 'message', number: 1205, text: 'Transaction was deadlocked.', class: 13 },
            { tag: 'message', number: 3621, text: 'The statement has been terminated.', class: 0 },
          ],
    );
    await using connection = await connected(server);
    const failure: unknown = await rowsOf(connection, batch('bad')).catch((error: unknown) => error);
    expect(serverErrorNumber(failure)).toBe(1205);
    expect(await rowsOf(connection, batch('good'))).toEqual([['1']]);
    expect(connection.isBroken).toBe(false);
  });

  it('of many rows are as fast as their consumer', async () => {
    const total = 60_000;
    await using server = await answering(() => [
      { tag: 'rows', columns: [nvarchar('number', 10), nvarchar('filler', 1000)], rows: numbers(total) },
    ]);
    await using connection = await connected(server);
    const pieces = connection.read(batch('SELECT many'));
    const first = await pieces.next();
    let count = first.done === true ? 0 : first.value.length;
    // 120 MB are to come. What is at hand, in the driver, in the sockets: the server waits with all others.
    let before = -1;
    await eventually(() => {
      const isStill = server.sentRows === before;
      before = server.sentRows;
      return Promise.resolve(isStill);
    });
    expect(before).toBeLessThan(total / 4);
    for await (const some of pieces) count += some.length;
    expect(count).toBe(total);
  });

  it('that nobody reads to the end, end the connection', async () => {
    await using server = await answering(() => [
      { tag: 'rows', columns: [nvarchar('number', 10), nvarchar('filler', 1000)], rows: numbers(60_000) },
    ]);
    await using connection = await connected(server);
    for await (const some of connection.read(batch('SELECT many'))) {
      expect(some.length).toBeGreaterThan(0);
      break;
    }
    expect(connection.isBroken).toBe(true);
    await eventually(() => Promise.resolve(server.connections === 0));
  });

  it('end with an error when the server goes away, waiting or reading', async () => {
    await using server = await answering(function* ({ sql }) {
      if (sql === 'many') yield { tag: 'rows', columns: [nvarchar('', 10), nvarchar('', 1000)], rows: numbers(60_000) };
      server.drop();
    });
    for (const text of ['waits', 'many']) {
      await using connection = await connected(server);
      await expect(rowsOf(connection, batch(text))).rejects.toMatchObject({
        code: expect.stringMatching(/ECONNRESET|ESOCKET|ECLOSE/) as string,
      });
      expect(connection.isBroken).toBe(true);
    }
  });
});
