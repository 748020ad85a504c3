import { shopColumn, shopTable, skuText, SHOP, type ShopValue } from '../test/fixtures/shop/shop-columns.ts';
import { shopDialect, type ShopDialect } from '../test/fixtures/shop/shop-dialect.ts';
import type { ShopSize, ShopTableName } from '../test/fixtures/shop/shop-tables.ts';
import type { SourceClient, SqlValue, TestSource } from '../test/fixtures/test-source.ts';
import type { Random } from '../test/simulation/random.ts';

/** What all writers of the shop share. */
export interface ShopState {
  readonly size: ShopSize;
  /** The next number that no row has yet: ids, SKUs and addresses are made of it. */
  next: number;
  /** Set once `orders.channel` exists. */
  hasChannel: boolean;
}

/** SQL in the place of a value: the server's clock. */
export class Sql {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** One row for an INSERT; columns that it does not name get their default. */
export type NewRow = Readonly<Record<string, ShopValue | Sql>>;

/** One writer's connection, its own stream of random numbers, and the count of rows that its statements changed. */
export class ShopSession {
  readonly random: Random;
  readonly state: ShopState;
  readonly dialect: ShopDialect;
  /** The server's clock with microseconds. */
  readonly now: Sql;
  changes = 0;
  readonly #client: SourceClient;
  readonly #source: TestSource;

  constructor(client: SourceClient, source: TestSource, random: Random, state: ShopState) {
    this.#client = client;
    this.#source = source;
    this.dialect = shopDialect(source.type);
    this.now = new Sql(source.now);
    this.random = random;
    this.state = state;
  }

  newNumber(): number {
    return this.state.next++;
  }

  /** Runs a statement and counts its rows; those that the server changes by cascade are not counted. */
  async run(statement: string, values: readonly SqlValue[] = []): Promise<void> {
    this.changes += await this.#client.run(statement, values);
  }

  /** `BEGIN`, `COMMIT` and the like, which change no rows. */
  async control(statement: string): Promise<void> {
    await this.#client.run(statement);
  }

  /** Inserts rows that name the same columns. */
  async insert(name: ShopTableName, rows: readonly NewRow[]): Promise<void> {
    const table = shopTable(name);
    const columns = Object.keys(rows[0] ?? {});
    const values: SqlValue[] = [];
    const texts = rows.map((row) => {
      const fields = columns.map((column) => {
        const value = row[column] ?? null;
        if (value instanceof Sql) return value.text;
        const described = shopColumn(table, column);
        values.push(this.dialect.textOf(described, value));
        return this.dialect.valueOf(described, '?');
      });
      return `(${fields.join(', ')})`;
    });
    await this.run(`INSERT INTO ${name} (${columns.join(', ')}) VALUES ${texts.join(', ')}`, values);
  }

  /** Sets a column to a value where a condition holds. */
  async set(name: ShopTableName, column: string, value: ShopValue, where: string, key: SqlValue): Promise<void> {
    const described = shopColumn(shopTable(name), column);
    const text = this.dialect.textOf(described, value);
    await this.run(`UPDATE ${name} SET ${column} = ${this.dialect.valueOf(described, '?')} WHERE ${where}`, [
      text,
      key,
    ]);
  }

  /** The key of the row at or after a number or SKU, or else of the last one: keys change and rows go, so it may have none. */
  async existing(table: 'customers' | 'orders' | 'products', from: string | number): Promise<string> {
    const key = table === 'products' ? 'sku' : 'id';
    const [row] = await this.#client.rows(
      `SELECT COALESCE((SELECT ${key} FROM ${table} WHERE ${key} >= ? ORDER BY ${key} LIMIT 1), (SELECT MAX(${key}) FROM ${table}))`,
      [from],
    );
    return row?.[0] ?? '';
  }

  /** After UPDATE or DELETE: one of the rows for which a condition holds, also where rows are equal. */
  oneRow(table: ShopTableName, condition: string): string {
    return this.#source.someRows(table, condition, 1);
  }

  /** Deletes the row with a key, and those that go with it. */
  async remove(name: ShopTableName, key: string): Promise<void> {
    if (!this.dialect.hasCascades) await this.#removeChildren(name, [key]);
    await this.run(`DELETE FROM ${name} WHERE ${keyOf(name)} = ?`, [key]);
  }

  /** Gives the row with a key another one, and those that refer to it. */
  async renumber(name: ShopTableName, from: string, to: string): Promise<void> {
    await this.run(`UPDATE ${name} SET ${keyOf(name)} = ? WHERE ${keyOf(name)} = ?`, [to, from]);
    if (this.dialect.hasCascades) return;
    for (const { child, column } of childrenOf(name)) {
      await this.run(`UPDATE ${child} SET ${column} = ? WHERE ${column} = ?`, [to, from]);
    }
  }

  /** A number up to the highest customer's or order's that there is by now, so that old and new rows are met. */
  customerNumber(): number {
    return this.random.chance(0.8) ? this.random.between(1, this.state.size.customers) : this.#recent();
  }

  orderNumber(): number {
    return this.random.chance(0.8) ? this.random.between(1, this.state.size.orders) : this.#recent();
  }

  sku(): string {
    return skuText(this.random.between(1, this.state.size.products));
  }

  #recent(): number {
    return Math.max(1, this.state.next - this.random.between(1, 2000));
  }

  async #removeChildren(parent: ShopTableName, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const places = keys.map(() => '?').join(', ');
    for (const { child, column } of childrenOf(parent)) {
      if (childrenOf(child).length > 0) {
        const rows = await this.#client.rows(
          `SELECT ${keyOf(child)} FROM ${child} WHERE ${column} IN (${places})`,
          keys,
        );
        const grandchildren = rows.map(([key]) => key ?? '');
        await this.#removeChildren(child, grandchildren);
      }
      await this.run(`DELETE FROM ${child} WHERE ${column} IN (${places})`, keys);
    }
  }
}

/** The first column of the key, which for a parent is all of it. */
function keyOf(name: ShopTableName): string {
  const [first] = shopTable(name).key ?? [];
  if (first === undefined) throw new Error(`${name} has no key`);
  return first;
}

function childrenOf(parent: ShopTableName): { readonly child: ShopTableName; readonly column: string }[] {
  return SHOP.flatMap((table) =>
    table.parent?.table === parent ? [{ child: table.name, column: table.parent.column }] : [],
  );
}
