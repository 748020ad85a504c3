import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Item, ItemKey, ItemQuery, ItemTable, JsonObject } from '../../core/catalog/item-table.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';

/** How long a statement waits for another process's write, in milliseconds. */
const BUSY_MILLISECONDS = 10_000;

/** Above every character that a sort key holds, in SQLite's order of UTF-8 bytes. */
const LAST_CHARACTER = '\u{10FFFF}';

const TABLE = `CREATE TABLE IF NOT EXISTS items (
  partition TEXT NOT NULL, sort TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, expires INTEGER,
  PRIMARY KEY (partition, sort)) WITHOUT ROWID`;
const EXPIRING = 'CREATE INDEX IF NOT EXISTS expiring ON items (expires) WHERE expires IS NOT NULL';

/** Items in one SQLite table. Several processes may open the same file. */
export class SqliteItems implements ItemTable, Disposable {
  readonly #database: DatabaseSync;
  readonly #place: string;
  readonly #statements: ReturnType<typeof prepare>;

  /** @throws PenstockError PS3004 */
  constructor(path: string) {
    this.#place = path;
    this.#database = this.#run(() => new DatabaseSync(path, { timeout: BUSY_MILLISECONDS }));
    this.#statements = this.#run(() => {
      // FULL: a commit that was reported is on the disk.
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#database.exec(TABLE);
      addExpires(this.#database);
      this.#database.exec(EXPIRING);
      return prepare(this.#database);
    });
  }

  async get(key: ItemKey): Promise<Item | null> {
    return Promise.resolve(
      this.#run(() => {
        const row = this.#statements.get.get(key.partition, key.sort);
        return row === undefined ? null : itemOf(key.partition, row);
      }),
    );
  }

  async put(key: ItemKey, value: JsonObject, expected: number | null, expiresAt?: number): Promise<number> {
    const text = JSON.stringify(value);
    const expires = expiresAt === undefined ? null : Math.ceil(expiresAt);
    const { changes } = this.#run(() =>
      expected === null
        ? this.#statements.insert.run(key.partition, key.sort, text, expires)
        : this.#statements.update.run(text, expires, key.partition, key.sort, expected),
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
    this.#run(() => this.#statements.remove.run(key.partition, key.sort));
    return Promise.resolve();
  }

  async removeExpired(now: number): Promise<void> {
    this.#run(() => this.#statements.expire.run(now));
    return Promise.resolve();
  }

  async list({ partition, prefix, after, limit, descending }: ItemQuery): Promise<Item[]> {
    const statement = descending ? this.#statements.descending : this.#statements.ascending;
    const parameters = { partition, prefix, end: prefix + LAST_CHARACTER, after, limit };
    return Promise.resolve(this.#run(() => statement.all(parameters).map((row) => itemOf(partition, row))));
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

/** A catalog of before has items that never expire. */
function addExpires(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('items')");
  const isThere = (): boolean => columns.all().some(({ name }) => name === 'expires');
  if (isThere()) return;
  try {
    database.exec('ALTER TABLE items ADD COLUMN expires INTEGER');
  } catch (error) {
    // Another process was first.
    if (!isThere()) throw error;
  }
}

function prepare(database: DatabaseSync) {
  const list = (comparison: '<' | '>', order: 'ASC' | 'DESC') =>
    database.prepare(`SELECT sort, version, value FROM items
      WHERE partition = :partition AND sort >= :prefix AND sort < :end AND (:after IS NULL OR sort ${comparison} :after)
      ORDER BY sort ${order} LIMIT :limit`);
  return {
    get: database.prepare('SELECT sort, version, value FROM items WHERE partition = ? AND sort = ?'),
    insert: database.prepare(
      'INSERT INTO items (partition, sort, version, value, expires) VALUES (?, ?, 1, ?, ?) ON CONFLICT DO NOTHING',
    ),
    update: database.prepare(
      'UPDATE items SET version = version + 1, value = ?, expires = ? WHERE partition = ? AND sort = ? AND version = ?',
    ),
    expire: database.prepare('DELETE FROM items WHERE expires <= ?'),
    remove: database.prepare('DELETE FROM items WHERE partition = ? AND sort = ?'),
    ascending: list('>', 'ASC'),
    descending: list('<', 'DESC'),
  };
}

function itemOf(partition: string, row: Record<string, SQLOutputValue>): Item {
  const sort = String(row['sort']);
  return { key: { partition, sort }, version: Number(row['version']), value: parse(String(row['value'])) };
}

function parse(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}
