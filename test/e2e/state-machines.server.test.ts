import { beforeAll, describe, expect, it } from 'vitest';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as finishCopy } from '../../functions/finish-copy.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as loadChunks } from '../../functions/load-chunks.ts';
import { handler as planCopy } from '../../functions/plan-copy.ts';
import { handler as rollback } from '../../functions/rollback.ts';
import { handler as syncStructure } from '../../functions/sync-structure.ts';
import { follow } from '../../core/operations/replication/follow.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { eventually } from '../fixtures/eventually.ts';
import { operate, type Operated, type Operation } from '../fixtures/operation-machines.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource, type SourceType } from '../fixtures/test-source.ts';
import { Random } from '../fixtures/random.ts';
import { synthesisePipeline, type SynthesisedPipeline } from '../fixtures/synthesised-pipeline.ts';

const HANDLERS = {
  load,
  'begin-operation': beginOperation,
  'plan-copy': planCopy,
  'load-chunks': loadChunks,
  'finish-copy': finishCopy,
  'end-operation': endOperation,
  rollback,
  'sync-structure': syncStructure,
};

const ROWS = 3000;
const NO_RESOURCES = { diskFreeBytes: null, memoryUsedBytes: null, memoryLimitBytes: null };

/** A pipeline on the emulated services, and its operations as they are deployed. */
class Deployment implements AsyncDisposable {
  readonly pipeline: DeployedPipeline;
  readonly #synthesised: SynthesisedPipeline;

  private constructor(pipeline: DeployedPipeline, synthesised: SynthesisedPipeline) {
    this.pipeline = pipeline;
    this.#synthesised = synthesised;
  }

  static async open(synthesised: SynthesisedPipeline, sourceType: SourceType = 'postgres'): Promise<Deployment> {
    const kind = testSource(sourceType);
    const pipeline = await DeployedPipeline.open({
      ...sharedServers(sourceType),
      tables: ['orders', 'words'],
      more: { extracts: { chunkBytes: 20_000 } },
    });
    await pipeline.databases.write(`
      CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note varchar(100));
      CREATE TABLE words (word varchar(50) PRIMARY KEY, amount int NOT NULL);
      INSERT INTO orders SELECT n, n, repeat('x', 50) FROM ${kind.series(1, ROWS)};
      INSERT INTO words SELECT concat('w', n), n FROM ${kind.series(1, ROWS)};
      CREATE TABLE later (id int PRIMARY KEY, amount int NOT NULL);
      INSERT INTO later SELECT n, n FROM ${kind.series(1, 100)};`);
    return new Deployment(pipeline, synthesised);
  }

  /** SQL at the source. */
  write(sql: string): Promise<void> {
    return this.pipeline.databases.write(sql);
  }

  /** Rows at the destination. */
  async count(table: string, condition: string): Promise<number> {
    const [[count] = []] = await this.pipeline.databases.rows(`SELECT COUNT(*) FROM \`${table}\` WHERE ${condition}`);
    return Number(count);
  }

  async differences(): Promise<unknown[]> {
    const { tables } = await this.pipeline.operate((context) => verify(context, { tables: null }));
    return tables.filter((table) => table.tag !== 'equal');
  }

  /** Other settings: functions then start anew. */
  async redeploy(): Promise<void> {
    await this.pipeline.deploy();
    for (const handler of Object.values(HANDLERS)) await handler[Symbol.asyncDispose]();
  }

  /** The reader service. */
  follow(): { stop(): Promise<void> } {
    const ended = new AbortController();
    const running = this.pipeline.operate(
      (context) => follow(context, () => Promise.resolve(NO_RESOURCES)),
      ended.signal,
    );
    running.catch(() => undefined);
    return {
      stop: () => {
        ended.abort(new Error('stopped by the test'));
        return running;
      },
    };
  }

