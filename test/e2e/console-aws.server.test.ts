import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { DeployedConsole } from '../fixtures/deployed-console.ts';
import { DeployedPipeline } from '../fixtures/deployed-pipeline.ts';
import { sharedServers } from '../fixtures/pipeline.ts';

const ROWS = 500;

let pipeline: DeployedPipeline;
let console: DeployedConsole;

beforeAll(async () => {
  pipeline = await DeployedPipeline.open({ ...sharedServers('postgres'), tables: ['orders'] });
  await pipeline.databases.write(`
    CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note varchar(100));
    INSERT INTO orders SELECT n, n, repeat('x', 50) FROM generate_series(1, ${ROWS}) n;`);
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  console = await DeployedConsole.open(pipeline);
}, 60_000);

afterAll(async () => {
  await console[Symbol.asyncDispose]();
  await pipeline[Symbol.asyncDispose]();
});

describe('what is deployed', () => {
  it('is listed, and shown on a dashboard', async () => {
    const { json: session } = await console.ask('GET /api/v1/session');
    expect(session).toMatchObject({ user: 'olga@example.com', role: 'operator', host: 'aws', canConfigure: false });
    const { json: list } = await console.ask('GET /api/v1/instances');
    expect(list).toMatchObject({ items: [{ name: pipeline.name, complete: true }] });
    const { status, json } = await console.ask(`GET /api/v1/instances/${pipeline.name}/dashboard`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      tables: { chosen: 1, following: 1 },
      source: { type: 'postgres' },
      schedule: { scheduler: { on: true } },
    });
  });
});
