import { once } from 'node:events';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { selfSigned } from '../../../test/fixtures/certificate.ts';
import { startRefusingListener } from '../../../test/fixtures/tns/refusing-listener.ts';
import { ScriptedSession, serverError } from '../../../test/fixtures/oracle-scripted/session.ts';
import { accessOf, attributesOf, begun, describeServer } from './connection.ts';
import { ORACLE_VARIANTS } from './server/variants.ts';
import { oracleSettings, type OracleSettings } from './settings.ts';

const servers: Server[] = [];
const NEVER = new AbortController().signal;

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function settingsFor(port: number, more: Readonly<Record<string, unknown>> = {}): OracleSettings {
  const [variant] = ORACLE_VARIANTS;
  if (variant === undefined) throw new Error('no variant');
  return oracleSettings(variant).parse({ host: '127.0.0.1', port, database: 'ORCL', user: 'INGEST', ...more });
}

const passwords = {
  password: () => Promise.resolve('s3cret'),
  secret: () => Promise.reject(new Error('another secret was asked for')),
};

function open(settings: OracleSettings, signal = NEVER): Promise<AsyncDisposable> {
  return accessOf(settings, passwords).open(signal);
}

function packet(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(head.length + body.length, 0);
  head.writeUInt8(type, 4);
  return Buffer.concat([head, body]);
}

/** Answers the first thing that it hears. */
function answering(answer: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      answer(socket);
    });
  });
}

describe('a login', () => {
  it('to a port where nobody listens is PS2002, and says where', async () => {
    const port = await listening(createServer());
    const [server] = servers.splice(0);
    server?.close();
    const failure = open(settingsFor(port));
    await expect(failure).rejects.toMatchObject({ code: 'PS2002' });
    await expect(failure).rejects.toThrow(`Oracle at 127.0.0.1:${port}, service ORCL, user INGEST`);
    await expect(failure).rejects.not.toThrow('s3cret');
  });

  it.each([
    ['ORCL', 12514, 'listener does not know; write'],
    [':ORCL', 12505, 'is an SID that the listener does not know'],
  ])('to %s that the listener does not know says how it is written', async (database, number, remedy) => {
    await using listener = await startRefusingListener(number);
    const failure = open(settingsFor(listener.port, { database }));
    await expect(failure).rejects.toMatchObject({ code: 'PS2002', remedy: expect.stringContaining(remedy) as string });
    expect(listener.asked[0]).toContain(database === 'ORCL' ? 'SERVICE_NAME=ORCL' : 'SID=ORCL');
  });

  it.each([
    [12516, /takes no more connections/],
    [12519, /takes no more connections/],
    [12520, /takes no more connections/],
    [12526, /RESTRICTED SESSION/],
    [12528, /is starting/],
    [12545, /server runs/],
  ])('that the listener refuses with ORA-%i is PS2002, and says what mends it', async (number, remedy) => {
    await using listener = await startRefusingListener(number);
    const failure = open(settingsFor(listener.port));
    await expect(failure).rejects.toMatchObject({
      code: 'PS2002',
      message: expect.stringContaining(`ORA-${number}`) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
  });

  it('is probed each minute, or as the user says: what lies between may drop a connection that is quiet', async () => {
    const probed = vi.spyOn(Socket.prototype, 'setKeepAlive');
    await using listener = await startRefusingListener(12514);
    const login = (more: Readonly<Record<string, unknown>>) =>
      expect(open(settingsFor(listener.port, more))).rejects.toMatchObject({ code: 'PS2002' });
    await login({});
    await login({ options: { expireTime: 7 } });
    expect(probed.mock.calls).toEqual([
      [true, 60_000],
      [true, 420_000],
    ]);
    probed.mockRestore();
  });

  it.each<[string, (socket: Socket) => void]>([
    ['ends the connection', (socket) => socket.end()],
    ['sends a packet without a length', (socket) => socket.write(Buffer.alloc(64))],
    ['sends a packet of an unknown kind', (socket) => socket.write(packet(77, Buffer.alloc(20)))],
    ['ends in the midst of a packet', (socket) => socket.end(packet(4, Buffer.alloc(20)).subarray(0, 15))],
  ])('to a server that %s is PS2002, and says that it is no listener', async (_, answer) => {
    const failure = open(settingsFor(await listening(answering(answer))));
    await expect(failure).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('no listener of Oracle') as string,
    });
    await expect(failure).rejects.not.toThrow('s3cret');
  });

  it.each([
    ['answers nothing', ''],
    ['speaks another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('to a server that %s ends by the time that the user has set', async (_, answer) => {
    const server = answering((socket) => socket.write(answer));
    const failure = open(settingsFor(await listening(server), { options: { connectTimeout: 1 } }));
    await expect(failure).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('did not answer in time') as string,
    });
  });

  it('to a host that nobody knows says so', async () => {
    const settings = settingsFor(1521, { host: 'no-such-host.invalid', tls: { mode: 'off' } });
    const remedy = expect.stringContaining('source.host') as string;
    await expect(open(settings)).rejects.toMatchObject({ code: 'PS2002', remedy });
  });

  it('is ended by an abort at once, and leaves no connection', async () => {
    const reached = Promise.withResolvers<Socket>();
    const port = await listening(createServer((socket) => reached.resolve(socket)));
    const controller = new AbortController();
    const failure = open(settingsFor(port), controller.signal);
    const socket = await reached.promise;
    socket.resume();
    const closed = once(socket, 'close');
    controller.abort(new Error('enough'));
    await expect(failure).rejects.toThrow('enough');
    await closed;
  });

  it('that found no server does not ask for the password again', async () => {
    let asked = 0;
    const port = await listening(createServer((socket) => socket.destroy()));
    const access = accessOf(settingsFor(port), {
      ...passwords,
      password: () => {
        asked++;
        return Promise.resolve('x');
      },
    });
    await expect(access.open(NEVER)).rejects.toMatchObject({ code: 'PS2002' });
    expect(asked).toBe(1);
  });
});

