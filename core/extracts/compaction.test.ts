import { describe, expect, it } from 'vitest';
import { Random } from '../../test/fixtures/random.ts';
import type { RowChange, RowValues } from '../changes/change.ts';
import { rowHash } from '../changes/row-digest.ts';
import { tableSchema, type TableSchema } from '../changes/table-schema.ts';
import type { CompactedLine, Compaction } from './compaction.ts';
import { fillAbsent, keyText } from './compaction.ts';
import { HistoryCompaction } from './history-compaction.ts';
import { MirrorCompaction } from './mirror-compaction.ts';
import { RowCompaction } from './row-compaction.ts';

const text = { tag: 'text', maxCharacters: null } as const;
const column = (name: string) => ({ name, type: text, nullable: true, sourceType: 'text', backfill: null });
const columns = ['id', 'a', 'b'].map(column);
const keyed = tableSchema({ table: { schema: 's', name: 't' }, columns, identity: { tag: 'key', columns: ['id'] } });
const unkeyed = tableSchema({ table: { schema: 's', name: 'u' }, columns, identity: { tag: 'row' } });
const AT = '2026-01-01T00:00:00.000000Z';

type Table = Map<string, RowValues>;

/** Random changes that a source could send for `table`, which is changed with them; updates may lack values. */
function randomChanges(random: Random, schema: TableSchema, table: Table, count: number): RowChange[] {
  const changes: RowChange[] = [];
  const value = () => (random.chance(0.2) ? null : String(random.below(5)));
  for (let n = 0; n < count; n++) {
    const id = String(random.below(6));
    const stood = table.get(id);
    if (stood === undefined) {
      const after = [id, value(), value()];
      table.set(id, after);
      changes.push({ schema, op: 'insert', before: null, after, misfit: null });
    } else if (random.chance(0.25)) {
      table.delete(id);
      changes.push({ schema, op: 'delete', before: [id, undefined, undefined], after: null, misfit: null });
    } else {
      const free = ['0', '1', '2', '3', '4', '5'].filter((other) => !table.has(other));
      const moves = free.length > 0 && random.chance(0.3);
      const newId = moves ? random.pick(free) : id;
      const sent = [newId, value(), random.chance(0.5) ? undefined : value()];
      table.delete(id);
      table.set(newId, fillAbsent(sent, stood));
      const before = moves ? [id, undefined, undefined] : null;
      changes.push({ schema, op: 'update', before, after: sent, misfit: null });
    }
  }
  return changes;
}

/** What a destination does with mirror lines: rows that lack values take them from the row that stood under the origin key. */
function applyMirror(table: Table, lines: Iterable<CompactedLine>): void {
  const before = new Map(table);
  const seen = new Set<string>();
  for (const line of lines) {
    const id = line.values[0] ?? '';
    expect(seen.has(id), `key ${id} has two lines`).toBe(false);
    seen.add(id);
    if (line.op === 'D') table.delete(id);
    else {
      const origin = line.origin === null ? undefined : before.get(line.origin[0] ?? '');
      const values = origin === undefined ? line.values : fillAbsent(line.values, origin);
      expect(values, 'a value is still missing').not.toContain(undefined);
      table.set(id, values);
    }
  }
}

function feed(compaction: Compaction, changes: readonly RowChange[]): CompactedLine[] {
  changes.forEach((change, index) => compaction.add(change, index, AT));
  return [...compaction.lines()];
}

const sorted = (table: Table) => [...table.values()].map((values) => JSON.stringify(values)).sort();

describe('mirror compaction', () => {
  it('has the same effect as the changes one by one, whatever they are', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const random = new Random(seed);
      const source: Table = new Map([['0', ['0', 'x', 'y']]]);
      const destination: Table = new Map(source);
      for (let batch = 0; batch < 3; batch++) {
        applyMirror(
          destination,
          feed(new MirrorCompaction([0]), randomChanges(random, keyed, source, random.below(12))),
        );
        expect(sorted(destination), `seed ${seed}`).toEqual(sorted(source));
      }
    }
  });

  it('takes a value that was not sent from the key under which the row stood before a chain of key changes', () => {
    const change = (before: RowValues, after: RowValues): RowChange => ({
      schema: keyed,
      op: 'update',
      before,
      after,
      misfit: null,
    });
    const lines = feed(new MirrorCompaction([0]), [
      change(['1'], ['2', 'a', undefined]),
      change(['2'], ['3', 'b', undefined]),
    ]);
    expect(lines).toContainEqual({
      op: 'U',
      index: 1,
      at: AT,
      values: ['3', 'b', undefined],
      origin: ['1'],
      ordinal: 0,
    });
    expect(lines.filter((line) => line.op === 'D').map((line) => line.values[0])).toEqual(['1', '2']);
  });
});

describe('history compaction', () => {
  it('keeps every version in order and fills what later versions lack', () => {
    const update = (after: RowValues): RowChange => ({
      schema: keyed,
      op: 'update',
      before: null,
      after,
      misfit: null,
    });
    const lines = feed(new HistoryCompaction([0], null), [update(['1', 'a', 'b']), update(['1', 'c', undefined])]);
    expect(lines.map((line) => line.values)).toEqual([
      ['1', 'a', 'b'],
      ['1', 'c', 'b'],
    ]);
  });

  it('combines versions beyond Max Updates into the last one', () => {
    const changes = ['a', 'b', 'c', 'd', 'e'].map((a): RowChange => ({
      schema: keyed,
      op: 'update',
      before: null,
      after: ['1', a, a],
      misfit: null,
    }));
    const lines = feed(new HistoryCompaction([0], 3), changes);
    expect(lines.map((line) => line.values[1])).toEqual(['a', 'b', 'e']);
  });
});

describe('row compaction', () => {
  it('keeps net multiplicities', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = new Random(seed);
      const source = new Map<string, number>();
      const rows = Array.from({ length: 4 }, (_, n): RowValues => [String(n), null, 'x']);
      const add = (row: RowValues, by: number) => source.set(rowHash(row), (source.get(rowHash(row)) ?? 0) + by);
      const changes: RowChange[] = Array.from({ length: 10 }, () => {
        const [before, after] = [random.pick(rows), random.pick(rows)];
        if (random.chance(0.5)) {
          add(after, 1);
          return { schema: unkeyed, op: 'insert', before: null, after, misfit: null };
        }
        add(before, -1);
        add(after, 1);
        return { schema: unkeyed, op: 'update', before, after, misfit: null };
      });
      const net = new Map<string, number>();
      for (const line of feed(new RowCompaction(), changes)) {
        const hash = rowHash(line.values);
        net.set(hash, (net.get(hash) ?? 0) + (line.op === 'U' ? 1 : -line.ordinal));
      }
      const nonZero = [...source].filter(([, count]) => count !== 0).sort();
      expect([...net].sort(), `seed ${seed}`).toEqual(nonZero);
    }
  });

  it('refuses a row without all its values', () => {
    const partial: RowChange = {
      schema: unkeyed,
      op: 'delete',
      before: ['1', undefined, null],
      after: null,
      misfit: null,
    };
    expect(() => {
      new RowCompaction().add(partial, 0, AT);
    }).toThrow('PS2011');
  });
});

it('tells keys apart whose parts join to the same text', () => {
  expect(keyText(['a', 'bc'], [0, 1])).not.toBe(keyText(['ab', 'c'], [0, 1]));
});
