import { describe, expect, it } from 'vitest';
import { itemsInMemory } from '../../test/fixtures/items-in-memory.ts';
import { ManualClock } from '../../test/fixtures/manual-clock.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { readDryRun, recordDryRun } from './dry-run.ts';
import type { OperationContext } from './operation-context.ts';

type Context = Parameters<typeof recordDryRun>[0];

function contextOf(signal = new AbortController().signal): Context {
  const host = {
    items: itemsInMemory(),
    clock: new ManualClock(1_795_255_200_000),
  } as unknown as OperationContext['host'];
  return { host, settings: { pipeline: 'p' } as OperationContext['settings'], signal };
}

const told = (context: Context) => readDryRun(context.host.items, 'p', 'one');

describe('a dry run that nobody waits for', () => {
  it('keeps what it found, and finds it again when it is called twice', async () => {
    const context = contextOf();
    expect(await told(context)).toBeNull();
    await recordDryRun(context, 'one', () => Promise.resolve({ changes: 1, tables: [{ table: 'a' }] }));
    await recordDryRun(context, 'one', () => Promise.resolve({ changes: 2, tables: [{ table: 'a' }] }));
    expect((await told(context))?.outcome).toEqual({
      ...{ tag: 'found', left: 0 },
      result: { changes: 2, tables: [{ table: 'a' }] },
    });
  });

  it('leaves out the ends of lists that are too long to be kept, and says how many', async () => {
    const context = contextOf();
    const tables = Array.from({ length: 20_000 }, (_, index) => ({ table: `public.table_${index}` }));
    await recordDryRun(context, 'one', () => Promise.resolve({ tables, stopped: ['public.table_0'] }));
    const outcome = (await told(context))?.outcome;
    if (outcome?.tag !== 'found') throw new Error('nothing was found');
    const kept = outcome.result['tables'] as typeof tables;
    expect(kept[0]).toEqual(tables[0]);
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.length + outcome.left).toBe(tables.length);
    expect(outcome.result['stopped']).toEqual(['public.table_0']);
    expect(JSON.stringify(outcome).length).toBeLessThan(200_000);
  });

  it('keeps why there is nothing to find', async () => {
    const context = contextOf();
    const error = new PenstockError('PS1010', 'no extract 9');
    await recordDryRun(context, 'one', () => Promise.reject(error));
    const { code, message, remedy } = error;
    expect((await told(context))?.outcome).toEqual({ tag: 'failed', code, message, remedy, table: null });
  });

  it('that had no time, or broke, is called again', async () => {
    const ended = new AbortController();
    const context = contextOf(ended.signal);
    await expect(recordDryRun(context, 'one', () => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken');
    const late = new PenstockError('PS1011', 'late');
    ended.abort(late);
    await expect(recordDryRun(context, 'one', () => Promise.reject(late))).rejects.toBe(late);
    expect(await told(context)).toBeNull();
  });
});
