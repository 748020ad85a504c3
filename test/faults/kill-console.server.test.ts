import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SectionValue } from '../../web/api/schemas/configuration.ts';
import type { OperationRequest } from '../../web/api/schemas/operations.ts';
import { ConsoleProcess } from '../fixtures/console-process.ts';
import { eventually } from '../fixtures/eventually.ts';
import { connectMariaDb, sharedServers } from '../fixtures/pipeline.ts';
import { Random } from '../fixtures/random.ts';
import { testSource, type SourceClient } from '../fixtures/test-source.ts';

/** kill -9 of `penstock console`: started again it is as it was, and what it was asked for is done or not done, never half. */

const SEED = Number(process.env['PENSTOCK_SEED'] ?? 1);
const ROWS = 2000;
const name = 'shop';
const path = { name };
const database = `killed_console_${randomBytes(4).toString('hex')}`;
const { sourceServer, destinationServer } = sharedServers('postgres');
const kind = testSource('postgres');

let source: SourceClient;
let destination: Connection;
let console: ConsoleProcess;

beforeAll(async () => {
  await kind.createDatabase(sourceServer, database);
  source = await kind.connect(sourceServer, database);
  await source.run(`CREATE TABLE orders (id int PRIMARY KEY, customer varchar(40));
    INSERT INTO orders SELECT n, concat('customer ', n) FROM ${kind.series(1, ROWS)}`);
  destination = await connectMariaDb(destinationServer);
  await destination.query(`CREATE DATABASE ${database}`);
  console = await ConsoleProcess.start();
  await console.call('POST /instances', { body: { name } });
  const common = { database, tls: { mode: 'off' } };
  const { host, port, user, password } = sourceServer;
  await save('source', { ...common, type: 'postgres', host, port, user }, password);
  await saveDestination(destinationServer.user, destinationServer.password);
  await save('extracts', { seconds: 0.1, chunkBytes: 10_000 });
  await console.call('PATCH /instances/{name}/tables', {
    path,
    body: { changes: [{ table: `${kind.schemaOf(database)}.orders`, selected: true }], version: await version() },
  });
});
afterAll(async () => {
  await console[Symbol.asyncDispose]();
  await source.end();
  await kind.dropDatabase(sourceServer, database);
  await destination.query(`DROP DATABASE IF EXISTS ${database}`);
  await destination.end();
});

const configuration = () => console.call('GET /instances/{name}/configuration', { path });
const version = async () => (await configuration()).version;
const scheduler = () => console.call('GET /instances/{name}/scheduler', { path });

async function save(section: string, value: SectionValue, password?: string): Promise<void> {
  const given = password === undefined ? {} : { password };
  const body = { value, version: await version(), ...given };
  await console.call('PUT /instances/{name}/configuration/{section}', { path: { name, section }, body });
}

function saveDestination(user: string, password: string): Promise<void> {
  const { host, port } = destinationServer;
  return save('destination', { type: 'singlestore', host, port, user, database, tls: { mode: 'off' } }, password);
}

/** What the console was asked for, and did not live to answer. */
async function unanswered(work: Promise<unknown>): Promise<void> {
  const answer = await work.then(
    () => 'answered',
    () => 'gone',
  );
  expect(answer).toBe('gone');
  await console.killed();
}

async function operate(body: OperationRequest): Promise<string> {
  const { id } = await console.call('POST /instances/{name}/operations', { path, body });
  const ended = await eventually(async () => {
    const found = await console.call('GET /instances/{name}/operations/{id}', { path: { name, id } });
    return found.endedAt === null ? null : found;
  });
  return ended.state;
}

let added = ROWS;
/** A new row at the source comes to the destination: the pipeline is at work, by the settings that hold. */
async function expectFollowing(): Promise<void> {
  added++;
  await source.run(`INSERT INTO orders VALUES (${added}, 'later')`);
  await eventually(async () => (await countAt(`id = ${added}`)) === 1);
}

async function countAt(where = 'true'): Promise<number> {
  const [rows] = await destination.query(`SELECT count(*) n FROM ${database}.orders WHERE ${where}`);
  return Number((rows as { n: number | string }[])[0]?.n);
}

