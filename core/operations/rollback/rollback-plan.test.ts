import { describe, expect, it } from 'vitest';
import { newTableRecord, type TableRecord } from '../../catalog/records.ts';
import { tableSchema, type RowIdentity } from '../../changes/table-schema.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';
import { planRollback } from './rollback-plan.ts';

const KEY: RowIdentity = { tag: 'key', columns: ['id'] };
const STOPPED: TableRecord['state'] = { tag: 'stopped', code: 'PS4007', message: '', remedy: '', since: '' };

function record(table: string, state: TableRecord['state'], identity: RowIdentity = KEY): [string, TableRecord] {
  const schema = tableSchema({ table: { schema: 's', name: table }, columns: [], identity });
  return [table, { ...newTableRecord(table), state, schema }];
}

const records = new Map<string, TableRecord>([
  record('follows', { tag: 'following' }),
  record('behind', STOPPED),
  record('copied', { tag: 'following' }),
  record('fresh', { tag: 'following' }),
  record('skipped', { tag: 'following' }),
  record('heap', STOPPED, { tag: 'row' }),
  record('half', STOPPED),
  record('copying', { tag: 'copying' }),
  ['new', newTableRecord('new')],
]);
const marks: LedgerMarks = {
  applied: 20,
  epoch: 1,
  tables: new Map([
    ['behind', 12],
    ['fresh', 25],
    ['heap', 15],
  ]),
  copies: new Map<string, number | null>([
    ['follows', 0],
    ['behind', 0],
    ['copied', 14],
    ['fresh', 25],
    ['heap', 0],
    ['half', null],
  ]),
  replays: new Map(),
  rebuilds: new Set(),
};
const plan = (to: number, ...tables: readonly string[]) => planRollback(to, tables, marks, records);

describe('a rollback', () => {
  it('goes from the chosen extract to where each table stands', () => {
    expect(plan(8, 'follows', 'behind', 'skipped')).toEqual({
      replays: [
        { table: 'follows', from: 8, upTo: 20 },
        { table: 'behind', from: 8, upTo: 12 },
        { table: 'skipped', from: 8, upTo: 20 },
      ],
      left: [],
      resumed: ['behind'],
    });
  });

  it('never goes behind a copy', () => {
    expect(plan(8, 'copied').replays).toEqual([{ table: 'copied', from: 15, upTo: 20 }]);
    expect(plan(18, 'copied').replays).toEqual([{ table: 'copied', from: 18, upTo: 20 }]);
    expect(plan(8, 'fresh')).toMatchObject({
      replays: [],
      left: [{ reason: expect.stringContaining('newer') as unknown }],
    });
  });

  it('leaves what it cannot make anew, and says why; a stopped table loads again all the same', () => {
    const { replays, left, resumed } = plan(8, 'heap', 'half', 'copying', 'new', 'unheard');
    expect(replays).toEqual([]);
    expect(left.map(({ table, reason }) => `${table}: ${reason}`)).toEqual([
      'heap: it has no key: its rows cannot be told from those that are there',
      'half: its copy is not finished',
      'copying: its copy is not finished',
      'new: it was never copied',
      'unheard: it was never copied',
    ]);
    expect(resumed).toEqual(['heap']);
    expect(plan(13, 'behind')).toEqual({
      replays: [],
      left: [{ table: 'behind', reason: 'it stands at extract 12' }],
      resumed: ['behind'],
    });
  });
});
