import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, inject, test } from 'vitest';
import { INTEGER, keyedPart, step, targetFor, testDestination } from '../../../test/fixtures/destination-tables.ts';
import { connectSingleStore } from './singlestore-destination.ts';

const never = new AbortController().signal;

/** A server in front of another that, once armed, passes the next COMMIT on and cuts the client off: before it is carried out, or after. */
async function cuttingProxy(target: { readonly host: string; readonly port: number }) {
  let armed: 'no' | 'before' | 'after' = 'no';
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let cutAtReply = false;
    client.on('data', (data: Buffer) => {
      if (armed !== 'no' && data.includes('COMMIT')) {
        if (armed === 'before') {
          client.destroy();
          upstream.destroy();
          return;
        }
        cutAtReply = true;
        armed = 'no';
      }
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      if (cutAtReply) client.destroy();
      else client.write(data);
    });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    arm: (when: typeof armed) => {
      armed = when;
    },
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

for (const when of ['before', 'after'] as const) {
  test(`the reply to COMMIT is lost ${when} it was carried out: the ledger tells, and nothing is applied twice`, async () => {
    await using t = await testDestination(inject('mariadb'), `lost_commit_${when}`);
    await using proxy = await cuttingProxy(inject('mariadb'));
    const password = (): Promise<string> => Promise.resolve(inject('mariadb').password);
    await using destination = connectSingleStore(
      { ...t.settings, port: proxy.port },
      { password, failpoint: () => Promise.resolve(), randomness: { fraction: () => 0.5, identifier: () => 'x' } },
    );
    const target = targetFor(t.settings, { columns: { a: INTEGER }, key: ['a'] });
    await destination.takeLedger('billing', 1, never);
    await destination.createTable(target, never);
    const one = step(1, [keyedPart(target, [{ op: 'U', values: { a: '1' } }])]);
    proxy.arm(when);
    await expect(destination.merge(one, never)).rejects.toMatchObject({ code: 'PS4009', retry: 'timed' });
    proxy.arm('no');
    await destination.takeLedger('billing', 1, never);
    const { applied } = await destination.ledger('billing', never);
    expect(applied).toBe(when === 'after' ? 1 : null);
    if (applied === null) await destination.merge(one, never);
    else await expect(destination.merge(one, never)).rejects.toMatchObject({ code: 'PS4011' });
    expect(await t.sql('SELECT * FROM t')).toEqual([{ a: 1 }]);
  });
}
