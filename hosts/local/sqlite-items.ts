import { DatabaseSync } from 'node:sqlite';
import type { Item, ItemKey, ItemQuery, ItemTable, JsonObject } from '../../core/catalog/item-table.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';

/** How long a statement waits for another process's write, in milliseconds. */
const BUSY_MILLISECONDS = 10_000;

interface StoredItem {
  readonly sort: string;
  readonly version: number;
  readonly value: string;
}

/** Items in one SQLite table. Several processes may open the same file. */
export class SqliteItems implements ItemTable, Disposable {
  readonly #database: DatabaseSync;
  readonly #place: string;

  /** @throws PenstockError PS3004 */
  constructor(path: string) {
    this.#place = path;
    this.#database = this.#run(() => new DatabaseSync(path, { timeout: BUSY_MILLISECONDS }));
    this.#run(() => {
      // FULL: a commit that was reported is on the disk.
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#database.exec(
        'CREATE TABLE IF NOT EXISTS items (partition TEXT NOT NULL, sort TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (partition, sort)) WITHOUT ROWID',
      );
    });
  }

  async get(key: ItemKey): Promise<Item | null> {
    const row = this.#run(() =>
      this.#database
        .prepare('SELECT sort, version, value FROM items WHERE partition = ? AND sort = ?')
        .get(key.partition, key.sort),
    );
    return Promise.resolve(row === undefined ? null : itemOf(key.partition, row as unknown as StoredItem));
  }

  async put(key: ItemKey, value: JsonObject, expected: number | null): Promise<number> {
    const text = JSON.stringify(value);
    const changes = this.#run(() =>
      expected === null
        ? this.#database
            .prepare('INSERT INTO items (partition, sort, version, value) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING')
            .run(key.partition, key.sort, text).changes
        : this.#database
            .prepare(
              'UPDATE items SET version = version + 1, value = ? WHERE partition = ? AND sort = ? AND version = ?',
            )
            .run(text, key.partition, key.sort, expected).changes,
    );
    if (changes !== 1) {
      throw new PenstockError(
        'PS3005',
        `${key.sort} of ${key.partition} does not have version ${expected ?? 'none'} any more`,
      );
    }
    return Promise.resolve((expected ?? 0) + 1);
  }

  async remove(key: ItemKey): Promise<void> {
    this.#run(() =>
      this.#database.prepare('DELETE FROM items WHERE partition = ? AND sort = ?').run(key.partition, key.sort),
    );
    return Promise.resolve();
  }

  async list({ partition, prefix, after, limit, descending }: ItemQuery): Promise<Item[]> {
    const [comparison, order] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
    const sql = `SELECT sort, version, value FROM items WHERE partition = ? AND substr(sort, 1, length(?)) = ?
      AND (? IS NULL OR sort ${comparison} ?) ${descending ? '' : 'AND sort >= ?'} ORDER BY sort ${order} LIMIT ?`;
    const values = [partition, prefix, prefix, after, after, ...(descending ? [] : [prefix]), limit];
    const rows = this.#run(() => this.#database.prepare(sql).all(...values));
    return Promise.resolve(rows.map((row) => itemOf(partition, row as unknown as StoredItem)));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #run<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new PenstockError('PS3004', `${this.#place}: ${reason}`, { cause });
    }
  }
}

function itemOf(partition: string, row: StoredItem): Item {
  return { key: { partition, sort: row.sort }, version: row.version, value: JSON.parse(row.value) as JsonObject };
}