  run(machine: string, execution: Partial<Operation> & { readonly name: string }) {
    return operate(this.pipeline, this.#synthesised, HANDLERS, { machine, input: {}, ...execution });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const handler of Object.values(HANDLERS)) await handler[Symbol.asyncDispose]();
    await this.pipeline[Symbol.asyncDispose]();
  }
}

let synthesised: SynthesisedPipeline;
beforeAll(async () => {
  synthesised = await synthesisePipeline({}, '', { isValidated: false });
});

/** As Step Functions names what happened to a call. */
class CallFailure extends Error {
  constructor(name: string) {
    super('injected by the test');
    this.name = name;
  }
}

/** Fails some calls before or after they have done their work, never so often in a row that a retry gives up. */
function unreliable(random: Random): Pick<Operation, 'beforeCall' | 'afterCall'> {
  const inARow = new Map<string, number>();
  const fail = (state: string, called: string): void => {
    const before = inARow.get(state) ?? 0;
    if (before >= 1 || !random.chance(0.35)) {
      inARow.set(state, 0);
      return;
    }
    inARow.set(state, before + 1);
    if (called === 'runTask') throw new CallFailure('States.TaskFailed');
    throw new CallFailure(random.chance(0.5) ? 'PenstockTimed' : 'Lambda.ServiceException');
  };
  return { beforeCall: fail, afterCall: fail };
}

describe('Full Extract', () => {
  it.each(SOURCE_TYPES)('copies all tables of %s, and Manual Delta brings what came since', async (sourceType) => {
    await using deployment = await Deployment.open(synthesised, sourceType);
    const copied = await deployment.run('full-extract', { name: 'full-1' });
    expect(copied).toMatchObject({ tag: 'succeeded' });
    expect(copied.entered).toContain('CopyWorkers');
    expect(copied.largest).toBeLessThan(2000);
    await deployment.write(`UPDATE orders SET amount = -1 WHERE id % 7 = 0; DELETE FROM words WHERE amount < 50`);
    const delta = await deployment.run('manual-delta', { name: 'delta-1' });
    expect(delta).toMatchObject({ tag: 'succeeded' });
    expect(await deployment.differences()).toEqual([]);
  });

  it.each([11, 12, 13, 14])(
    'ends with the same rows although calls and tasks fail and replies are lost (seed %i)',
    async (seed) => {
      await using deployment = await Deployment.open(synthesised);
      const copied = await deployment.run('full-extract', { name: 'full-1', ...unreliable(new Random(seed)) });
      expect(copied).toMatchObject({ tag: 'succeeded' });
      await deployment.write(
        `UPDATE orders SET id = id + 100000 WHERE id % 5 = 0; INSERT INTO words VALUES ('new', 1)`,
      );
      const delta = await deployment.run('manual-delta', {
        name: 'delta-1',
        ...unreliable(new Random(seed + 100)),
      });
      expect(delta).toMatchObject({ tag: 'succeeded' });
      expect(await deployment.differences()).toEqual([]);
    },
  );

  it('starts other workers when all of them died, and gives up after five times', async () => {
    await using deployment = await Deployment.open(synthesised);
    let dead = 0;
    const dying = (most: number) => (_state: string, called: string) => {
      if (called !== 'runTask' || dead >= most) return;
      dead++;
      throw new CallFailure('States.TaskFailed');
    };
    const failed = await deployment.run('full-extract', { name: 'full-1', beforeCall: dying(1000) });
    expect(failed.tag).toBe('failed');
    expect(failed.entered.filter((state) => state === 'Plan')).toHaveLength(5);
    expect(failed.entered.at(-1)).toBe('Failed');
    expect(deployment.pipeline.events.at(-1)).toMatchObject({ type: 'OperationEnded', outcome: 'failed' });
    dead = 0;
    const copied = await deployment.run('full-extract', { name: 'full-2', beforeCall: dying(12) });
    expect(copied).toMatchObject({ tag: 'succeeded' });
    expect(copied.entered.filter((state) => state === 'Plan').length).toBeGreaterThan(1);
    expect(await deployment.differences()).toEqual([]);
  });

  it('goes on with what an execution had copied that was stopped', async () => {
    await using deployment = await Deployment.open(synthesised);
    let chunks = 0;
    const stopped = await deployment.run('full-extract', {
      name: 'full-1',
      afterCall: (state) => {
        if (state === 'LoadChunks' && ++chunks === 2) throw new CallFailure('PenstockManual');
      },
    });
    expect(stopped.tag).toBe('failed');
    const copied = await deployment.run('full-extract', { name: 'full-2' });
    expect(copied).toMatchObject({ tag: 'succeeded' });
    expect(await deployment.differences()).toEqual([]);
  });

  it('is one at a time, and refuses a table that is not there before anything is done', async () => {
    await using deployment = await Deployment.open(synthesised);
    let second: Operated | null = null;
    const first = await deployment.run('full-extract', {
      name: 'full-1',
      beforeCall: async (state) => {
        if (state === 'FinishCopy') second ??= await deployment.run('full-extract', { name: 'full-2' });
      },
    });
    expect(first).toMatchObject({ tag: 'succeeded' });
    expect(second).toMatchObject({ tag: 'failed' });
    expect(second).toMatchObject({ cause: expect.stringContaining('full-1 works on') as string });
    const unknown = await deployment.run('full-extract', { name: 'full-3', input: { tables: ['public.nothing'] } });
    expect(unknown.tag).toBe('failed');
    expect(unknown.entered).toEqual(['Begin', 'EndFailed', 'Failed']);
    expect(unknown).toMatchObject({ cause: expect.stringContaining('PS1005') as string });
    expect(await deployment.differences()).toEqual([]);
  });
});

describe('Sync New Tables', () => {
  it.each(SOURCE_TYPES)('copies the table of %s that was added beside the reader', async (sourceType) => {
    await using deployment = await Deployment.open(synthesised, sourceType);
    const { pipeline } = deployment;
    const early = await deployment.run('sync-new-tables', { name: 'sync-0' });
    expect(early).toMatchObject({ tag: 'failed', cause: expect.stringContaining('PS1004') as string });
    expect(early.entered).toEqual(['Begin', 'EndFailed', 'Failed']);
    expect((await deployment.run('full-extract', { name: 'full-1' })).tag).toBe('succeeded');
    pipeline.databases.configuration.tables = ['orders', 'words', 'later'];
    await deployment.redeploy();
    const reader = deployment.follow();
    await deployment.write(`INSERT INTO orders VALUES (900001, 1, 'before')`);
    let second: Operated | null = null;
    const copied = await deployment.run('sync-new-tables', {
      name: 'sync-1',
      beforeCall: async (_state, called) => {
        if (called === 'runTask') second ??= await deployment.run('full-extract', { name: 'full-2' });
      },
    });
    expect(copied).toMatchObject({ tag: 'succeeded' });
    expect(second).toMatchObject({ tag: 'failed', cause: expect.stringContaining('sync-1 works on') as string });
    expect(pipeline.events.filter((event) => event.type === 'TableExtracted').at(-1)).toMatchObject({
      tabName: pipeline.databases.idOf('later'),
    });
    await deployment.write(`INSERT INTO orders VALUES (900002, 1, 'after'); UPDATE later SET amount = 0 WHERE id < 10`);
    // Reader and loader are at work again by themselves.
    await eventually(async () => {
      await load({}, lambdaContext('load'));
      const [later, orders] = [
        await deployment.count('later', 'amount = 0'),
        await deployment.count('orders', 'id > 900000'),
      ];
      return later === 9 && orders === 2;
    });
    await reader.stop();
    expect(await deployment.differences()).toEqual([]);
  });
});

describe('Rollback', () => {
  it('applies the stored extracts again, although calls fail, and ends as if nothing had happened', async () => {
    await using deployment = await Deployment.open(synthesised);
    await deployment.run('full-extract', { name: 'full-1' });
    for (const round of [1, 2, 3]) {
      await deployment.write(
        `UPDATE orders SET amount = ${-round} WHERE id % ${round + 2} = 0; DELETE FROM words WHERE amount % 100 = ${round}`,
      );
      await deployment.run('manual-delta', { name: `delta-${round}` });
    }
    // Somebody spoils what the second extract brought.
    await deployment.pipeline.databases.destination.query('UPDATE orders SET amount = 12345 WHERE id % 4 = 0');
    expect(await deployment.differences()).toHaveLength(1);
    const back = await deployment.run('rollback', { name: 'back-1', input: { to: 1 }, ...unreliable(new Random(5)) });
    expect(back).toMatchObject({ tag: 'succeeded' });
    expect(await deployment.differences()).toEqual([]);
    await deployment.write(`UPDATE orders SET amount = 7 WHERE id = 1`);
    expect((await deployment.run('manual-delta', { name: 'delta-4' })).tag).toBe('succeeded');
    expect(await deployment.differences()).toEqual([]);
  });

  it('refuses a point that is not there, and gives the log back', async () => {
    await using deployment = await Deployment.open(synthesised);
    await deployment.run('full-extract', { name: 'full-1' });
    const back = await deployment.run('rollback', { name: 'back-1', input: { to: 99 } });
    expect(back.tag).toBe('failed');
    expect(back.entered).toEqual(['Begin', 'BeginRollback', 'EndFailed', 'Failed']);
    expect(back).toMatchObject({ cause: expect.stringContaining('PS1010') as string });
    expect((await deployment.run('manual-delta', { name: 'delta-1' })).tag).toBe('succeeded');
  });
});

describe('Sync Struct', () => {
  it('takes over a renamed column that had stopped the table, and loads what waited', async () => {
    await using deployment = await Deployment.open(synthesised);
    await deployment.run('full-extract', { name: 'full-1' });
    await deployment.write(
      `ALTER TABLE orders RENAME COLUMN note TO remark; UPDATE orders SET remark = 'seen' WHERE id = 5`,
    );
    await deployment.run('manual-delta', { name: 'delta-1' });
    const { events } = deployment.pipeline;
    expect(events.filter((event) => event.type === 'TableStopped')).toHaveLength(1);
    const synced = await deployment.run('sync-structure', { name: 'sync-1', ...unreliable(new Random(6)) });
    expect(synced).toMatchObject({ tag: 'succeeded' });
    expect(await deployment.count('orders', "remark = 'seen'")).toBe(1);
    expect(await deployment.differences()).toEqual([]);
  });
});
