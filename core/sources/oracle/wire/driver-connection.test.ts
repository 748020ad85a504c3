import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import oracledb from 'oracledb';
import { expect, it } from 'vitest';
import { eventuallyIs } from '../../../../test/fixtures/eventually.ts';
import type { SourceType } from '../values/source-type.ts';
import { DriverConnection, loginMilliseconds, requireExact, textsOf } from './driver-connection.ts';
import { FetchSize } from './fetch-size.ts';

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
  const of = (...types: readonly SourceType[]) =>
    new FetchSize({
      tag: 'rows',
      table: { schema: 'S', name: 'T' },
      asOf: null,
      columns: types.map((type) => ({ name: 'C', type })),
      conditions: [],
      orderBy: null,
    });
  expect(of({ tag: 'date' }).rows).toBe(2000);
  expect(of({ tag: 'varchar', isNational: false, characters: 4000 }).rows).toBe(524);
  expect(new FetchSize({ tag: 'threads' }).rows).toBe(1000);
  const large = of({ tag: 'clob', isNational: false });
  const sizes = [100, 100, 100, 100, 1_000_000, 10_000_000, 10_000_000, 100].map((length) => {
    const { rows } = large;
    large.took(Array.from({ length: rows }, (_, index) => [index === 0 ? 'x'.repeat(length) : null]));
    return rows;
  });
  expect(sizes).toEqual([4, 16, 64, 64, 64, 2, 1, 1]);
});

/** A listener's packet ACCEPT (TNS 3.18), without encryption of its own: what follows are packets of data. */
function accept(): Buffer {
  const packet = Buffer.alloc(45);
  packet.writeUInt16BE(packet.length, 0);
  packet.writeUInt8(2, 4);
  packet.writeUInt16BE(318, 8);
  packet.writeUInt8(0x04, 22);
  packet.writeUInt8(0x08, 23);
  packet.writeUInt32BE(8192, 32);
  packet.writeUInt32BE(65_535, 36);
  return packet;
}

async function serving(
  answer: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly connectString: string; readonly connections: () => Promise<number> }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connections: promisify(server.getConnections.bind(server)),
    connectString: `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT=${port}))(CONNECT_DATA=(SERVICE_NAME=X)))`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const NEVER = new AbortController().signal;

it.each<[string, (socket: Socket) => void]>([
  ['before it takes the connection', (socket) => socket.resume()],
  ['after that, while it logs in', (socket) => socket.once('data', () => socket.write(accept()))],
])('gives up a server that says nothing %s, and leaves no connection', async (_, answer) => {
  const heard: Buffer[] = [];
  await using server = await serving((socket) => {
    socket.on('data', (data) => heard.push(data));
    answer(socket);
  });
  const attributes = { user: 'U', password: 's3cret', connectString: server.connectString };
  const failure = DriverConnection.connect(attributes, NEVER, 200);
  await expect(failure).rejects.toMatchObject({ code: 'NJS-510', message: 'the server let nobody in for 0.2 seconds' });
  // On a busy machine it may be given up before it has come as far as to the server.
  await eventuallyIs(server.connections, 0);
  expect(Buffer.concat(heard).includes('s3cret')).toBe(false);
});

it('lets a login take as long as the user lets the driver try', () => {
  expect(loginMilliseconds({})).toBe(121_000);
  expect(loginMilliseconds({ connectTimeout: 5, retryCount: 2, retryDelay: 10 })).toBe(105_000);
});
