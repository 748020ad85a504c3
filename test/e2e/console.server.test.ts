import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleClient } from '../fixtures/console-client.ts';
import { eventually } from '../fixtures/eventually.ts';
import { connectMariaDb, sharedServers } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource, type SourceClient } from '../fixtures/test-source.ts';

/** From an empty home folder to a pipeline that replicates, by HTTP alone, as the pages do it. */
describe.each(SOURCE_TYPES)('a new instance reads %s', (type) => {
  const database = `console_${randomBytes(4).toString('hex')}`;
  const name = 'shop';
  const { sourceServer, destinationServer } = sharedServers(type);
  const kind = testSource(type);
  const orders = `${kind.schemaOf(database)}.orders`;
  let source: SourceClient;
  let destination: Connection;
  let console: ConsoleClient;

  beforeAll(async () => {
    await kind.createDatabase(sourceServer, database);
    source = await kind.connect(sourceServer, database);
    await source.run(`CREATE TABLE orders (id int PRIMARY KEY, customer varchar(40), total numeric(10,2));
      CREATE TABLE notes (id int PRIMARY KEY, text varchar(200));
      INSERT INTO orders SELECT n, concat('c', n), n FROM ${kind.series(1, 2000)}`);
    destination = await connectMariaDb(destinationServer);
    await destination.query(`CREATE DATABASE ${database}`);
    console = await ConsoleClient.start();
  });
  afterAll(async () => {
    await console[Symbol.asyncDispose]();
    await source.end();
    await kind.dropDatabase(sourceServer, database);
    await destination.query(`DROP DATABASE IF EXISTS ${database}`);
    await destination.end();
  });

  const path = { name };
  const version = async () => (await console.call('GET /instances/{name}/configuration', { path })).version;
  const dashboard = () => console.call('GET /instances/{name}/dashboard', { path });
  const count = async (table: string, where = 'true') => {
    const [rows] = await destination.query(`SELECT count(*) FROM ${database}.${table} WHERE ${where}`);
    return Number(Object.values((rows as Record<string, string>[])[0] ?? {})[0]);
  };
  const section = (server: typeof sourceServer, kindOf: string, user = server.user) => ({
    ...{ type: kindOf, host: server.host, port: server.port, database, user, tls: { mode: 'off' } },
  });

  it('starts empty', async () => {
    expect(await console.call('GET /instances')).toEqual({ items: [] });
    expect(await console.call('GET /session')).toMatchObject({
      role: 'operator',
      host: 'local',
      canConfigure: true,
      only: null,
    });
    expect(await console.refused('GET /instances/{name}/dashboard', { path })).toMatchObject({ status: 404 });
  });

  it('is made, once', async () => {
    expect(await console.call('POST /instances', { body: { name } })).toMatchObject({
      name,
      complete: false,
      active: false,
    });
    expect(await console.refused('POST /instances', { body: { name } })).toMatchObject({ status: 409 });
    expect(await console.refused('POST /instances', { body: { name: '../x' } })).toMatchObject({ status: 422 });
    const { activity, checklist } = await dashboard();
    expect(activity.state).toBe('incomplete');
    expect(checklist.map(({ step, done }) => [step, done])).toEqual([
      ...[
        ['source', false],
        ['destination', false],
        ['tables', false],
        ['schedule', true],
        ['full-extract', false],
      ],
    ]);
  });

  it('tests a source before it is saved, with findings and what mends them', async () => {
    const value = section(sourceServer, type);
    const wrong = await console.call('POST /instances/{name}/source/test', {
      path,
      body: { value, password: 'hunter2' },
    });
    // The test servers may trust this machine whatever the password: then the user is told apart by name.
    const unknown = { ...section(sourceServer, type, 'nobody_here') };
    const refused = wrong.success
      ? await console.call('POST /instances/{name}/source/test', {
          path,
          body: { value: unknown, password: 'hunter2' },
        })
      : wrong;
    expect(refused.success).toBe(false);
    expect(refused.findings.find(({ severity }) => severity === 'error')?.remedy).toBeTruthy();
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    const { password } = sourceServer;
    expect(await console.call('POST /instances/{name}/source/test', { path, body: { value, password } })).toMatchObject(
      { success: true },
    );
  });

  it('refuses what is wrong in a section, with its path, and saves nothing', async () => {
    const value = { ...section(sourceServer, type), port: 70_000, prot: 1 };
    const body = { value, password: 'x', version: await version() };
    const problem = await console.refused('PUT /instances/{name}/configuration/{section}', {
      path: { name, section: 'source' },
      body,
    });
    expect(problem).toMatchObject({ status: 422 });
    expect(problem.problems.map((one) => one.path)).toEqual(
      expect.arrayContaining([
        ['source', 'port'],
        ['source', 'prot'],
      ]),
    );
    expect((await console.call('GET /instances/{name}/configuration', { path })).sections.source.value).toBeNull();
  });

  it('saves source and destination, and no answer holds a password', async () => {
    for (const [part, server, kindOf] of [
      ['source', sourceServer, type],
      ['destination', destinationServer, 'singlestore'],
    ] as const) {
      const body = { value: section(server, kindOf), password: server.password, version: await version() };
      const saved = await console.call('PUT /instances/{name}/configuration/{section}', {
        path: { name, section: part },
        body,
      });
      expect(saved.sections[part]).toMatchObject({ password: 'set', value: { host: server.host } });
      expect(JSON.stringify(saved)).not.toContain(server.password);
      const file = join(console.home, name, 'secrets', `${part}-password`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8').trim()).toBe(server.password);
    }
    expect(readFileSync(join(console.home, name, 'penstock.yaml'), 'utf8')).not.toContain(sourceServer.password);
    const { findings, success } = await console.call('POST /instances/{name}/destination/test', { path, body: {} });
    expect({ success, errors: findings.filter(({ severity }) => severity === 'error') }).toEqual({
      success: true,
      errors: [],
    });
  });

  it('refuses a change that was made on what is there no more', async () => {
    const body = { value: {}, version: 'an old one' };
    const problem = await console.refused('PUT /instances/{name}/configuration/{section}', {
      path: { name, section: 'schedule' },
      body,
    });
    expect(problem).toMatchObject({ status: 409 });
  });

  it('lists the tables of the source, searches them and shows their columns', async () => {
    const { items, total, problem } = await console.call('GET /instances/{name}/tables', {
      path,
      // The schema too: other tests have tables on this server.
      query: { search: `${kind.schemaOf(database)}.ORDER` },
    });
    expect({ problem, total }).toEqual({ problem: null, total: 1 });
    expect(items).toMatchObject([{ id: orders, key: ['id'], selected: false, atSource: true }]);
    const { columns } = await console.call('GET /instances/{name}/tables/{table}', { path: { name, table: orders } });
    expect(columns?.map((column) => column.name)).toEqual(['id', 'customer', 'total']);
    const { schemas } = await console.call('GET /instances/{name}/schemas', { path });
    expect(schemas).toContainEqual({ schema: kind.schemaOf(database), tables: 2, selected: 0 });
  });

  it('checks a choice of tables, and chooses them', async () => {
    const wrong = [{ table: orders, selected: true, options: { mask: ['no_such_column'] } }];
    const found = await console.call('POST /instances/{name}/tables/check', { path, body: { changes: wrong } });
    expect(found).toMatchObject({ success: false, findings: [{ code: 'PS1006', table: orders }] });
    const changes = [{ table: orders, selected: true }];
    expect(await console.call('POST /instances/{name}/tables/check', { path, body: { changes } })).toMatchObject({
      success: true,
    });
    const chosen = await console.call('PATCH /instances/{name}/tables', {
      path,
      body: { changes, version: await version() },
    });
    expect(chosen).toMatchObject({ changed: 1, selected: 1 });
    const { complete, problems } = await console.call('GET /instances/{name}/configuration', { path });
    expect({ complete, problems }).toEqual({ complete: true, problems: [] });
  });

  it('copies, then follows by itself', async () => {
    const copied = await console.operate(name, { kind: 'full-extract' });
    expect(copied).toMatchObject({ state: 'succeeded', error: null });
    expect(copied.result).toMatchObject({ tables: [{ table: orders, state: 'copied', rows: 2000 }] });
    await source.run(`INSERT INTO orders VALUES (5000, 'later', 1); UPDATE orders SET total = 7 WHERE id = 1`);
    await eventually(
      async () => (await count('orders')) === 2001 && (await count('orders', 'id = 1 AND total = 7')) === 1,
    );
    await eventually(async () => (await dashboard()).activity.state === 'working');
    const seen = await eventually(async () => {
      const found = await dashboard();
      return found.lag.loaded > 0 && found.lag.loaded === found.lag.lastExtract ? found : null;
    });
    expect(seen).toMatchObject({ tables: { chosen: 1, following: 1, stoppedCount: 0 }, lag: { milliseconds: 0 } });
    expect(seen.checklist.every(({ done }) => done)).toBe(true);
    expect(seen.source.lastExtract).not.toBeNull();
    expect(seen.destination.lastLoad).not.toBeNull();
  });

  it('reads and loads nothing while the scheduler is off, and goes on when it is on again', async () => {
    const body = { on: false, reason: 'maintenance' };
    const off = await console.call('PUT /instances/{name}/scheduler', { path, body });
    expect(off).toMatchObject({ on: false, by: 'operator', reason: 'maintenance' });
    expect((await dashboard()).activity).toMatchObject({ state: 'off' });
    const { items } = await console.call('GET /instances');
    expect(items).toMatchObject([{ name, active: false, complete: true }]);
    await console.call('PUT /instances/{name}/scheduler', { path, body: { on: true } });
    await source.run(`INSERT INTO orders VALUES (4000, 'after the switch', 1)`);
    await eventually(async () => (await count('orders', 'id = 4000')) === 1);
    expect((await dashboard()).activity).toMatchObject({ state: 'working' });
  });

  it('rolls back after a dry run that says what it would do, and goes on', async () => {
    const { items } = await console.call('GET /instances/{name}/rollback-points', { path });
    expect(items.length).toBeGreaterThan(0);
    const to = items.at(-1)?.file ?? 0;
    const dry = await console.operate(name, { kind: 'rollback', to, dryRun: true });
    expect(dry).toMatchObject({ state: 'succeeded', result: { kind: 'rollback', from: to } });
    expect(await console.operate(name, { kind: 'rollback', to })).toMatchObject({ state: 'succeeded' });
    expect(await console.operate(name, { kind: 'verify' })).toMatchObject({
      state: 'succeeded',
      result: { equal: true },
    });
    expect((await dashboard()).verified).toMatchObject({ equal: 1, different: 0, never: 0 });
    const unknown = await console.operate(name, { kind: 'rollback', to: 9999 });
    expect(unknown).toMatchObject({ state: 'failed', error: { code: 'PS1010' } });
  });

  it('refuses an operation on a table that is not chosen, before anything is done', async () => {
    const body = { kind: 'full-extract' as const, tables: ['public.nothing'] };
    expect(await console.refused('POST /instances/{name}/operations', { path, body })).toMatchObject({
      status: 422,
      code: 'PS1005',
    });
  });

  it('goes on where it was when the console starts again', async () => {
    await console.restart();
    await source.run(`INSERT INTO orders VALUES (5001, 'after the restart', 1)`);
    await eventually(async () => (await count('orders', 'id = 5001')) === 1);
    const { items } = await console.call('GET /instances/{name}/operations', { path, query: { limit: 10 } });
    expect(items.map(({ request, state }) => [request.kind, state])).toEqual([
      ...[
        ['rollback', 'failed'],
        ['verify', 'succeeded'],
        ['rollback', 'succeeded'],
        ['rollback', 'succeeded'],
      ],
      ['full-extract', 'succeeded'],
    ]);
  });

  it('serves scripts of the Flow Ingest API', async () => {
    const base = `${console.url}/ingest/api/ingest`;
    const listed = await fetch(`${base}/list-db/default/${kind.schemaOf(database)}`);
    expect(await listed.json()).toEqual([
      { id: `${kind.schemaOf(database)}.notes`, name: 'notes', selected: false },
      { id: orders, name: 'orders', selected: true },
    ]);
    const tested = await fetch(`${base}/conn-src/test`, { method: 'POST' });
    expect(await tested.json()).toMatchObject({ success: true, status: 'SUCCESS' });
    const headers = { 'content-type': 'application/json' };
    const chosen = { method: 'PATCH', headers, body: JSON.stringify([{ name: 'select', value: true }]) };
    expect((await fetch(`${base}/config-tab/default/${kind.schemaOf(database)}/notes`, chosen)).status).toBe(200);
    await source.run(`INSERT INTO notes VALUES (1, 'a new table')`);
    const started = await fetch(`${base}/ops/extract/syncnew`, { method: 'POST' });
    expect(await started.json()).toMatchObject({ success: true });
    await eventually(async () => (await count('notes')) === 1);
    await source.run(`INSERT INTO notes VALUES (2, 'by the log')`);
    await eventually(async () => (await count('notes')) === 2);
  });

  it('reports what was transferred, by hours, days and runs, and as CSV', async () => {
    const recent = await console.call('GET /instances/{name}/transfers', { path, query: {} });
    expect(recent.hours).toHaveLength(24);
    expect(recent.hours.reduce((sum, { initial }) => sum + initial, 0)).toBeGreaterThanOrEqual(2000);
    expect(recent.hours.reduce((sum, { inserts }) => sum + inserts, 0)).toBeGreaterThan(0);
    const now = new Date().toISOString();
    const month = await console.call('GET /instances/{name}/reports/month', {
      path,
      query: { month: now.slice(0, 7) },
    });
    expect(month.items.at(-1)?.runs).toBeGreaterThan(0);
    const day = await console.call('GET /instances/{name}/reports/day', {
      path,
      query: { day: now.slice(0, 10), limit: 1 },
    });
    expect(day.items).toMatchObject([{ kind: 'FULL', initial: 2000 }]);
    const more = await console.call('GET /instances/{name}/reports/day', {
      path,
      query: { day: now.slice(0, 10), after: day.next ?? '' },
    });
    expect(more.items.some(({ kind: kindOf }) => kindOf === 'DELTA')).toBe(true);
    const csv = await (
      await fetch(`${console.url}/api/v1/instances/${name}/reports/csv?day=${now.slice(0, 10)}`)
    ).text();
    expect(csv.split('\r\n').length).toBeGreaterThanOrEqual(2 + 1 + more.items.length);
    const query = { month: '2026-13' };
    expect(await console.refused('GET /instances/{name}/reports/month', { path, query })).toMatchObject({
      status: 422,
      code: 'PS1001',
    });
    for (const [wrong, problem] of [
      [{ zone: 'Nowhere/Else' }, { status: 422, code: 'PS1001' }],
      [{ day: '2026-02-30' }, { status: 422, code: 'PS1001' }],
      [{ table: 'public.unheard_of' }, { status: 422, code: 'PS1005' }],
      [{ after: 'page 2' }, { status: 400, problems: [{ path: ['after'] }] }],
    ] as const) {
      const asked = { day: now.slice(0, 10), ...wrong };
      const answer = await console.refused('GET /instances/{name}/reports/day', { path, query: asked });
      expect(answer, JSON.stringify(wrong)).toMatchObject(problem);
    }
    expect(
      await console.refused('GET /instances/{name}/transfers', { path, query: { zone: 'Nowhere/Else' } }),
    ).toMatchObject({ status: 422, code: 'PS1001' });
    const noCsv = await fetch(`${console.url}/api/v1/instances/${name}/reports/csv?month=2026-13`);
    expect([noCsv.status, noCsv.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
  });

  it('has logs of both sides, which can be searched and taken away, and an audit of changes without secrets', async () => {
    const { items } = await console.call('GET /instances/{name}/logs', { path, query: { kind: 'destination' } });
    expect(items.some(({ message }) => message === 'load completed')).toBe(true);
    const found = await console.call('GET /instances/{name}/logs', { path, query: { search: 'EXTRACT COMPLETED' } });
    expect(found.items.length).toBeGreaterThan(0);
    const download = await fetch(`${console.url}/api/v1/instances/${name}/logs/download?kind=source`);
    expect(await download.text()).toContain('extract completed');
    const audit = await console.call('GET /instances/{name}/audit', { path });
    expect(audit.items.map(({ action }) => action)).toContain(`PUT /instances/${name}/configuration/source`);
    expect(JSON.stringify([audit, items, found])).not.toContain(sourceServer.password);
  });

  it('streams what changes', async () => {
    const stopped = new AbortController();
    const response = await fetch(`${console.url}/api/v1/instances/${name}/live`, { signal: stopped.signal });
    let text = '';
    const read = (async () => {
      for await (const bytes of response.body ?? []) {
        text += Buffer.from(bytes as Uint8Array).toString();
        if (text.includes('event: dashboard') && text.includes('event: log')) return;
      }
    })();
    await eventually(() => Promise.resolve(text.includes('event: dashboard')));
    await source.run(`INSERT INTO orders VALUES (5002, 'while somebody looks', 1)`);
    await read;
    stopped.abort();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
  });
});
