import { describe, expect, it } from 'vitest';
import type { RowChange, RowValues } from '../changes/change.ts';
import { tableSchema } from '../changes/table-schema.ts';
import { MirrorCompaction } from '../extracts/mirror-compaction.ts';
import { LateKeys } from './late-keys.ts';

const schemaOf = (...names: string[]) =>
  tableSchema({
    table: { schema: 's', name: 't' },
    columns: names.map((name) => ({
      name,
      type: { tag: 'integer', bits: 64, unsigned: false },
      nullable: name !== 'id',
      sourceType: 'bigint',
      backfill: null,
    })),
    identity: { tag: 'key', columns: ['id'] },
  });
const SCHEMA = schemaOf('id', 'n');

const change = (before: RowValues | null, after: RowValues | null, schema = SCHEMA): RowChange => ({
  schema,
  op: before === null ? 'insert' : after === null ? 'delete' : 'update',
  before,
  after,
  misfit: null,
});
type Step = readonly [from: string | null, to: string | null];
const values = (row: string | null) => row?.split(' ') ?? null;

/** What a destination that knows rows by their keys has of `rows` when the extract with one transaction is loaded. */
function loaded(rows: readonly string[], steps: readonly Step[], keys = new LateKeys()) {
  const compaction = new MirrorCompaction([0]);
  const told = steps.map(([from, to]) => keys.add(1, change(values(from), values(to))));
  const all = [...told.flatMap(({ changes }) => changes), ...keys.end()];
  for (const one of all) compaction.add(one, 0, '2026-01-01T00:00:00.000000Z');
  const there = new Map(rows.map((row) => [row.split(' ')[0], row]));
  for (const line of compaction.lines()) {
    if (line.op === 'D') there.delete(String(line.values[0]));
    else there.set(String(line.values[0]), line.values.join(' '));
  }
  return { rows: [...there.values()].sort(), isUntold: told.some(({ isUntold }) => isUntold), told: all.length };
}

describe('keys that are looked at late', () => {
  it.each<[string, readonly string[], readonly Step[], readonly string[]]>([
    [
      'all move on',
      ['1 7', '2 8', '3 9'],
      [
        ['1 7', '2 7'],
        ['2 8', '3 8'],
        ['3 9', '4 9'],
      ],
      ['2 7', '3 8', '4 9'],
    ],
    [
      'equal rows move on',
      ['1 7', '2 7'],
      [
        ['1 7', '2 7'],
        ['2 7', '3 7'],
      ],
      ['2 7', '3 7'],
    ],
    [
      'one row moves on twice, which the log tells with the same words',
      ['1 7'],
      [
        ['1 7', '2 7'],
        ['2 7', '3 7'],
      ],
      ['3 7'],
    ],
    [
      'two change places',
      ['1 7', '2 8'],
      [
        ['1 7', '2 7'],
        ['2 8', '1 8'],
      ],
      ['1 8', '2 7'],
    ],
    [
      'a new row comes before the old one goes',
      ['1 7'],
      [
        [null, '1 8'],
        ['1 7', null],
      ],
      ['1 8'],
    ],
    [
      'a new row comes and goes again',
      ['1 7'],
      [
        [null, '1 8'],
        ['1 8', null],
      ],
      ['1 7'],
    ],
    [
      'the old row is changed while the new one is there',
      ['1 7'],
      [
        ['1 7', '1 6'],
        [null, '1 8'],
        ['1 6', '1 5'],
        ['1 8', '1 9'],
        ['1 5', null],
      ],
      ['1 9'],
    ],
    [
      'a key is left before another row comes, and that one goes too',
      ['1 7', '2 8'],
      [
        ['1 7', null],
        ['2 8', '1 8'],
        ['1 8', null],
      ],
      [],
    ],
  ])('are told right where %s', (_, rows, steps, expected) => {
    expect(loaded(rows, steps).rows).toEqual(expected);
  });

  it('agree with a table that has a deferred key, whatever happens to its rows', () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * limit);
    };
    let tried = 0;
    for (let round = 0; round < 20_000; round++) {
      const before = [1, 2, 3].filter(() => below(2) === 1).map((id) => `${id} ${below(2)}`);
      const now = [...before];
      const steps: Step[] = [];
      for (let step = below(7); step >= 0; step--) {
        const row = `${1 + below(4)} ${below(2)}`;
        const place = below(now.length + 1);
        const old = now[place];
        if (old === undefined) steps.push([null, row]);
        else steps.push([old, below(3) === 0 ? null : row]);
        now.splice(place, 1, ...(steps.at(-1)?.[1] === row ? [row] : []));
      }
      if (new Set(now.map((row) => row.split(' ')[0])).size < now.length) continue;
      tried++;
      expect(loaded(before, steps).rows, `seed ${seed}: ${JSON.stringify({ before, steps })}`).toEqual(now.sort());
    }
    expect(tried).toBeGreaterThan(1000);
  });

  it('are told at once where only values change or rows go, however many', () => {
    const steps = Array.from({ length: 20 }, (_, n): Step => [`${n} 7`, n % 2 === 0 ? `${n} 8` : null]);
    const keys = new LateKeys(0);
    expect(loaded([], steps, keys)).toMatchObject({ isUntold: false, told: 20 });
  });

  it('are told as they come when there are too many, and what is not known any more is not guessed', () => {
    const many = Array.from({ length: 20 }, (_, n): Step => [null, `${n} 7`]);
    expect(loaded([], many, new LateKeys(500))).toMatchObject({ isUntold: false, told: 20 });
    expect(loaded([], [...many, ['1 7', null]], new LateKeys(500)).isUntold).toBe(true);
    expect(loaded([], [...many, ['1 7', '1 8']], new LateKeys(500)).isUntold).toBe(true);
    const keys = new LateKeys(500);
    loaded([], many, keys);
    // The next transaction knows nothing of it.
    expect(loaded(['1 7'], [['1 7', null]], keys)).toMatchObject({ rows: [], isUntold: false });
  });

  it('are not compared across a change of the structure', () => {
    const keys = new LateKeys();
    keys.add(1, change(null, ['1', '7']));
    const wider = schemaOf('id', 'n', 'm');
    expect(keys.add(1, change(null, ['2', '7', null], wider))).toEqual({
      changes: [change(null, ['1', '7']), change(null, ['2', '7', null], wider)],
      isUntold: false,
    });
    expect(keys.add(1, change(['1', '7', null], null, wider)).isUntold).toBe(true);
  });

  it('are empty behind a truncate', () => {
    const keys = new LateKeys();
    keys.add(1, change(null, ['1', '7']));
    keys.add(2, change(null, ['1', '7']));
    keys.truncate(1);
    expect(keys.add(1, change(null, ['1', '8']))).toEqual({ changes: [], isUntold: false });
    expect(keys.end()).toEqual([change(null, ['1', '7']), change(null, ['1', '8'])]);
  });
});
