import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item, ItemKey, ItemQuery, ItemTable, JsonObject, JsonValue } from '../../core/catalog/item-table.ts';
import { hasCode } from '../../core/errors/penstock-error.ts';
import { Random } from '../fixtures/random.ts';

/** An item table and a second way to the same items, as another process has it. */
export interface ItemsUnderTest extends AsyncDisposable {
  readonly items: ItemTable;
  readonly another: ItemTable;
}

type Tables = () => { readonly items: ItemTable; readonly another: ItemTable };

/** What every {@link ItemTable} must do. `open` is called once; each case uses a partition of its own. */
export function itemTableContract(name: string, open: () => Promise<ItemsUnderTest>): void {
  describe(`${name}: contract of the item table`, () => {
    let tested: ItemsUnderTest;
    beforeAll(async () => {
      tested = await open();
    });
    afterAll(async () => {
      await tested[Symbol.asyncDispose]();
    });
    const tables = () => ({ items: tested.items, another: tested.another });
    putCases(tables);
    raceCases(tables);
    valueCases(tables);
    listCases(tables);
    modelCases(tables);
  });
}

function putCases(tables: Tables): void {
  describe('conditional put', () => {
    const key = (sort: string): ItemKey => ({ partition: 'put', sort });

    it('keeps what has not expired, and what was put again without an end', async () => {
      const { items, another } = tables();
      const now = Date.now();
      await items.put(key('later'), { n: 1 }, null, now + 3_600_000);
      await items.put(key('renewed'), { n: 1 }, null, now - 1);
      await items.put(key('renewed'), { n: 2 }, 1);
      await items.removeExpired(now);
      expect((await another.get(key('later')))?.value).toEqual({ n: 1 });
      expect((await another.get(key('renewed')))?.value).toEqual({ n: 2 });
    });

    it('finds nothing where nothing was put', async () => {
      const { items } = tables();
      expect(await items.get(key('nothing'))).toBeNull();
      expect(await items.get({ partition: 'nothing', sort: 'nothing' })).toBeNull();
    });

    it('counts versions from 1, seen by everybody at once', async () => {
      const { items, another } = tables();
      for (let version = 1; version <= 5; version++) {
        expect(await items.put(key('counted'), { is: version }, version === 1 ? null : version - 1)).toBe(version);
        expect(await another.get(key('counted'))).toEqual({ key: key('counted'), value: { is: version }, version });
      }
    });

    it.each([null, 0, 1, 3, 7])('refuses %j with PS3005 where version 2 is, and changes nothing', async (expected) => {
      const { items, another } = tables();
      const target = key(`at-two-${expected}`);
      await items.put(target, { is: 'first' }, null);
      await items.put(target, { is: 'second' }, 1);
      expect(await failure(another.put(target, { is: 'wrong' }, expected))).toMatchObject({ code: 'PS3005' });
      expect(await items.get(target)).toEqual({ key: target, value: { is: 'second' }, version: 2 });
    });

    it.each([0, 1, 2])('refuses %j with PS3005 where nothing is, and puts nothing', async (expected) => {
      const { items } = tables();
      const target = key(`at-none-${expected}`);
      expect(await failure(items.put(target, { is: 'wrong' }, expected))).toMatchObject({ code: 'PS3005' });
      expect(await items.get(target)).toBeNull();
    });

    it('begins at 1 again after a removal, which may be repeated', async () => {
      const { items, another } = tables();
      await items.put(key('removed'), { is: 1 }, null);
      await items.put(key('removed'), { is: 2 }, 1);
      await another.remove(key('removed'));
      await another.remove(key('removed'));
      expect(await items.get(key('removed'))).toBeNull();
      expect(await failure(items.put(key('removed'), { is: 3 }, 2))).toMatchObject({ code: 'PS3005' });
      expect(await items.put(key('removed'), { is: 4 }, null)).toBe(1);
    });

    it('keeps items apart that differ in partition or sort key alone', async () => {
      const { items } = tables();
      const keys = [
        { partition: 'apart', sort: 'a' },
        { partition: 'apart', sort: 'A' },
        { partition: 'apart', sort: 'a ' },
        { partition: 'Apart', sort: 'a' },
        { partition: 'apart#a', sort: 'a' },
        { partition: 'apart', sort: 'ä' },
        { partition: 'apart', sort: 'a\u0308' },
      ];
      for (const [index, target] of keys.entries()) expect(await items.put(target, { index }, null)).toBe(1);
      for (const [index, target] of keys.entries())
        expect(await items.get(target)).toEqual({ key: target, value: { index }, version: 1 });
    });

    it('names the item in its errors, and no value', async () => {
      const { items } = tables();
      await items.put(key('named'), { secret: 'shown-to-nobody' }, null);
      const error = await failure(items.put(key('named'), { secret: 'shown-to-nobody' }, null));
      expect(error).toHaveProperty('message', expect.stringContaining('named'));
      expect(error).toHaveProperty('message', expect.not.stringContaining('shown-to-nobody'));
    });
  });
}

