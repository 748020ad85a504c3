import type { Client } from 'pg';
import type { Random } from '../test/simulation/random.ts';
import type { ShopSize } from '../test/fixtures/shop/shop-tables.ts';

/** What all writers of the shop share. */
export interface ShopState {
  readonly size: ShopSize;
  /** The next number that no row has yet: ids, SKUs and addresses are made of it. */
  next: number;
  /** Set once `orders.channel` exists. */
  hasChannel: boolean;
}

/** One writer's connection, its own stream of random numbers, and the count of rows that its statements changed. */
export class ShopSession {
  readonly random: Random;
  readonly state: ShopState;
  changes = 0;
  readonly #client: Client;

  constructor(client: Client, random: Random, state: ShopState) {
    this.#client = client;
    this.random = random;
    this.state = state;
  }

  newNumber(): number {
    return this.state.next++;
  }

  /** Runs a statement and counts its rows; those that it changes by cascade are not counted. */
  async run(statement: string, values: readonly unknown[] = []): Promise<void> {
    this.changes += (await this.#client.query(statement, [...values])).rowCount ?? 0;
  }

  /** `BEGIN`, `COMMIT` and the like, which change no rows. */
  async control(statement: string): Promise<void> {
    await this.#client.query(statement);
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
}

export function skuText(number: number): string {
  return `SKU-${number.toString().padStart(7, '0')}`;
}