describe('in the middle of an operation', () => {
  it.each(['copy.after-chunk-put@2', 'copy.after-chunk-load@2', 'copy.before-finish@1'])(
    'a full extract at %s is shown as interrupted, and goes on',
    async (place) => {
      await console.kill();
      await console.start(`${place}:kill`);
      await console.call('POST /instances/{name}/operations', { path, body: { kind: 'full-extract' } });
      await console.killed();
      await console.start();
      const { items } = await console.call('GET /instances/{name}/operations', { path, query: {} });
      expect(items[0]).toMatchObject({ state: 'interrupted', request: { kind: 'full-extract' } });
      expect(await operate({ kind: 'full-extract' })).toBe('succeeded');
      expect(await countAt()).toBe(added);
      await expectFollowing();
    },
  );

  it.each(['replay.after-begin@1', 'replay.after-collect@1'])(
    'a rollback at %s is gone on with by whoever loads next',
    async (place) => {
      for (let time = 0; time < 3; time++) await expectFollowing();
      const { items } = await console.call('GET /instances/{name}/rollback-points', { path, query: {} });
      await console.kill();
      await console.start(`${place}:kill`);
      const to = items.at(-1)?.file ?? 0;
      await console.call('POST /instances/{name}/operations', { path, body: { kind: 'rollback', to } });
      await console.killed();
      await destination.query(`UPDATE ${database}.orders SET customer = 'damaged' WHERE id = ${added}`);
      await console.start();
      await expectFollowing();
      await eventually(async () => (await countAt(`customer = 'damaged'`)) === 0);
      expect(await countAt()).toBe(added);
    },
  );
});

describe('in the middle of a save', () => {
  it('a new password without the text that names it changes nothing: the pipeline goes on with the old one', async () => {
    await console.kill();
    await console.start('configuration.after-password@1:kill');
    await unanswered(saveDestination('nobody', 'not the password'));
    await console.start();
    expect((await configuration()).sections['destination']).toMatchObject({
      value: { user: destinationServer.user },
      password: 'set',
    });
    await expectFollowing();
  });

  it('text and password hold together once the text is there', async () => {
    const mail = { host: '127.0.0.1', from: 'a@example.org', to: 'b@example.org' };
    await save('email', { ...mail, user: 'first' }, 'first password');
    for (const [place, user] of [
      ['configuration.after-password', 'first'],
      ['configuration.after-text', 'second'],
    ] as const) {
      await console.kill();
      await console.start(`${place}@1:kill`);
      await unanswered(save('email', { ...mail, user: 'second' }, 'second password'));
      await console.start();
      const { sections, complete } = await configuration();
      expect({ complete, email: sections['email'] }).toMatchObject({
        ...{ complete: true, email: { value: { user }, password: 'set' } },
      });
      const text = readFileSync(join(console.home, name, 'penstock.yaml'), 'utf8');
      const named = /email-(?:new-)?password/.exec(text)?.[0] ?? '';
      expect(readFileSync(join(console.home, name, 'secrets', named), 'utf8')).toBe(`${user} password\n`);
    }
    await expectFollowing();
  });
});

describe("in the middle of the scheduler's switch", () => {
  it('it is switched, though nobody was told', async () => {
    await console.kill();
    await console.start('scheduler.after-switch@1:kill');
    const body = { on: false, reason: 'killed' };
    await unanswered(console.call('PUT /instances/{name}/scheduler', { path, body }));
    await console.start();
    expect(await scheduler()).toMatchObject({ on: false, by: 'operator', reason: 'killed' });
    const { activity } = await console.call('GET /instances/{name}/dashboard', { path });
    expect(activity.state).toBe('off');
    await console.call('PUT /instances/{name}/scheduler', { path, body: { on: true } });
    await expectFollowing();
  });

  it(`it stands as it was answered last, or as it was asked for then (seed ${SEED})`, async () => {
    const random = new Random(SEED);
    const switched = { asked: 0, answered: 0 };
    for (let round = 0; round < 3; round++) {
      const wanted = switched.answered + 5;
      const ended = (async () => {
        for (;;) {
          switched.asked++;
          const body = { on: switched.asked % 2 === 0, reason: `switch ${switched.asked}` };
          await console.call('PUT /instances/{name}/scheduler', { path, body });
          switched.answered = switched.asked;
        }
      })().catch(() => undefined);
      await eventually(() => Promise.resolve(switched.answered > wanted));
      await sleep(random.below(50));
      await console.kill();
      await ended;
      await console.start();
      const { on, reason } = await scheduler();
      const stands = [switched.answered, switched.asked].map((time) => ({
        on: time % 2 === 0,
        reason: `switch ${time}`,
      }));
      expect(stands).toContainEqual({ on, reason });
      switched.asked = switched.answered = Number(reason?.split(' ')[1]);
    }
    await console.call('PUT /instances/{name}/scheduler', { path, body: { on: true } });
    await expectFollowing();
  });
});
