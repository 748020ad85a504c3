import type { Client } from 'pg';

/** The table that is copied and changed: 10 columns, about 110 bytes a row as text. */
export const BENCH_TABLE = 'bench_rows';

/**
 * Types whose text both servers read alike, so that the raw pipe needs no conversion at all:
 * what Penstock converts for other types is its own cost, and would flatter no one here.
 */
const COLUMNS = `id bigint PRIMARY KEY, customer_id bigint NOT NULL, quantity integer NOT NULL, amount numeric(12, 2) NOT NULL,
  state varchar(12) NOT NULL, code varchar(16) NOT NULL, created_at timestamp(6) NOT NULL, deliver_on date, priority smallint, note text`;

/** The same table at the destination, for the raw pipe and the merge without Penstock. */
export function destinationTable(name: string): string {
  return `CREATE TABLE ${name} (id BIGINT PRIMARY KEY, customer_id BIGINT, quantity INT, amount DECIMAL(12, 2),
    state VARCHAR(12), code VARCHAR(16), created_at DATETIME(6), deliver_on DATE, priority SMALLINT, note LONGTEXT)
    CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`;
}

export const BENCH_COLUMNS = [
  'id',
  'customer_id',
  'quantity',
  'amount',
  'state',
  'code',
  'created_at',
  'deliver_on',
  'priority',
  'note',
] as const;

/** All values of row `n`, in SQL; `noteBytes` sets the row's size. */
function rowValues(noteBytes: number): string {
  return `n, n * 7919 % 1000003, (n % 97)::int, (n * 104729 % 99999999)::numeric / 100,
    (ARRAY['placed', 'paid', 'packed', 'shipped'])[1 + n % 4], 'C-' || lpad((n * 31 % 99999999)::text, 8, '0'),
    timestamp '2024-01-01' + n * interval '1.000001 seconds', CASE WHEN n % 5 <> 0 THEN date '2024-01-02' + (n % 900)::int END,
    (n % 9)::smallint, left(md5(n::text) || repeat(' some words ✓', ${Math.ceil(noteBytes / 13)}), ${noteBytes})`;
}

/** A note that makes a row about 110 bytes long as text, and one that makes it about 250. */
export const SHORT_NOTE_BYTES = 28;
export const LONG_NOTE_BYTES = 150;

/** Makes the table, and fills it with `rows` rows. */
export async function fillBenchTable(client: Client, rows: number, noteBytes: number): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${BENCH_TABLE}`);
  await client.query(`CREATE TABLE ${BENCH_TABLE} (${COLUMNS})`);
  await client.query(
    `INSERT INTO ${BENCH_TABLE} SELECT ${rowValues(noteBytes)} FROM generate_series(1::bigint, ${rows}) n`,
  );
  await client.query(`VACUUM (ANALYZE) ${BENCH_TABLE}`);
  await client.query('CHECKPOINT');
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
export async function makeBacklog(client: Client, { rows, changes, run }: BacklogOptions): Promise<number> {
  const { updates, inserts, deletes } = BACKLOG_TRANSACTION;
  const transactions = Math.ceil(changes / CHANGES_PER_TRANSACTION);
  const firstNew = rows + run * transactions * inserts;
  const randomKeys = (count: number) =>
    `SELECT 1 + floor(random() * ${rows})::bigint FROM generate_series(1, ${count})`;
  await client.query('SET synchronous_commit = off');
  await client.query('CREATE TABLE IF NOT EXISTS bench_counts (changes bigint)');
  await client.query('TRUNCATE bench_counts');
  await client.query(`DO $$
    DECLARE changed bigint := 0; touched bigint;
    BEGIN
      PERFORM setseed(${(0.42 + run / 100).toFixed(2)});
      FOR t IN 1..${transactions} LOOP
        UPDATE ${BENCH_TABLE} SET amount = amount + 1, state = 'paid', priority = t % 9 WHERE id IN (${randomKeys(updates)});
        GET DIAGNOSTICS touched = ROW_COUNT; changed := changed + touched;
        INSERT INTO ${BENCH_TABLE} SELECT ${rowValues(SHORT_NOTE_BYTES)}
          FROM generate_series(${firstNew} + (t - 1) * ${inserts} + 1::bigint, ${firstNew} + t * ${inserts}) n;
        GET DIAGNOSTICS touched = ROW_COUNT; changed := changed + touched;
        DELETE FROM ${BENCH_TABLE} WHERE id IN (${randomKeys(deletes)});
        GET DIAGNOSTICS touched = ROW_COUNT; changed := changed + touched;
        COMMIT;
      END LOOP;
      INSERT INTO bench_counts VALUES (changed);
    END $$`);
  const { rows: counts } = await client.query<{ changes: string }>('SELECT changes FROM bench_counts');
  return Number(counts[0]?.changes);
}
