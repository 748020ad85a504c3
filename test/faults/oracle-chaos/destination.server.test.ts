import { expect, inject, it } from 'vitest';
import { Random } from '../../fixtures/random.ts';
import { Destination } from './destination.ts';
import type { ModelChange, NamedRow } from './model.ts';
import { ChaosWorld } from './world.ts';

/**
 * Transactions by hand that chaos has met by chance, in a world where nothing else happens: what of large values comes and goes, or is taken back.
 */

/** So long that it stands beside its row, in pieces. */
const LONG = 'large '.repeat(1000);

const MODE = { name: 'by hand', type: 'oracle19c', extractType: 'continuousLogMiner', options: {} } as const;

class HandMade implements AsyncDisposable {
  readonly destination: Destination;
  readonly #world: ChaosWorld;
  readonly #admin: ReturnType<ChaosWorld['oracle']['admin']>;

  private constructor(world: ChaosWorld) {
    this.#world = world;
    this.#admin = world.oracle.admin();
    this.destination = new Destination(world);
  }

  static async open(): Promise<HandMade> {
    const made = new HandMade(await ChaosWorld.open(inject('postgres'), MODE, new Random(1), { steps: 0, run: 0 }));
    await made.commit([`INSERT INTO large VALUES (1, 1, 'old', NULL)`], [inserted('LARGE', large('1', '1', 'old'))]);
    await made.destination.copyAll();
    return made;
  }

  /** A transaction, and what whoever made it knows that it did. */
  async commit(statements: readonly string[], changes: readonly ModelChange[]): Promise<void> {
    await this.#admin.run('BEGIN', ...statements, 'COMMIT');
    this.#world.model.commit(this.#world.writers.lastCommit(1), changes);
  }

  async count(id: string): Promise<void> {
    const row = { ID: id, STEP: '0', TX: '1', NOTE: null };
    await this.commit([`INSERT INTO counters VALUES (${id}, 0, 1, NULL)`], [inserted('COUNTERS', row)]);
  }

  /** Everything is told, and as it was; @returns how many transactions. */
  async told(): Promise<number> {
    const end = await this.destination.end();
    expect(await this.destination.follow(() => this.destination.hasReached(end), end)).toBeNull();
    return this.destination.verified;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#world[Symbol.asyncDispose]();
  }
}

function large(id: string, n: string, c: string | null): NamedRow {
  return { ID: id, N: n, C: c, B: null };
}

function inserted(table: string, after: NamedRow): ModelChange {
  return { table, op: 'insert', before: null, after };
}

it('a row with a large value that comes and goes in one transaction is told as nothing', async () => {
  await using made = await HandMade.open();
  const row = large('2', '0', LONG);
  await made.commit(
    [
      `INSERT INTO large VALUES (2, 0, '${LONG}', NULL)`,
      // From here on nobody knows which pieces stand.
      ...['SAVEPOINT s', 'INSERT INTO counters VALUES (9, 0, 1, NULL)', 'ROLLBACK TO SAVEPOINT s'],
      'DELETE FROM large WHERE id = 2',
    ],
    [inserted('LARGE', row), { table: 'LARGE', op: 'delete', before: row, after: null }],
  );
  await made.count('1');
  expect(await made.told()).toBe(1);
});

it('a large value that was changed by itself and taken back is told as it was', async () => {
  await using made = await HandMade.open();
  await made.commit(['SAVEPOINT s', `UPDATE large SET c = '${LONG}' WHERE id = 1`, 'ROLLBACK TO SAVEPOINT s'], []);
  expect(await made.told()).toBe(1);
});
