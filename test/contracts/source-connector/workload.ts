import { Random } from '../../fixtures/random.ts';
import type { DatabaseUnderTest, Dialect, SessionUnderTest } from './source-under-test.ts';
import { pause } from './reading.ts';

const WRITERS = 3;
const ROWS = 3000;
/** Ids come from here: so many are free at any time. */
const IDS = 9000;
const NASTY = ['tab\there', 'new\nline', 'back\\slash', '\\N', `quote's "two"`, 'ünïcödé 🎉', ' blank ', '%_', 'NULL'];

/** The tables that {@link Workload} writes to. */
export const BUSY = 'busy';
export const LOOSE = 'loose';

export async function createBusyTables(database: DatabaseUnderTest, dialect: Dialect): Promise<void> {
  await database.admin.run(
    `CREATE TABLE ${BUSY} (id INTEGER NOT NULL, name VARCHAR(100), n INTEGER NOT NULL, PRIMARY KEY (id))`,
    `CREATE TABLE ${LOOSE} (a INTEGER NOT NULL, b VARCHAR(100))`,
    ...dialect.wholeOldRows(LOOSE),
  );
}

export async function fillBusyTables(database: DatabaseUnderTest, dialect: Dialect): Promise<void> {
  const filler = dialect.literal('x'.repeat(60));
  await database.admin.run(
    `DELETE FROM ${BUSY}`,
    `DELETE FROM ${LOOSE}`,
    `INSERT INTO ${BUSY} (id, name, n) SELECT i, ${filler}, 0 FROM ${dialect.series(1, ROWS)}`,
    `INSERT INTO ${LOOSE} (a, b) SELECT i, 'first' FROM ${dialect.series(1, 50)}`,
    dialect.analyze(BUSY),
  );
}

/**
 * Writers that insert, update, delete, change keys and roll back, as fast as the server lets them, from a seed.
 * Each has ids of its own all over the table, so that they never wait for each other; their changes concern all chunks.
 */
export class Workload implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #writing: Promise<void>[];
  readonly #sessions: readonly SessionUnderTest[];
  transactions = 0;

  private constructor(sessions: readonly SessionUnderTest[], dialect: Dialect, seed: number) {
    this.#sessions = sessions;
    this.#writing = sessions.map((session, index) =>
      this.#write(session, new Writer(dialect, seed * 10 + index, index)),
    );
    // Whoever waits for it sees the failure; until then it must not end the process.
    for (const writing of this.#writing) writing.catch(() => undefined);
  }

  /** On tables as {@link fillBusyTables} left them. */
  static async start(database: DatabaseUnderTest, dialect: Dialect, seed: number): Promise<Workload> {
    const sessions = await Promise.all(Array.from({ length: WRITERS }, () => database.session()));
    return new Workload(sessions, dialect, seed);
  }

  /** Resolves when so many transactions more were committed. @throws what a writer failed with */
  async progress(transactions: number): Promise<void> {
    const aim = this.transactions + transactions;
    while (this.transactions < aim) await Promise.race([pause(5), ...this.#writing]);
  }

  /** Ends the writers, each after its transaction. @throws what a writer failed with */
  async finish(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#writing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#writing);
    await Promise.all(this.#sessions.map((session) => session[Symbol.asyncDispose]()));
  }

  async #write(session: SessionUnderTest, writer: Writer): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { statements, isKept } = writer.next();
      await session.run('BEGIN', ...statements, isKept ? 'COMMIT' : 'ROLLBACK');
      if (isKept) this.transactions++;
      await pause(1);
    }
  }
}

class Writer {
  readonly #dialect: Dialect;
  readonly #random: Random;
  readonly #index: number;
  #live: number[];
  #free: number[];

  constructor(dialect: Dialect, seed: number, index: number) {
    this.#dialect = dialect;
    this.#random = new Random(seed);
    this.#index = index;
    const own = Array.from({ length: IDS }, (_, place) => place + 1).filter((id) => id % WRITERS === index);
    this.#live = own.filter((id) => id <= ROWS);
    this.#free = own.filter((id) => id > ROWS);
  }

  next(): { readonly statements: readonly string[]; readonly isKept: boolean } {
    const [live, free] = [[...this.#live], [...this.#free]];
    const isKept = !this.#random.chance(0.1);
    const statements = Array.from({ length: 1 + this.#random.below(4) }, () => this.#statements()).flat();
    if (!isKept) [this.#live, this.#free] = [live, free];
    return { statements, isKept };
  }

  #statements(): string[] {
    const id = this.#random.pick(this.#live);
    const chance = this.#random.fraction();
    if (chance < 0.3) return [`UPDATE ${BUSY} SET n = n + 1 WHERE id = ${id}`];
    if (chance < 0.45) return [`UPDATE ${BUSY} SET name = ${this.#text()} WHERE id = ${id}`];
    if (chance < 0.6) return [this.#insert()];
    if (chance < 0.7) return [`DELETE FROM ${BUSY} WHERE id = ${this.#exchange(id, null)}`];
    if (chance < 0.85) {
      const to = this.#random.pick(this.#free);
      this.#exchange(id, to);
      return [`UPDATE ${BUSY} SET id = ${to}, n = n + 1 WHERE id = ${id}`];
    }
    if (chance < 0.9) return [`DELETE FROM ${BUSY} WHERE id = ${id}`, this.#insertStatement(id)];
    if (chance < 0.93) {
      return ['SAVEPOINT a', this.#insertStatement(this.#random.pick(this.#free)), 'ROLLBACK TO SAVEPOINT a'];
    }
    return this.#index === 0 ? this.#looseStatement() : [`UPDATE ${BUSY} SET n = n + 1 WHERE id = ${id}`];
  }

  #insert(): string {
    const id = this.#random.pick(this.#free);
    this.#exchange(null, id);
    return this.#insertStatement(id);
  }

  #insertStatement(id: number): string {
    return `INSERT INTO ${BUSY} (id, name, n) VALUES (${id}, ${this.#text()}, ${this.#random.below(100)})`;
  }

  /** One writer alone: without a key, rows cannot be locked one by one. */
  #looseStatement(): string[] {
    const a = 1 + this.#random.below(20);
    const b = this.#random.chance(0.2) ? 'NULL' : `'b${this.#random.below(3)}'`;
    const chance = this.#random.fraction();
    if (chance < 0.5) return Array.from({ length: 2 }, () => `INSERT INTO ${LOOSE} (a, b) VALUES (${a}, ${b})`);
    if (chance < 0.8) return [`UPDATE ${LOOSE} SET b = ${b} WHERE a = ${a}`];
    return [`DELETE FROM ${LOOSE} WHERE a = ${a}`];
  }

  #text(): string {
    if (this.#random.chance(0.1)) return 'NULL';
    return this.#dialect.literal(
      this.#random.chance(0.3) ? this.#random.pick(NASTY) : `name ${this.#random.below(1e6)}`,
    );
  }

  #exchange(gone: number | null, come: number | null): number {
    if (gone !== null) this.#live.splice(this.#live.indexOf(gone), 1);
    if (come !== null) this.#free.splice(this.#free.indexOf(come), 1);
    if (gone !== null) this.#free.push(gone);
    if (come !== null) this.#live.push(come);
    return gone ?? come ?? 0;
  }
}