function raceCases(tables: Tables): void {
  describe('writers at once', () => {
    it('lets exactly one of them win each round', async () => {
      const { items, another } = tables();
      const key = { partition: 'race', sort: 'rounds' };
      for (let round = 0; round < 50; round++) {
        const expected = round === 0 ? null : round;
        const writers = [items, another, items, another].map(async (table, writer) =>
          table.put(key, { round, writer }, expected).then(
            (version) => ({ writer, version }),
            (error: unknown) => {
              if (hasCode(error, 'PS3005')) return null;
              throw error;
            },
          ),
        );
        const winners = (await Promise.all(writers)).filter((result) => result !== null);
        expect(winners).toHaveLength(1);
        expect(winners[0]?.version).toBe(round + 1);
        expect((await another.get(key))?.value).toEqual({ round, writer: winners[0]?.writer });
      }
    });

    it('loses no count of writers who read, add and try again', async () => {
      const { items, another } = tables();
      const key = { partition: 'race', sort: 'count' };
      const add = async (table: ItemTable): Promise<void> => {
        for (;;) {
          const found = await table.get(key);
          try {
            await table.put(key, { count: Number(found?.value['count'] ?? 0) + 1 }, found?.version ?? null);
            return;
          } catch (error) {
            if (!hasCode(error, 'PS3005')) throw error;
          }
        }
      };
      const writer = async (table: ItemTable) => {
        for (let index = 0; index < 15; index++) await add(table);
      };
      await Promise.all([writer(items), writer(another), writer(items), writer(another)]);
      expect(await items.get(key)).toEqual({ key, value: { count: 60 }, version: 60 });
    });
  });
}

function valueCases(tables: Tables): void {
  const values: Record<string, JsonObject> = {
    'empty object': {},
    'empty values': { text: '', list: [], object: {}, null: null, false: false, zero: 0, '': 'empty name' },
    numbers: { values: [1, -1, 0.1, 1e-7, 5e-324, 1.7976931348623157e308, 9007199254740991, -9007199254740991, 1e21] },
    unicode: { 'größe 東京': ['🦆', '\u0000\u0001\u001f', '\u007f\u0080\u2028\u2029', 'a\u0308', '\ufeff', '\uffff'] },
    'half characters': { '\ud800': '\udc00x' },
    quotes: { text: `'";\`\\ -- /* {{ }} :x ?` },
    'own words': { partition: 'a', sort: 'b', version: 9, value: { value: 1 } },
    dates: { text: '2026-11-21T09:00:00.123456Z', number: '00012' },
    prototype: JSON.parse('{"__proto__": 1, "constructor": 2}') as JsonObject,
    deep: nested(30),
    large: { text: 'ü'.repeat(150_000) },
  };

  it.each(Object.entries(values))('gives back %s as it was put', async (name, value) => {
    const { items, another } = tables();
    const key = { partition: 'values', sort: name };
    await items.put(key, value, null);
    expect((await another.get(key))?.value).toEqual(value);
    expect(JSON.stringify((await another.get(key))?.value)).toBe(JSON.stringify(value));
    const listed = await another.list({ ...ALL, partition: 'values', prefix: name, limit: 1 });
    expect(listed[0]?.value).toEqual(value);
  });

  it('shares no object with the caller', async () => {
    const { items } = tables();
    const key = { partition: 'values', sort: 'shared' };
    const list = [1];
    await items.put(key, { list }, null);
    list.push(2);
    const first = await items.get(key);
    (first?.value['list'] as number[]).push(3);
    expect((await items.get(key))?.value).toEqual({ list: [1] });
  });
}

