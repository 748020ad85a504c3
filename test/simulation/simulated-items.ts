import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Item, ItemKey, ItemQuery, ItemTable, JsonObject } from '../../core/catalog/item-table.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** The items themselves, which outlive every process. Values are copied through JSON when they are put; nobody changes them afterwards. */
export class ItemServer {
  readonly #items = new Map<string, Item>();
  readonly #removed = new Map<string, Item>();
  readonly #onRemove: (item: Item) => void;

  /** `onRemove`: called before an item goes. */
  constructor(onRemove: (item: Item) => void) {
    this.#onRemove = onRemove;
  }

  /** An item that was there once, as it was when it was first removed. */
  removed(key: ItemKey): Item | null {
    return this.#removed.get(addressOf(key)) ?? null;
  }

  get(key: ItemKey): Item | null {
    const found = this.#items.get(addressOf(key));
    return found ?? null;
  }

  put(key: ItemKey, json: string, expected: number | null): number {
    const found = this.#items.get(addressOf(key));
    if ((found?.version ?? null) !== expected) {
      throw new PenstockError('PS3005', `item ${key.sort} has version ${found?.version ?? 'none'}`);
    }
    const version = (expected ?? 0) + 1;
    this.#items.set(addressOf(key), { key, value: JSON.parse(json) as JsonObject, version });
    return version;
  }

  remove(key: ItemKey): void {
    const address = addressOf(key);
    const found = this.#items.get(address);
    if (found === undefined) return;
    this.#onRemove(found);
    if (!this.#removed.has(address)) this.#removed.set(address, found);
    this.#items.delete(address);
  }

  list(query: ItemQuery): Item[] {
    const { partition, prefix, after, limit, descending } = query;
    const found = [...this.#items.values()]
      .filter(({ key }) => key.partition === partition && key.sort.startsWith(prefix))
      .sort((a, b) => (a.key.sort < b.key.sort ? -1 : 1));
    if (descending) found.reverse();
    const behind = found.filter(({ key }) => after === null || (descending ? key.sort < after : key.sort > after));
    return behind.slice(0, limit);
  }
}

/** A process's way to the items: requests are lost, answered late, or take effect without an answer. */
export function simulatedItems(server: ItemServer, process: SimulatedProcess): ItemTable {
  const options = { fails: 'PS3004' } as const;
  return {
    get: (key) => process.call(`get ${key.sort}`, () => server.get(key), options),
    put: (key, value, expected) => {
      const json = JSON.stringify(value);
      return process.call(`put ${key.sort} @${expected ?? 'new'}`, () => server.put(key, json, expected), options);
    },
    removeExpired: () => Promise.resolve(),
    remove: (key) => process.call(`remove ${key.sort}`, () => server.remove(key), options),
    list: (query) => process.call(`list ${query.prefix}`, () => server.list(query), options),
  };
}

function addressOf(key: ItemKey): string {
  return `${key.partition}\n${key.sort}`;
}
