import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
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

  it('to a server that ends the connection is PS2002', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end());
    });
    await expect(open(settingsFor(await listening(server)))).rejects.toMatchObject({ code: 'PS2002' });
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
  async function tlsServer(): Promise<{ port: number; ca: string; hello: Promise<unknown> }> {
    const { certificate, key } = selfSigned();
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
    await begun(session, true, NEVER);
    expect(session.asked.map(({ tag }) => tag)).toEqual(['setRoot', 'setFormats', 'setZone']);
  });

  it('of a user who may not go to the root says what lets him', async () => {
    const session = new ScriptedSession({
      setRoot: () => {
        throw serverError(1031);
      },
    });
    await expect(begun(session, true, NEVER)).rejects.toMatchObject({
      code: 'PS2004',
      remedy: expect.stringContaining('SET CONTAINER') as string,
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
