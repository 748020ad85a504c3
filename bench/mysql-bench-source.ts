import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BENCH_COLUMNS } from './bench-columns.ts';
import type { BenchSource } from './bench-source.ts';

const NOTE_WORDS = ' some words ✓';

export const mysqlBenchSource: BenchSource = {
  settings: { 'innodb-buffer-pool-size': '1G', 'max-binlog-size': '256M' },
  fillSession: ['SET SESSION sql_log_bin = 0'],
  session: [],
  columns: `id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, quantity INT NOT NULL, amount DECIMAL(12, 2) NOT NULL,
    state VARCHAR(12) NOT NULL, code VARCHAR(16) NOT NULL, created_at DATETIME(6) NOT NULL, deliver_on DATE, priority SMALLINT, note TEXT`,
  rowValues: (noteBytes) => `n, n * 7919 % 1000003, n % 97, (n * 104729 % 99999999) / 100,
    ELT(1 + n % 4, 'placed', 'paid', 'packed', 'shipped'), CONCAT('C-', LPAD(n * 31 % 99999999, 8, '0')),
    TIMESTAMP('2024-01-01') + INTERVAL n * 1000001 MICROSECOND, IF(n % 5 <> 0, DATE('2024-01-02') + INTERVAL n % 900 DAY, NULL),
    n % 9, LEFT(CONCAT(MD5(n), REPEAT('${NOTE_WORDS}', ${Math.ceil(noteBytes / NOTE_WORDS.length)})), ${noteBytes})`,
  settle: (table) => [`ANALYZE TABLE ${table}`],
  rowBytes: (columns) => `LENGTH(CONCAT_WS('\\t', ${columns.join(', ')})) + 1`,
  // The server's own client printed 190,000 to 250,000 rows a second into LOAD DATA where the driver's rows, joined to lines,
  // came at 135,000 to 175,000, and one column that the server had joined at 150,000 to 195,000.
  async *openLines({ host, port, user, password }, database, table) {
    const columns = BENCH_COLUMNS.map((name) => (name === 'deliver_on' ? `IFNULL(${name}, '\\\\N')` : name));
    const login = [`--host=${host}`, `--port=${port}`, `--user=${user}`, '--default-character-set=utf8mb4'];
    const output = ['--batch', '--quick', '--raw', '--skip-column-names'];
    const statement = `SELECT ${columns.join(', ')} FROM ${table}`;
    const child = spawn('mariadb', ['--no-defaults', ...login, ...output, database, '-e', statement], {
      env: { ...process.env, MYSQL_PWD: password },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    try {
      yield* child.stdout as AsyncIterable<Buffer>;
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`mariadb ended with ${String(code)}`);
    } finally {
      child.kill();
    }
  },
  release: () => Promise.resolve(),
};
