import { expect, it } from 'vitest';
import { tableSchema, type TableSchema } from '../../changes/table-schema.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { openDescribedSnapshot } from './described-snapshot.ts';
import type { OperationContext } from '../operation-context.ts';

const structure = (...columns: string[]): TableSchema =>
  tableSchema({
    table: { schema: 'public', name: 'orders' },
    columns: columns.map((name) => ({
      name,
      type: { tag: 'double' },
      nullable: true,
      sourceType: 'float8',
      backfill: null,
    })),
    identity: { tag: 'row' },
  });

/** A source that answers each question for the structure with the next of `answers`. */
function contextWith(answers: readonly (TableSchema | PenstockError)[]) {
  const taken: string[] = [];
  const left = [...answers];
  const source = {
    describeTables: () => {
      const answer = left.shift();
      return answer instanceof PenstockError ? Promise.reject(answer) : Promise.resolve([answer]);
    },
    openSnapshot: () => {
      taken.push('opened');
      return Promise.resolve({
        [Symbol.asyncDispose]: () => {
          taken.push('closed');
          return Promise.resolve();
        },
      });
    },
  };
  const table = { table: { schema: 'public', name: 'orders' } };
  const context = {
    source,
    settings: { tables: [table], source: { extractThreads: 2 } },
    host: { log: { info: () => undefined } },
  };
  return { context: context as unknown as OperationContext, taken };
}

it('takes another snapshot when a structure changed meanwhile', async () => {
  const { context, taken } = contextWith([structure('a'), structure('a', 'b'), structure('a', 'b')]);
  const { structures } = await openDescribedSnapshot(context, ['public.orders'], 1, null);
  expect(structures.get('public.orders')).toEqual(structure('a', 'b'));
  expect(taken).toEqual(['opened', 'closed', 'opened']);
});

it("gives a table's own error to that table", async () => {
  const error = new PenstockError('PS1005', 'public.orders', { table: 'public.orders' });
  const { context, taken } = contextWith([error, error, error, error]);
  const { structures } = await openDescribedSnapshot(context, ['public.orders'], 1, null);
  expect(structures.get('public.orders')).toBe(error);
  expect(taken).toEqual(['opened']);
});

it('closes the snapshot when the source cannot be asked', async () => {
  const { context, taken } = contextWith([structure('a'), new PenstockError('PS2010', 'gone')]);
  await expect(openDescribedSnapshot(context, ['public.orders'], 1, null)).rejects.toMatchObject({ code: 'PS2010' });
  expect(taken).toEqual(['opened', 'closed']);
});