const ALL = { after: null, limit: 100, descending: false } as const;

function listCases(tables: Tables): void {
  describe('list', () => {
    it('takes prefixes literally', async () => {
      const { items } = tables();
      const sorts = ['a%', 'a_', 'a*', 'aa', 'ab', 'a', 'A', '%', '_'];
      for (const sort of sorts) await items.put({ partition: 'literal', sort }, { sort }, null);
      const listed = async (prefix: string) => sortsOf(await items.list({ ...ALL, partition: 'literal', prefix }));
      expect(await listed('a%')).toEqual(['a%']);
      expect(await listed('a_')).toEqual(['a_']);
      expect(await listed('_')).toEqual(['_']);
      expect(await listed('a')).toEqual(['a', 'a%', 'a*', 'a_', 'aa', 'ab']);
      expect(await listed('')).toEqual([...sorts].sort());
      expect(await listed('b')).toEqual([]);
      expect(await items.list({ ...ALL, partition: 'literally-nothing', prefix: '' })).toEqual([]);
    });

    it('orders and cuts by the bytes of UTF-8', async () => {
      const { items } = tables();
      // The last two are in another order as UTF-16.
      const sorts = ['t#Z', 't#a', 't#z', 't#ä', 't#東', 't#東京', 't#\uffee', 't#🦆'];
      for (const sort of [...sorts].reverse()) await items.put({ partition: 'utf8', sort }, { sort }, null);
      const query = { ...ALL, partition: 'utf8', prefix: 't#' };
      expect(sortsOf(await items.list(query))).toEqual(sorts);
      expect(sortsOf(await items.list({ ...query, descending: true }))).toEqual([...sorts].reverse());
      expect(sortsOf(await items.list({ ...query, after: 't#ä' }))).toEqual(sorts.slice(4));
      expect(sortsOf(await items.list({ ...query, prefix: 't#東' }))).toEqual(['t#東', 't#東京']);
    });

    it('begins behind a key that is not there, does not have the prefix, or is the last', async () => {
      const { items } = tables();
      const sorts = ['e#1', 'e#3', 'e#5'];
      for (const sort of ['d#9', ...sorts, 'f#0']) await items.put({ partition: 'after', sort }, { sort }, null);
      const query = { ...ALL, partition: 'after', prefix: 'e#' };
      const ascending = async (after: string) => sortsOf(await items.list({ ...query, after }));
      const descending = async (after: string) => sortsOf(await items.list({ ...query, after, descending: true }));
      expect(await ascending('e#2')).toEqual(['e#3', 'e#5']);
      expect(await ascending('e#5')).toEqual([]);
      expect(await ascending('a')).toEqual(sorts);
      expect(await ascending('d#9')).toEqual(sorts);
      expect(await ascending('f#0')).toEqual([]);
      expect(await ascending('e#')).toEqual(sorts);
      expect(await ascending('e')).toEqual(sorts);
      expect(await descending('e#4')).toEqual(['e#3', 'e#1']);
      expect(await descending('e#1')).toEqual([]);
      expect(await descending('f#0')).toEqual(['e#5', 'e#3', 'e#1']);
      expect(await descending('d#9')).toEqual([]);
      expect(await descending('e')).toEqual([]);
    });

    it('gives items of some kilobytes by hundreds, whole and page by page', async () => {
      const { items, another } = tables();
      // More than the megabyte that DynamoDB gives at a time.
      const sorts = Array.from({ length: 600 }, (_, index) => `extract#${index.toString().padStart(12, '0')}`);
      const value = { text: 'x'.repeat(4000) };
      for (const sort of sorts) await items.put({ partition: 'pages', sort }, value, null);
      await items.put({ partition: 'pages', sort: 'head' }, value, null);
      const query = { partition: 'pages', prefix: 'extract#', after: null, limit: 10_000, descending: false };
      expect(sortsOf(await another.list(query))).toEqual(sorts);
      expect(sortsOf(await another.list({ ...query, descending: true }))).toEqual([...sorts].reverse());
      expect(sortsOf(await another.list({ ...query, limit: 500 }))).toEqual(sorts.slice(0, 500));
      for (const descending of [false, true]) {
        const found: string[] = [];
        for (;;) {
          const page = await another.list({ ...query, after: found.at(-1) ?? null, limit: 77, descending });
          found.push(...sortsOf(page));
          if (page.length < 77) break;
        }
        expect(found).toEqual(descending ? [...sorts].reverse() : sorts);
      }
    });

    it('sees what was put and removed a moment ago', async () => {
      const { items, another } = tables();
      const query = { ...ALL, partition: 'fresh', prefix: 'a' };
      for (let index = 0; index < 20; index++) {
        await items.put({ partition: 'fresh', sort: `a${index}` }, { index }, null);
        expect(await another.list(query)).toHaveLength(1);
        await items.remove({ partition: 'fresh', sort: `a${index}` });
        expect(await another.list(query)).toEqual([]);
      }
    });
  });
}

