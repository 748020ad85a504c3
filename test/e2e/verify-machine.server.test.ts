import { beforeAll, describe, expect, it } from 'vitest';
import { VerificationRecords, type VerificationRunRecord } from '../../core/catalog/verification-records.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as verifyFunction } from '../../functions/verify.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { operate, type Operation } from '../fixtures/operation-machines.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { synthesisePipeline, type SynthesisedPipeline } from '../fixtures/synthesised-pipeline.ts';
import { SOURCE_TYPES, testSource, type SourceType } from '../fixtures/test-source.ts';

/** Verification on AWS: the synthesised machine, the deployed functions, real databases. */

const HANDLERS = { load, 'begin-operation': beginOperation, 'end-operation': endOperation, verify: verifyFunction };
const ROWS = 3000;

class Deployment implements AsyncDisposable {
  readonly pipeline: DeployedPipeline;

  private constructor(pipeline: DeployedPipeline) {
    this.pipeline = pipeline;
  }

  static async open(sourceType: SourceType): Promise<Deployment> {
    const kind = testSource(sourceType);
    const tables = ['orders', 'words'];
    const more = { extracts: { chunkBytes: 50_000 } };
    const pipeline = await DeployedPipeline.open({ ...sharedServers(sourceType), tables, more });
    await pipeline.databases.write(`
      CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note varchar(200));
      CREATE TABLE words (id int PRIMARY KEY, amount int NOT NULL);
      INSERT INTO orders SELECT n, n, repeat('x', 150) FROM ${kind.series(1, ROWS)};
      INSERT INTO words SELECT n, n FROM ${kind.series(1, 100)};
      ${sourceType === 'postgres' ? 'ANALYZE orders' : 'ANALYZE TABLE orders'};`);
    await pipeline.operate((context) => fullExtract(context, { tables: null }));
    return new Deployment(pipeline);
  }

  run(name: string, execution: Partial<Operation> = {}) {
    return operate(this.pipeline, synthesised, HANDLERS, { machine: 'verify', input: {}, name, ...execution });
  }

  spoil(sql: string): Promise<unknown> {
    return this.pipeline.databases.destination.query(sql);
  }

  /** What is known of the verification that calls make. */
  record(): Promise<VerificationRunRecord | null> {
    return this.pipeline.catalog((_catalog, { items }) =>
      new VerificationRecords(items, this.pipeline.name).run('calls'),
    );
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

const counted = (equal: number, different: number) => ({
  tag: 'succeeded',
  output: { verified: { more: false, equal, different, unsettled: 0, notComparable: 0 } },
});

describe.each(SOURCE_TYPES)('Verify of %s', (sourceType) => {
  it('says how many tables differ, tells which, and repairs where it is asked to', async () => {
    await using deployment = await Deployment.open(sourceType);
    const { pipeline } = deployment;
    expect(await deployment.run('verify-1')).toMatchObject(counted(2, 0));
    expect(pipeline.events.filter(({ type }) => type.startsWith('Operation'))).toMatchObject([
      { type: 'OperationStarted', operation: 'verify-1', kind: 'verify' },
      { type: 'OperationEnded', operation: 'verify-1', kind: 'verify', outcome: 'succeeded' },
    ]);
    await deployment.spoil('UPDATE orders SET amount = -1 WHERE id IN (7, 2990)');
    expect(await deployment.run('verify-2')).toMatchObject(counted(1, 1));
    expect(await deployment.run('verify-3', { input: { tables: [pipeline.databases.idOf('words')] } })).toMatchObject(
      counted(1, 0),
    );
    expect(await deployment.run('verify-4', { input: { repair: true } })).toMatchObject(counted(2, 0));
    const { equal } = await pipeline.operate((context) => verify(context, { tables: null }));
    expect(equal).toBe(true);
    const unknown = await deployment.run('verify-5', { input: { tables: ['public.nothing'] } });
    expect(unknown).toMatchObject({ tag: 'failed', cause: expect.stringContaining('PS1005') as string });
    expect(unknown.entered).toEqual(['Begin', 'EndFailed', 'Failed']);
  });

  it('goes on with the next chunk of a table that differs, and does nothing again when an answer was lost', async () => {
    await using deployment = await Deployment.open(sourceType);
    const { pipeline } = deployment;
    await deployment.spoil('UPDATE orders SET amount = -1 WHERE id IN (7, 2990)');
    const inCalls = { by: 'verify-1' };
    const chunks = new Set<string>();
    let calls = 0;
    for (let more = true; more; calls++) {
      let seen = 0;
      const result = await pipeline.operate((context) =>
        verify(
          {
            ...context,
            progress: (update) => {
              if (update.tag !== 'verify') return;
              seen++;
              chunks.add(`${update.table} ${update.chunk}`);
            },
          },
          { tables: null, inCalls, isEnough: () => seen >= 1 },
        ),
      );
      more = result.more;
      if (!more) expect(result.counts).toEqual({ equal: 1, different: 1, unsettled: 0, notComparable: 0 });
      if (calls === 1) {
        const current = (await deployment.record())?.current;
        expect(current).toMatchObject({ table: pipeline.databases.idOf('orders'), differing: { rows: 1 } });
      }
      expect(calls).toBeLessThan(50);
    }
    expect(calls).toBeGreaterThan(3);
    const proofs = await pipeline.catalog((_catalog, { items }) =>
      new VerificationRecords(items, pipeline.name).proof(pipeline.databases.idOf('orders')),
    );
    const compared = chunks.size;
    // No chunk was compared twice.
    if (proofs?.verdict === 'different')
      expect(proofs).toMatchObject({ differing: 2, chunks: compared - 1, rows: ROWS });
    const again = await pipeline.operate((context) => verify(context, { tables: null, inCalls }));
    expect(again).toMatchObject({ more: false, tables: [], counts: { equal: 1, different: 1 } });
  });

  it('is one at a time; calls may fail and replies be lost; an execution that was stopped is gone on with', async () => {
    await using deployment = await Deployment.open(sourceType);
    let failures = 0;
    const ended = await deployment.run('verify-1', {
      afterCall: (_state, called) => {
        if (called === 'verify' && failures++ < 2) {
          const failure = new Error('injected by the test');
          failure.name = 'PenstockTimed';
          throw failure;
        }
      },
    });
    expect(ended).toMatchObject(counted(2, 0));
    // One whose machine was stopped between two calls.
    const stopped = { by: 'verify-2' };
    await deployment.pipeline.operate((context) => {
      let seen = 0;
      return verify(
        { ...context, progress: () => seen++ },
        { tables: null, inCalls: stopped, isEnough: () => seen >= 2 },
      );
    });
    const second = await deployment.run('verify-3');
    expect(second).toMatchObject({ tag: 'failed', cause: expect.stringContaining('verification verify-2') as string });
    expect(second).toMatchObject({ entered: ['Begin', 'Compare', 'EndFailed', 'Failed'] });
    const done = (await deployment.record())?.current?.chunks ?? 0;
    expect(done).toBe(2);
    await endOperation({ operation: 'verify-2', kind: 'verify', outcome: 'failed' }, lambdaContext('end-operation'));
    expect(await deployment.record()).toMatchObject({ by: null, ended: false });
    expect(await deployment.run('verify-4')).toMatchObject(counted(2, 0));
  });
});
