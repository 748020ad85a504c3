import { Random } from '../test/simulation/random.ts';
import type { BenchServers } from './bench-servers.ts';

/** The table that is copied and changed: 10 columns, about 110 bytes a row as text. */
export const BENCH_TABLE = 'bench_rows';

/** The same table at the destination, for the raw pipe and the merge without Penstock. */
export function destinationTable(name: string): string {
  return `CREATE TABLE ${name} (id BIGINT PRIMARY KEY, customer_id BIGINT, quantity INT, amount DECIMAL(12, 2),
    state VARCHAR(12), code VARCHAR(16), created_at DATETIME(6), deliver_on DATE, priority SMALLINT, note LONGTEXT)
    CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`;
}

/** A note that makes a row about 110 bytes long as text, and one that makes it about 250. */
export const SHORT_NOTE_BYTES = 28;
export const LONG_NOTE_BYTES = 150;

/** Makes the table, and fills it with `rows` rows. */
export async function fillBenchTable(servers: BenchServers, rows: number, noteBytes: number): Promise<void> {
  const { kind, bench } = servers;
  const client = await servers.connectSource();
  try {
    for (const statement of bench.fillSession) await client.run(statement);
    await client.run(`DROP TABLE IF EXISTS ${BENCH_TABLE}`);
    await client.run(`CREATE TABLE ${BENCH_TABLE} (${bench.columns})`);
    await client.run(`INSERT INTO ${BENCH_TABLE} SELECT ${bench.rowValues(noteBytes)} FROM ${kind.series(1, rows)}`);
    for (const statement of bench.settle(BENCH_TABLE)) await client.run(statement);
  } finally {
    await client.end();
  }
}

/** What one transaction of the backlog does: six updates, two inserts and two deletes of ten. */
const BACKLOG_TRANSACTION = { updates: 60, inserts: 20, deletes: 20 } as const;
const CHANGES_PER_TRANSACTION = Object.values(BACKLOG_TRANSACTION).reduce((total, changes) => total + changes, 0);

export interface BacklogOptions {
  /** Rows that the table was made with. */
  readonly rows: number;
  readonly changes: number;
  /** From 0: each backlog of a table inserts keys of its own. */
  readonly run: number;
}

/**
 * About so many changes in transactions of 100, at random keys over the whole table.
 * @returns how many there were
 */
export async function makeBacklog(servers: BenchServers, { rows, changes, run }: BacklogOptions): Promise<number> {
  const { kind, bench } = servers;
  const { updates, inserts, deletes } = BACKLOG_TRANSACTION;
  const transactions = Math.ceil(changes / CHANGES_PER_TRANSACTION);
  const firstNew = rows + run * transactions * inserts;
  const random = new Random(run + 1);
  const keys = (count: number) => Array.from({ length: count }, () => random.between(1, rows)).join(', ');
  const values = bench.rowValues(SHORT_NOTE_BYTES);
  const client = await servers.connectSource();
  let made = 0;
  try {
    for (const statement of bench.session) await client.run(statement);
    for (let t = 0; t < transactions; t++) {
      const first = firstNew + t * inserts + 1;
      made += await client.run(`BEGIN;
        UPDATE ${BENCH_TABLE} SET amount = amount + 1, state = 'paid', priority = ${t % 9} WHERE id IN (${keys(updates)});
        INSERT INTO ${BENCH_TABLE} SELECT ${values} FROM ${kind.series(first, first + inserts - 1)};
        DELETE FROM ${BENCH_TABLE} WHERE id IN (${keys(deletes)});
        COMMIT`);
    }
  } finally {
    await client.end();
  }
  return made;
}
