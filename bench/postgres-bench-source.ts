import { to as copyTo } from 'pg-copy-streams';
import { connectPostgres } from '../test/fixtures/postgres-server.ts';
import type { BenchSource } from './bench-source.ts';

const NOTE_WORDS = ' some words ✓';

export const postgresBenchSource: BenchSource = {
  settings: { max_wal_size: '8GB', checkpoint_timeout: '30min' },
  fillSession: [],
  session: ['SET synchronous_commit = off'],
  columns: `id bigint PRIMARY KEY, customer_id bigint NOT NULL, quantity integer NOT NULL, amount numeric(12, 2) NOT NULL,
    state varchar(12) NOT NULL, code varchar(16) NOT NULL, created_at timestamp(6) NOT NULL, deliver_on date, priority smallint, note text`,
  rowValues: (
    noteBytes,
  ) => `n, n::bigint * 7919 % 1000003, (n % 97)::int, (n::bigint * 104729 % 99999999)::numeric / 100,
    (ARRAY['placed', 'paid', 'packed', 'shipped'])[1 + n % 4], 'C-' || lpad((n::bigint * 31 % 99999999)::text, 8, '0'),
    timestamp '2024-01-01' + n * interval '1.000001 seconds', CASE WHEN n % 5 <> 0 THEN date '2024-01-02' + (n % 900)::int END,
    (n % 9)::smallint, left(md5(n::text) || repeat('${NOTE_WORDS}', ${Math.ceil(noteBytes / NOTE_WORDS.length)}), ${noteBytes})`,
  settle: (table) => [`VACUUM (ANALYZE) ${table}`, 'CHECKPOINT'],
  rowBytes: (columns) => `octet_length(concat_ws(E'\\t', ${columns.join(', ')})) + 1`,
  async *openLines(address, database, table) {
    const client = await connectPostgres(address, database);
    try {
      yield* client.query(copyTo(`COPY ${table} TO STDOUT`)) as AsyncIterable<Buffer>;
    } finally {
      await client.end();
    }
  },
  async release(client, pipeline) {
    await client.rows('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ?', [
      `penstock_${pipeline}`,
    ]);
    await client.run(`DROP PUBLICATION IF EXISTS penstock_${pipeline}`);
  },
};
