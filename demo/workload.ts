import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerAddress } from '../test/fixtures/server-process.ts';
import { shopDialect, type ShopDialect } from '../test/fixtures/shop/shop-dialect.ts';
import type { ShopSize } from '../test/fixtures/shop/shop-tables.ts';
import { testSource, type SourceClient, type SourceType, type TestSource } from '../test/fixtures/test-source.ts';
import { Random } from '../test/simulation/random.ts';
import { ShopSession, type ShopState } from './shop-session.ts';
import { SHOP_TRANSACTIONS, type ShopTransaction } from './shop-transactions.ts';

export interface WorkloadOptions {
  readonly source: SourceType;
  readonly address: ServerAddress;
  readonly database: string;
  readonly size: ShopSize;
  /** The same seed draws the same transactions for each writer; how the writers interleave is the server's matter. */
  readonly seed: number;
  readonly writers: number;
  readonly transactionsPerSecond: number;
}

export interface WorkloadCounts {
  readonly transactions: number;
  readonly rolledBack: number;
  /** Rows that statements changed, without those that were rolled back. */
  readonly changes: number;
}

/** One in this many transactions is rolled back on purpose. */
const ROLLBACK_SHARE = 0.03;
const FIRST_NEW_NUMBER = 1_000_000;

/** Customers at work: a steady stream of transactions over all tables of the shop, until it is stopped. */
export class Workload implements AsyncDisposable {
  readonly #options: WorkloadOptions;
  readonly #dialect: ShopDialect;
  readonly #clients: readonly SourceClient[];
  readonly #sessions: readonly ShopSession[];
  readonly #state: ShopState;
  readonly #stopping = new AbortController();
  readonly #failed = new AbortController();
  readonly #writing: Promise<void>;
  #counts: WorkloadCounts = { transactions: 0, rolledBack: 0, changes: 0 };

  private constructor(options: WorkloadOptions, clients: readonly SourceClient[]) {
    this.#options = options;
    this.#dialect = shopDialect(options.source);
    this.#clients = clients;
    this.#state = { size: options.size, next: FIRST_NEW_NUMBER, hasChannel: false };
    const random = new Random(options.seed);
    const source = testSource(options.source);
    this.#sessions = clients.map((client) => new ShopSession(client, source, random.fork(), this.#state));
    this.#writing = Promise.all(this.#sessions.map((session) => this.#write(session))).then(() => undefined);
    this.#writing.catch((error: unknown) => this.#failed.abort(error));
  }

  static async start(options: WorkloadOptions): Promise<Workload> {
    const clients = await Promise.all(Array.from({ length: options.writers }, () => connect(options)));
    for (const statement of shopDialect(options.source).session) {
      for (const client of clients) await client.run(statement);
    }
    return new Workload(options, clients);
  }

  get source(): TestSource {
    return testSource(this.#options.source);
  }

  get counts(): WorkloadCounts {
    return this.#counts;
  }

  /** Aborts when a writer fails, with its error. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** `ALTER TABLE orders ADD COLUMN channel …`; from then on some rows use it. @returns the statement */
  async addColumn(): Promise<string> {
    const client = await connect(this.#options);
    try {
      await client.run(this.#dialect.addChannel);
    } finally {
      await client.end();
    }
    this.#state.hasChannel = true;
    return this.#dialect.addChannel;
  }

  /**
   * Ends the writers after their current transactions, then makes one last transaction.
   * @param mark is called between the two. @returns what it gave
   */
  async stop<Mark>(mark: () => Promise<Mark>): Promise<Mark> {
    this.#stopping.abort();
    await this.#writing;
    const client = this.#clients[0];
    if (client === undefined) throw new Error('a workload without writers');
    const between = await mark();
    const [row] = await client.rows('SELECT MAX(id) FROM customers');
    const { now } = this.source;
    await client.run(`UPDATE customers SET updated_at = ${now} WHERE id = ?`, [row?.[0] ?? null]);
    this.#counts = {
      ...this.#counts,
      transactions: this.#counts.transactions + 1,
      changes: this.#counts.changes + 1,
    };
    return between;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#writing.catch(() => undefined);
    await Promise.all(this.#clients.map((client) => client.end().catch(() => undefined)));
  }

  async #write(session: ShopSession): Promise<void> {
    const pause = (1000 * this.#options.writers) / this.#options.transactionsPerSecond;
    let due = performance.now();
    while (!this.#stopping.signal.aborted && !this.#failed.signal.aborted) {
      await this.#transact(session);
      due = Math.max(due + pause, performance.now() - 1000);
      await sleep(Math.max(0, due - performance.now()), undefined, { signal: this.#stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  async #transact(session: ShopSession): Promise<void> {
    const before = session.changes;
    const isRolledBack = session.random.chance(ROLLBACK_SHARE);
    const transaction = draw(session.random);
    try {
      await session.control('BEGIN');
      await transaction.run(session);
      await session.control(isRolledBack ? 'ROLLBACK' : 'COMMIT');
      this.#count(isRolledBack ? null : session.changes - before);
    } catch (error) {
      if (!this.#dialect.isClash(error)) throw error;
      await session.control('ROLLBACK');
      this.#count(null);
    }
  }

  /** `changes`: null for a transaction that was rolled back. */
  #count(changes: number | null): void {
    const { transactions, rolledBack, changes: before } = this.#counts;
    this.#counts = {
      transactions: transactions + (changes === null ? 0 : 1),
      rolledBack: rolledBack + (changes === null ? 1 : 0),
      changes: before + (changes ?? 0),
    };
  }
}

function connect({ source, address, database }: WorkloadOptions): Promise<SourceClient> {
  return testSource(source).connect(address, database);
}

const TOTAL_WEIGHT = SHOP_TRANSACTIONS.reduce((total, { weight }) => total + weight, 0);

/** One of the shop's transactions, by weight. */
export function draw(random: Random): ShopTransaction {
  let rest = random.fraction() * TOTAL_WEIGHT;
  let chosen: ShopTransaction | undefined;
  for (const transaction of SHOP_TRANSACTIONS) {
    chosen = transaction;
    rest -= transaction.weight;
    if (rest < 0) break;
  }
  if (chosen === undefined) throw new Error('no transactions to draw from');
  return chosen;
}