describe('an encrypted login', () => {
  async function tlsServer(name?: string): Promise<{ port: number; ca: string; hello: Promise<unknown> }> {
    const { certificate, key } = selfSigned(name);
    const server = createTlsServer({ cert: certificate, key }, (socket) => {
      socket.destroy();
    });
    const hello = once(server, 'secureConnection');
    server.on('tlsClientError', () => undefined);
    const port = await listening(server);
    const ca = join(await mkdtemp(join(tmpdir(), 'penstock-oracle-')), 'ca.pem');
    await writeFile(ca, certificate);
    return { port, ca, hello };
  }

  it('does not trust a certificate of an unknown authority', async () => {
    const { port } = await tlsServer();
    const failure = open(settingsFor(port, { tls: { mode: 'verify' } }));
    await expect(failure).rejects.toMatchObject({ code: 'PS2002' });
    await expect(failure).rejects.toThrow(/self[- ]signed|certificate/i);
    await expect(failure).rejects.toMatchObject({ remedy: expect.stringContaining('source.tls.ca') as string });
  });

  it.each([
    ['another host', {}],
    ['another name than the one that is asked for', { sslServerCertDN: 'CN=other' }],
  ])('does not trust the certificate of %s', async (_, options) => {
    const { port, ca } = await tlsServer('other.example.test');
    const failure = open(settingsFor(port, { tls: { mode: 'verify', ca }, options }));
    await expect(failure).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('is of another name than source.host') as string,
    });
  });

  it('takes any name where the user says so', async () => {
    const { port, ca, hello } = await tlsServer('other.example.test');
    const failure = open(settingsFor(port, { tls: { mode: 'verify', ca }, options: { sslServerDNMatch: false } }));
    await expect(failure).rejects.toMatchObject({ code: 'PS2002' });
    await hello;
  });

  it('to a port that does not speak TLS, and a plain one to a port that does, say so', async () => {
    const plain = await listening(answering((socket) => socket.end(packet(4, Buffer.alloc(20)))));
    await expect(open(settingsFor(plain, { tls: { mode: 'verify' } }))).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('does not speak TLS') as string,
    });
    const { port } = await tlsServer();
    await expect(open(settingsFor(port, { tls: { mode: 'off' } }))).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('speaks TLS') as string,
    });
  });

  it('trusts the authority that the user names, in a file without a key', async () => {
    const { port, ca, hello } = await tlsServer();
    const failure = open(settingsFor(port, { tls: { mode: 'verify', ca } }));
    await expect(failure).rejects.toMatchObject({ code: 'PS2002' });
    await hello;
  });

  it('says which file of authorities cannot be read', async () => {
    const settings = settingsFor(1521, { tls: { mode: 'verify', ca: '/nowhere/ca.pem' } });
    await expect(open(settings)).rejects.toMatchObject({ code: 'PS1001' });
  });
});

describe('a session', () => {
  const done = () => [];

  it('has its formats in the container in which it stays', async () => {
    const session = new ScriptedSession({ setRoot: done, setFormats: done, setZone: done });
    await begun(session, 'C##READER', NEVER);
    expect(session.asked.map(({ tag }) => tag)).toEqual(['setRoot', 'setFormats', 'setZone']);
  });

  it('of a user who may not go to the root says what lets him', async () => {
    const session = new ScriptedSession({
      setRoot: () => {
        throw serverError(1031);
      },
    });
    await expect(begun(session, 'C##READER', NEVER)).rejects.toMatchObject({
      code: 'PS2004',
      remedy: expect.stringContaining('GRANT SET CONTAINER TO C##READER CONTAINER = ALL;') as string,
    });
    expect(session.isBroken).toBe(true);
  });
});

describe('what the driver is given', () => {
  it('is the descriptor, and the options by its own names', async () => {
    const settings = settingsFor(2484, {
      database: ':ORCL',
      tls: { mode: 'verify' },
      options: { connectTimeout: 5, sslServerDNMatch: false },
    });
    expect(await attributesOf(settings, settings.options, 'x')).toEqual({
      connectTimeout: 5,
      sslServerDNMatch: false,
      program: 'penstock',
      expireTime: 1,
      user: 'INGEST',
      password: 'x',
      connectString: '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=127.0.0.1)(PORT=2484))(CONNECT_DATA=(SID=ORCL)))',
    });
    expect(describeServer(settings)).toBe('Oracle at 127.0.0.1:2484, SID ORCL, user INGEST');
  });

  it('is another user for the root and for the mining database', async () => {
    const asked: string[] = [];
    const secret = ({ tag }: { readonly tag: string }) => {
      asked.push(tag);
      return Promise.resolve('y');
    };
    const port = await listening(createServer((socket) => socket.destroy()));
    const miningDatabase = { port, database: 'MINER', user: 'MINER', password: { env: 'MINER' } };
    const settings = settingsFor(1, { extractType: 'remoteLogMiner', miningDatabase });
    const access = accessOf(settings, { ...passwords, secret });
    await expect(access.openMining(NEVER)).rejects.toThrow(`127.0.0.1:${port}, service MINER, user MINER`);
    await expect(access.openRoot(NEVER)).rejects.toThrow('127.0.0.1:1, service ORCL, user INGEST');
    expect(asked).toEqual(['env']);
  });
});
