import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { count } from '../cli/output/quantities.ts';
import type { SourceClient } from '../test/fixtures/test-source.ts';
import { BENCH_TABLE, fillBenchTable, SHORT_NOTE_BYTES } from './bench-table.ts';
import { BenchPipeline } from './bench-pipeline.ts';
import type { BenchServers } from './bench-servers.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';
import { percentile } from './statistics.ts';
import { writeSteadily } from './steady-writer.ts';

const CHANGES_PER_SECOND = 1000;
const CHANGES_PER_TRANSACTION = 10;
/** The table is smaller than that of the other parts: its size is not what lag depends on. */
const MOST_ROWS = 200_000;
const PROBE_MILLISECONDS = 97;
const POLL_MILLISECONDS = 10;
/** Probes of the first seconds, while connections are made, do not count. */
const WARM_UP_SECONDS = 3;
/** After the last probe, at most so long is waited for it. */
const PATIENCE_MILLISECONDS = 60_000;
const THREADS = 2;

/** From just before a probe row is committed at the source until it is seen at the destination, by one clock. */
export async function lagPart(servers: BenchServers, options: BenchOptions, report: Report): Promise<void> {
  const { lagSeconds, profiles } = options;
  const rows = Math.min(options.rows, MOST_ROWS);
  report.title(`Lag: ${count(CHANGES_PER_SECOND)} changes/s for ${lagSeconds} s`);
  await fillBenchTable(servers, rows, SHORT_NOTE_BYTES);
  await servers.client.run('DROP TABLE IF EXISTS bench_probes');
  await servers.client.run('CREATE TABLE bench_probes (id bigint PRIMARY KEY)');
  await using pipeline = await BenchPipeline.make(servers, {
    ...{ name: 'lag', tables: [BENCH_TABLE, 'bench_probes'], threads: THREADS, profiles },
  });
  await pipeline.perform('full-extract');
  await using running = await pipeline.start('run', () => undefined);
  const writer = await servers.connectSource();
  const stopping = new AbortController();
  for (const statement of servers.bench.session) await writer.run(statement);
  const writing = writeSteadily(
    writer,
    {
      keys: { first: 1, last: rows },
      changesPerSecond: CHANGES_PER_SECOND,
      changesPerTransaction: CHANGES_PER_TRANSACTION,
    },
    stopping.signal,
  );
  const began = performance.now();
  const probes = new Probes(servers);
  try {
    await Promise.race([probes.measure(lagSeconds), running.report]);
  } finally {
    stopping.abort();
  }
  const written = await writing;
  const speed = (written / (performance.now() - began)) * 1000;
  await writer.end();
  const end = await running.stop();
  const { lags } = probes;
  report.figure('lag.load', speed, 'changes/s');
  report.figure('lag.probes', lags.length, 'probes');
  report.figure('lag.p50', percentile(lags, 0.5), 'ms', 'below 1,500');
  report.figure('lag.p99', percentile(lags, 0.99), 'ms', 'below 3,000');
  report.figure('lag.longest', percentile(lags, 1), 'ms');
  report.figure('lag.peakMemory', end.peakBytes / 1e6, 'MB');
}

/** Writes probe rows to the source and looks for them at the destination. */
class Probes {
  /** Milliseconds. */
  readonly lags: number[] = [];
  readonly #servers: BenchServers;
  readonly #sent = new Map<number, number>();
  #last = 0;

  constructor(servers: BenchServers) {
    this.#servers = servers;
  }

  async measure(seconds: number): Promise<void> {
    const client = await this.#servers.connectSource();
    const finished = new AbortController();
    const looking = this.#look(finished.signal);
    try {
      await this.#send(client, seconds);
      const patience = performance.now() + PATIENCE_MILLISECONDS;
      while (this.#sent.size > 0 && performance.now() < patience) await sleep(POLL_MILLISECONDS);
      if (this.#sent.size > 0) throw new Error(`${this.#sent.size} probes did not arrive within a minute`);
    } finally {
      finished.abort();
      await looking;
      await client.end();
    }
  }

  async #send(client: SourceClient, seconds: number): Promise<void> {
    const began = performance.now();
    while (performance.now() - began < seconds * 1000) {
      const id = ++this.#last;
      const isWarm = performance.now() - began >= WARM_UP_SECONDS * 1000;
      if (isWarm) this.#sent.set(id, performance.now());
      await client.run('INSERT INTO bench_probes VALUES (?)', [id]);
      await sleep(PROBE_MILLISECONDS);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const connection = await createConnection({ ...this.#servers.destination, database: 'lag' });
    let seen = 0;
    while (!signal.aborted) {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT id FROM bench_probes WHERE id > ? ORDER BY id', [
        seen,
      ]);
      const now = performance.now();
      for (const row of rows) {
        seen = Number(row['id']);
        const sent = this.#sent.get(seen);
        if (sent !== undefined) this.lags.push(now - sent);
        this.#sent.delete(seen);
      }
      await sleep(POLL_MILLISECONDS);
    }
    await connection.end();
  }
}
