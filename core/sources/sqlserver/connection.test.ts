import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { selfSigned, type Certificate } from '../../../test/fixtures/tds/certificate.ts';
import { browserAnswer } from '../../../test/fixtures/tds/login.ts';
import type { TdsRequest } from '../../../test/fixtures/tds/request.ts';
import { sqlserverAccess, versionAnswer } from '../../../test/fixtures/tds/sqlserver-access.ts';
import { startTdsServer } from '../../../test/fixtures/tds/tds-server.ts';
import { openSession } from './connection.ts';

const NEVER = new AbortController().signal;
const answer = (request: TdsRequest) => versionAnswer(request);

describe('the login', () => {
  it('names user, database and program, and begins with the same settings', async () => {
    await using server = await startTdsServer({ answer: (request) => versionAnswer(request) });
    await using session = await openSession(sqlserverAccess(server), NEVER);
    expect(session.isBroken).toBe(false);
    expect(server.logins).toMatchObject([
      { user: 'penstock', password: "p'ss wörd", database: 'shop', application: 'penstock', wantsReadOnly: false },
    ]);
    expect(server.requests.map(({ sql }) => sql).join('\n')).toMatch(/NOCOUNT ON.*DEADLOCK_PRIORITY LOW/s);
  });

  it.each([
    [18456, "Login failed for user 'penstock'.", 'PS2003'],
    [18488, 'The password must be changed.', 'PS2003'],
    [4060, 'Cannot open database "shop" requested by the login. The login failed.', 'PS2003'],
    [17809, 'Could not connect because the maximum number of user connections has been reached.', 'PS2002'],
    [40613, 'Database is not currently available.', 'PS2002'],
  ])('that the server refuses with %i (%s) is %s', async (number, text, code) => {
    await using server = await startTdsServer({ admits: () => ({ number, text, class: 14 }) });
    await expect(openSession(sqlserverAccess(server), NEVER)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
  });

  it('is tried again with a password that was changed meanwhile', async () => {
    const passwords = ['old', 'new'];
    await using server = await startTdsServer({
      answer,
      admits: ({ password }) => (password === 'new' ? null : { number: 18456, text: 'Login failed.', class: 14 }),
    });
    const access = { ...sqlserverAccess(server), password: () => Promise.resolve(passwords.shift() ?? '') };
    await using session = await openSession(access, NEVER);
    expect({ isBroken: session.isBroken, passwords }).toEqual({ isBroken: false, passwords: [] });
  });

  it('ends at once when it is aborted', async () => {
    const abort = new AbortController();
    await using server = await startTdsServer({
      answer: async function* () {
        abort.abort(new Error('enough'));
        await new Promise(() => undefined);
        yield* [];
      },
    });
    await expect(openSession(sqlserverAccess(server), abort.signal)).rejects.toThrow('enough');
  });

  it('where nobody listens is PS2002', async () => {
    const { host, port } = await startTdsServer().then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server;
    });
    await expect(openSession(sqlserverAccess({ host, port }), NEVER)).rejects.toMatchObject({ code: 'PS2002' });
  });

  it.each([
    ['12.0.6024.0', '3', false],
    ['13.0.5026.0', '3', true],
    ['12.0.2000.8', '5', true],
    ['12.0.2000.8', '8', true],
  ])('of version %s, engine edition %s', async (version, engine, isAccepted) => {
    await using server = await startTdsServer({ answer: (request) => versionAnswer(request, version, engine) });
    const opened = openSession(sqlserverAccess(server), NEVER);
    if (!isAccepted) {
      await expect(opened).rejects.toMatchObject({ code: 'PS2005' });
      return;
    }
    await using session = await opened;
    expect(session.isBroken).toBe(false);
  });
});

describe('options', () => {
  it('of Windows-style connections reach the server', async () => {
    await using replica = await startTdsServer({ answer });
    await using server = await startTdsServer({ reroute: { host: replica.host, port: replica.port } });
    const options = { applicationIntent: 'ReadOnly', packetSize: 1024, appName: 'copies' } as const;
    const access = sqlserverAccess(server, { extractType: 'fullExtracts', options });
    await using session = await openSession(access, NEVER);
    expect(session.isBroken).toBe(false);
    for (const { logins } of [server, replica]) {
      expect(logins).toMatchObject([{ wantsReadOnly: true, packetSize: 1024, application: 'copies' }]);
    }
  });

  it('name an instance, whose port the browser service tells', async () => {
    await using server = await startTdsServer({ answer });
    const browser = createSocket('udp4');
    browser.on('message', (_, { port, address }) => browser.send(browserAnswer('SALES', server.port), port, address));
    browser.bind(1434, '127.0.0.1');
    await once(browser, 'listening');
    try {
      const access = sqlserverAccess({ host: server.host }, { options: { instanceName: 'SALES' } });
      await using session = await openSession(access, NEVER);
      expect(session.isBroken).toBe(false);
      const other = sqlserverAccess({ host: server.host }, { options: { instanceName: 'OTHER' } });
      await expect(openSession(other, NEVER)).rejects.toMatchObject({ code: 'PS2002' });
    } finally {
      browser.close();
    }
  });
});

describe('encryption', () => {
  const certificate = selfSigned('localhost');

  it.each([
    ['with the authority that signed it', certificate, {}, null],
    ['with any other', selfSigned('localhost'), {}, 'PS2002'],
    ['for another host', selfSigned('elsewhere'), {}, 'PS2002'],
    ['that is not looked at, if the user wants it so', selfSigned('elsewhere'), { trustServerCertificate: true }, null],
  ])('verifies the certificate: %s', async (name, theirs: Certificate, options, code) => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-'));
    try {
      const ca = join(folder, 'ca.pem');
      await writeFile(ca, name.endsWith('host') ? theirs.cert : certificate.cert);
      await using server = await startTdsServer({ answer, certificate: theirs });
      const access = sqlserverAccess({ ...server, host: 'localhost' }, { tls: { mode: 'verify', ca }, options });
      const opened = openSession(access, NEVER);
      if (code !== null) {
        await expect(opened).rejects.toMatchObject({ code });
        expect(server.logins).toEqual([]);
        return;
      }
      await using session = await opened;
      expect(session.isBroken).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is not given up where the server has none, nor where it wants it', async () => {
    await using plain = await startTdsServer({ answer });
    const encrypted = sqlserverAccess(plain, { tls: { mode: 'verify' } });
    await expect(openSession(encrypted, NEVER)).rejects.toMatchObject({ code: 'PS2002' });
    await using strict = await startTdsServer({ answer, certificate });
    await expect(openSession(sqlserverAccess(strict, { tls: { mode: 'off' } }), NEVER)).rejects.toMatchObject({
      code: 'PS2002',
    });
    expect([...plain.logins, ...strict.logins]).toEqual([]);
  });
});
