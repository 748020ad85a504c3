import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleClient } from '../../test/fixtures/console-client.ts';
import { createApi } from '../api/create-api.ts';
import { endpoints } from '../api/schemas/contract.ts';
import { HomeConsole } from './home-console.ts';
import { serveConsole } from './serve-console.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const path = { name: 'shop' };
let client: ConsoleClient;
beforeAll(async () => {
  client = await ConsoleClient.start();
  await client.call('POST /instances', { body: { name: 'shop' } });
});
afterAll(() => client[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request with headers that fetch would not send. */
function raw(
  method: string,
  place: string,
  headers: Record<string, string>,
  body = '',
  port = client.port,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ host: '127.0.0.1', port, method, path: place, headers }, (response) => {
    let text = '';
    response.on('data', (data: Buffer) => (text += data.toString()));
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
    });
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

interface Documented {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { summary?: string; responses: Record<string, unknown> }>>>
  >;
}

describe('the reference', () => {
  it('documents every call with its answer and its refusal', async () => {
    const { paths } = (await (await fetch(`${client.url}/api/v1/openapi.json`)).json()) as Documented;
    for (const [call, { status = 200 }] of endpoints()) {
      const [method = '', place = ''] = call.split(' ');
      const documented = paths[`/api/v1${place}`]?.[method.toLowerCase()];
      expect(documented?.summary, call).toMatch(/\.$/);
      expect(Object.keys(documented?.responses ?? {}), call).toEqual([String(status), 'default']);
    }
    expect(paths).toHaveProperty(['/ingest/api/ingest/conn-src', 'patch']);
    expect(paths).toHaveProperty(['/api/v1/instances/{name}/live', 'get']);
  });

  it('has every route that is served, and nothing else is', async () => {
    const { paths } = (await (await fetch(`${client.url}/api/v1/openapi.json`)).json()) as Documented;
    await using console = await HomeConsole.open({ home: client.home, version: '0', environment: {}, log: SILENT });
    const app = createApi(console, {
      identify: () => ({ user: 'v', role: 'viewer' }),
      hosts: () => null,
      onFailure: () => undefined,
    });
    const served = app.routes
      .filter(({ method, path: place }) => method !== 'ALL' && !['/healthz', '/api/v1/openapi.json'].includes(place))
      .map(({ method, path: place }) => `${method} ${place.replaceAll(/:(\w+)/g, '{$1}')}`);
    const documented = Object.entries(paths).flatMap(([place, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${place}`),
    );
    expect([...new Set(served)].sort()).toEqual([...documented].sort());
    expect((await app.request('/api/v1/nothing')).status).toBe(404);
  });

  it('is kept: names that are not in it are refused by every call', async () => {
    for (const [call, { body }] of endpoints()) {
      const named = { name: 'shop', section: 'schedule', table: 'a.b', id: 'x' };
      const strange = await client.send(call, {
        path: named,
        query: { strange: '1' } as never,
        body: (body === undefined ? undefined : {}) as never,
      });
      expect([call, strange.status]).toEqual([call, 400]);
      if (body === undefined) continue;
      const wrong = await client.send(call, { path: named, body: { strange: 1 } as never });
      expect([call, wrong.status]).toEqual([call, 422]);
    }
  });
});

describe('a foreign page gets nothing', () => {
  it('by another name of this address (DNS rebinding)', async () => {
    const answer = await raw('GET', '/api/v1/instances', { host: `evil.example:${client.port}` });
    expect(answer).toMatchObject({ status: 421 });
    expect(answer.text).not.toContain('shop');
    expect(await raw('GET', '/', { host: 'evil.example' })).toMatchObject({ status: 421 });
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      expect(await raw('GET', '/api/v1/instances', { host: `${name}:${client.port}` })).toMatchObject({ status: 200 });
    }
  });

  it('by a request that its script sends', async () => {
    const host = `localhost:${client.port}`;
    const json = { host, 'content-type': 'application/json' };
    const change = JSON.stringify({ on: false });
    const place = '/api/v1/instances/shop/scheduler';
    for (const origin of ['https://evil.example', 'null', `http://localhost:${client.port + 1}`]) {
      expect(await raw('PUT', place, { ...json, origin }, change)).toMatchObject({ status: 403 });
    }
    expect(await raw('PUT', place, { ...json, 'sec-fetch-site': 'cross-site' }, change)).toMatchObject({ status: 403 });
    expect(await raw('POST', '/api/v1/instances/shop/open', { host, origin: 'https://evil.example' })).toMatchObject({
      status: 403,
    });
    expect((await client.call('GET /instances/{name}/scheduler', { path })).on).toBe(true);
    expect(
      await raw('PUT', place, { ...json, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, change),
    ).toMatchObject({ status: 200 });
    await client.call('PUT /instances/{name}/scheduler', { path, body: { on: true } });
  });

  it('by a form', async () => {
    const host = `localhost:${client.port}`;
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await raw(
        'PUT',
        '/api/v1/instances/shop/scheduler',
        { host, 'content-type': type },
        '{"on":false}',
      );
      expect(answer).toMatchObject({ status: 415 });
    }
    expect(
      await raw('PUT', '/api/v1/instances/shop/scheduler', { host, 'content-length': '12' }, '{"on":false}'),
    ).toMatchObject({ status: 415 });
  });

  it('and every answer says who may use it', async () => {
    for (const place of ['/api/v1/instances', '/', '/api/v1/nothing', '/ingest/api/ingest/conn-src']) {
      const { headers } = await raw('GET', place, { host: `localhost:${client.port}` });
      expect(headers['content-security-policy']).toContain("script-src 'self'");
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

it('serves the pages and no file outside of them', async () => {
  const pages = join(client.home, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(client.home, 'secret.txt'), 'hunter2');
  writeFileSync(join(pages, 'index.html'), 'the page');
  writeFileSync(join(pages, 'assets/a-1234.js'), 'script');
  symlinkSync(join(client.home, 'secret.txt'), join(pages, 'assets/link.txt'));
  await using console = await HomeConsole.open({ home: client.home, version: '0', environment: {}, log: SILENT });
  await using served = await serveConsole(console, { port: 0, onFailure: () => undefined, pages });
  const get = (place: string) => raw('GET', place, { host: `localhost:${served.port}` }, '', served.port);
  expect(await get('/instances/shop/tables')).toMatchObject({ status: 200, text: 'the page' });
  const asset = await get('/assets/a-1234.js');
  expect(asset).toMatchObject({ status: 200, text: 'script' });
  expect(asset.headers['cache-control']).toContain('immutable');
  for (const place of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/link.txt',
    '/%00',
    '/%',
    '/assets/none.js',
  ]) {
    expect((await get(place)).text, place).not.toContain('hunter2');
  }
  expect(await get('/assets/none.js')).toMatchObject({ status: 404 });
});

it('takes no request that was left for a failure', async () => {
  await using server = createServer(() => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const failures: unknown[] = [];
  await using console = await HomeConsole.open({ home: client.home, version: '0', environment: {}, log: SILENT });
  const app = createApi(console, {
    identify: () => ({ user: 'o', role: 'operator' }),
    hosts: () => null,
    onFailure: (error) => failures.push(error),
  });
  const leaves = new AbortController();
  const connected = once(server, 'connection');
  const value = { type: 'postgres', host: '127.0.0.1', port, user: 'u', database: 'd' };
  const asked = app.request('/api/v1/instances/shop/source/test', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value, password: 'p' }),
    signal: leaves.signal,
  });
  await connected;
  leaves.abort();
  expect((await asked).status).toBe(500);
  expect(failures).toEqual([]);
});

it('lets a viewer look, and change nothing', async () => {
  await using console = await HomeConsole.open({ home: client.home, version: '0', environment: {}, log: SILENT });
  const app = createApi(console, {
    identify: () => ({ user: 'vera', role: 'viewer' }),
    hosts: () => null,
    onFailure: () => undefined,
  });
  for (const [call, { role }] of endpoints()) {
    const [method = '', template = ''] = call.split(' ');
    const place = `/api/v1${template}`.replace('{name}', 'shop').replaceAll(/\{\w+\}/g, 'schedule');
    if (role === 'viewer') continue;
    const valid: Readonly<Record<string, unknown>> = {
      'POST /instances': { name: 'another' },
      'PUT /instances/{name}/configuration/{section}': { value: {}, version: 'x' },
      'PATCH /instances/{name}/tables': { changes: [{ table: 'a.b' }], version: 'x' },
      'POST /instances/{name}/tables/check': { changes: [{ table: 'a.b' }] },
      'PUT /instances/{name}/scheduler': { on: false },
      'POST /instances/{name}/operations': { kind: 'verify' },
      'POST /instances/{name}/quarantine/retry': { tables: null },
      'POST /instances/{name}/quarantine/drop': { tables: null },
    };
    const headers = { 'content-type': 'application/json' };
    const response = await app.request(place, { method, headers, body: JSON.stringify(valid[call] ?? {}) });
    expect([call, response.status]).toEqual([call, 403]);
  }
  const download = await app.request('/api/v1/instances/shop/logs/download');
  expect(download.status).toBe(403);
  expect((await app.request('/ingest/api/ingest/ops/extract/full', { method: 'POST' })).status).toBe(403);
  const audit = await client.call('GET /instances/{name}/audit', { path });
  expect(audit.items.some(({ by, outcome }) => by === 'vera' && outcome === 'refused')).toBe(true);
});

describe('scripts of the Flow Ingest API', () => {
  const flow = async (method: string, place: string, body?: unknown) => {
    const response = await fetch(`${client.url}/ingest/api/ingest${place}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      json: await response.json(),
      unknown: response.headers.get('penstock-unknown-names'),
    };
  };
  const pair = (name: string, value: string | number) => ({ name, value });

  it.each([
    ['conn-src', 'mysql'],
    ['conn-dst', 'singlestore'],
  ])('set up %s step by step and read it without its password', async (place, type) => {
    expect(
      await flow('PATCH', `/${place}`, [pair('type', type), pair('host', '127.0.0.1'), pair('jdbcOptions', 'a=b')]),
    ).toMatchObject({
      ...{ status: 200, unknown: 'jdbcoptions' },
    });
    expect(
      await flow('PATCH', `/${place}`, [
        pair('port', '1'),
        pair('uid', 'u'),
        pair('pwd', 'hunter2'),
        pair('db', 'shop'),
      ]),
    ).toMatchObject({ status: 200 });
    const { json } = await flow('GET', `/${place}`);
    expect(json).toEqual(
      expect.arrayContaining([
        pair('type', type),
        pair('host', '127.0.0.1'),
        pair('port', 1),
        pair('uid', 'u'),
        pair('db', 'shop'),
        pair('jdbcoptions', 'a=b'),
      ]),
    );
    expect(JSON.stringify(json)).not.toContain('hunter2');
  });

  it.each(['conn-src', 'conn-dst'])('test %s', async (place) => {
    const { json } = await flow('POST', `/${place}/test`, [pair('port', 2)]);
    expect(json).toMatchObject({
      success: false,
      status: 'ERROR',
      messageList: expect.arrayContaining([
        { topic: expect.any(String) as string, status: 'ERROR', message: expect.any(String) as string },
      ]) as unknown,
    });
    expect(JSON.stringify(json)).not.toContain('hunter2');
  });

  it('are told of a kind of source that is not there yet', async () => {
    expect(await flow('PATCH', '/conn-src', [pair('type', 'rds.db2')])).toMatchObject({ status: 422 });
  });

  it('set the schedule and the scheduler', async () => {
    expect(
      await flow('PATCH', '/config-sched', { type: 'weekly', offset: 3600, weekFlags: 'NYYYYYN', isScheduled: false }),
    ).toMatchObject({ status: 200 });
    expect((await flow('GET', '/config-sched')).json).toEqual({
      type: 'weekly',
      duration: 0,
      offset: 3600,
      weekFlags: 'NYYYYYN',
      isScheduled: false,
    });
    expect((await client.call('GET /instances/{name}/scheduler', { path })).on).toBe(false);
    expect(await flow('PATCH', '/config-sched', [pair('type', 'auto'), pair('isScheduled', 'true')])).toMatchObject({
      json: { type: 'auto', isScheduled: true },
    });
  });

  it('choose tables, and are told why a source cannot be asked for them', async () => {
    const sent = { select: true, transferType: 'history', mask: 'iban', partitioning: 'p' };
    expect(await flow('PATCH', '/config-tab/default/shop/orders', sent)).toMatchObject({
      ...{ status: 200, json: { id: 'shop.orders', name: 'orders', selected: true }, unknown: 'partitioning' },
    });
    const { items } = await client.call('GET /instances/{name}/tables', { path });
    expect(items).toMatchObject([{ id: 'shop.orders', options: { transfer: 'history', mask: ['iban'] } }]);
    expect(await flow('GET', '/list-db/default/shop')).toMatchObject({ status: 502 });
  });

  it('start operations, and are told why one cannot be', async () => {
    for (const operation of ['full', 'syncnew', 'syncstruct', 'delta']) {
      const { json } = await flow('POST', `/ops/extract/${operation}`);
      expect(json).toMatchObject({ success: expect.any(Boolean) as boolean, message: expect.any(String) as string });
    }
    expect(await flow('POST', '/ops/extract/nothing')).toMatchObject({ status: 404 });
    for (const { id } of (await client.call('GET /instances/{name}/operations', { path })).items) {
      await client.call('POST /instances/{name}/operations/{id}/stop', { path: { ...path, id } });
    }
  });
});