function modelCases(tables: Tables): void {
  it.each([1, 20_260_102])('does the same as a map, by random steps of seed %i', async (seed) => {
    const { items, another } = tables();
    const random = new Random(seed);
    const partition = `model-${seed}`;
    const model = new Map<string, Item>();
    const sorts = ['a', 'a#', 'a#1', 'a#10', 'a#2', 'ab', 'b#1', 'b#2', 'b#3'];
    for (let step = 0; step < 300; step++) {
      const table = random.chance(0.5) ? items : another;
      const key = { partition, sort: random.pick(sorts) };
      const found = model.get(key.sort) ?? null;
      const says = `seed ${seed}, step ${step}, ${key.sort}`;
      const chosen = random.fraction();
      if (chosen < 0.4) {
        const expected = random.pick([null, found?.version ?? null, found?.version ?? null, 1, 2]);
        const value = { step };
        const put = table.put(key, value, expected);
        if (expected === (found?.version ?? null)) {
          const version = (expected ?? 0) + 1;
          expect(await put, says).toBe(version);
          model.set(key.sort, { key, value, version });
        } else expect(await failure(put), says).toMatchObject({ code: 'PS3005' });
      } else if (chosen < 0.5) {
        await table.remove(key);
        model.delete(key.sort);
      } else if (chosen < 0.7) {
        expect(await table.get(key), says).toEqual(found);
      } else {
        const query: ItemQuery = {
          partition,
          prefix: random.pick(['', 'a', 'a#', 'a#1', 'b#', 'c']),
          after: random.pick([null, random.pick(sorts), 'a#0', 'zz']),
          limit: random.pick([1, 2, 5, 100]),
          descending: random.chance(0.5),
        };
        expect(await table.list(query), `${says}, ${JSON.stringify(query)}`).toEqual(listOf(model, query));
      }
    }
  });
}

/** The model's answer; its keys are ASCII, so that the order of a text is the order of its bytes. */
function listOf(model: ReadonlyMap<string, Item>, { prefix, after, limit, descending }: ItemQuery): Item[] {
  const found = [...model.values()].filter(({ key }) => key.sort.startsWith(prefix));
  found.sort((a, b) => (a.key.sort < b.key.sort ? -1 : 1));
  if (descending) found.reverse();
  return found
    .filter(({ key }) => after === null || (descending ? key.sort < after : key.sort > after))
    .slice(0, limit);
}

function sortsOf(items: readonly Item[]): string[] {
  return items.map(({ key }) => key.sort);
}

function nested(depth: number): JsonObject {
  let value: JsonValue = 'the end';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { inside: value };
  return { value };
}

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}
