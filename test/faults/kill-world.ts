import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { expect } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { connectMariaDb, sharedServers, sourceKind, type PipelineServers } from '../fixtures/pipeline.ts';
import {
  performPenstock,
  runPenstock,
  startPenstock,
  type EndedProcess,
  type PenstockProcess,
} from '../fixtures/penstock-process.ts';
import type { FailpointName } from '../../core/host/failpoint.ts';
import { Random } from '../fixtures/random.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import { testSource, type SourceClient, type SourceType, type TestSource } from '../fixtures/test-source.ts';
import { CounterOracle } from './counter-oracle.ts';

export const SEED = Number(process.env['PENSTOCK_SEED'] ?? 1);
const COUNTERS = 150;
const ITEMS = 4000;
let worlds = 0;

type KilledTable = 'counters' | 'items' | 'visits';

/** A pipeline whose processes are killed: databases of its own, a configuration, and an oracle that knows what must arrive. */
export class KillWorld implements AsyncDisposable {
  readonly kind: TestSource<string>;
  readonly source: SourceClient;
  readonly destination: Connection;
  readonly #name: string;
  readonly #servers: PipelineServers;
  readonly #begun = new Date().toISOString().slice(0, 10);
  readonly #folder = mkdtempSync(join(tmpdir(), 'penstock-kill-'));
  readonly #configuration = join(this.#folder, 'penstock.yaml');
  readonly #oracle: CounterOracle;

  private constructor(name: string, servers: PipelineServers, source: SourceClient, destination: Connection) {
    this.kind = sourceKind(servers);
    this.source = source;
    this.destination = destination;
    this.#name = name;
    this.#servers = servers;
    this.#oracle = new CounterOracle(source, COUNTERS, SEED);
  }

  static async make(type: SourceType): Promise<KillWorld> {
    const servers = sharedServers(type);
    const name = `kill_${process.pid}_${++worlds}`;
    const kind = testSource(type);
    await kind.createDatabase(servers.sourceServer, name);
    const destination = await connectMariaDb(servers.destinationServer);
    await destination.query(`CREATE DATABASE \`${name}\``);
    await destination.query(`USE \`${name}\``);
    const world = new KillWorld(name, servers, await kind.connect(servers.sourceServer, name), destination);
    await world.#fill();
    return world;
  }

  /** The tables of the configuration. */
  choose(tables: readonly KilledTable[]): void {
    writeFileSync(this.#configuration, this.#configurationText(tables));
  }

  async #fill(): Promise<void> {
    this.choose(['counters', 'items', 'visits']);
    await this.#oracle.createTable();
    const { source, kind } = this;
    await source.run(`CREATE TABLE items (id bigint PRIMARY KEY, name text, amount numeric(12,2));
      INSERT INTO items SELECT n, concat('item ', n), n * 1.5 FROM ${kind.series(1, ITEMS)};
      CREATE TABLE visits (page varchar(20), seconds integer);
      INSERT INTO visits SELECT concat('page ', n % 7), n % 5 FROM ${kind.series(1, 500)}`);
    for (const statement of kind.identifyByWholeRows('visits')) await source.run(statement);
    await this.#oracle.walk(200);
  }

  #configurationText(tables: readonly KilledTable[]): string {
    const { sourceServer, destinationServer } = this.#servers;
    const server = (address: ServerAddress) => `
  host: ${address.host}
  port: ${address.port}
  database: ${this.#name}
  user: ${address.user}
  tls: { mode: 'off' }`;
    const entry = (name: KilledTable) =>
      `  - { name: ${this.kind.schemaOf(this.#name)}.${name}${name === 'counters' ? ', transfer: history' : ''} }`;
    return `pipeline: ${this.#name.replaceAll('_', '-')}
source:
  type: ${this.kind.type}
  extractType: logs${server(sourceServer)}
  password: { env: SOURCE_PASSWORD }
destination:
  type: singlestore${server(destinationServer)}
  password: { env: DESTINATION_PASSWORD }
extracts: { rows: 60, seconds: 0.2, bytes: 20000, chunkBytes: 10000 }
tables:
${tables.map(entry).join('\n')}
state: ./state
`;
  }

  get #environment(): Record<string, string> {
    const { sourceServer, destinationServer } = this.#servers;
    return { SOURCE_PASSWORD: sourceServer.password, DESTINATION_PASSWORD: destinationServer.password };
  }

  /** Runs a verb to its end in this process, as another one than what was killed; with a failpoint in one of its own, until it passes that. */
  async penstock(verb: string, failpoint: string | null = null, more: readonly string[] = []): Promise<EndedProcess> {
    const words = [verb, '--config', this.#configuration, '--json', ...more];
    if (failpoint === null) return performPenstock(words, this.#environment);
    return runPenstock(words, { ...this.#environment, PENSTOCK_FAILPOINT: failpoint }, this.#folder);
  }

  /** A reader that is up: a signal ends it as an operator's does, not as one that comes while it is still being loaded. */
  async startReader(): Promise<PenstockProcess> {
    const reader = this.start('run');
    await eventually(() => Promise.resolve(reader.said() !== ''), 'the reader says that it began');
    return reader;
  }

  start(verb: string): PenstockProcess {
    return startPenstock([verb, '--config', this.#configuration], this.#environment, this.#folder);
  }

  /** A transaction of each kind on the mirrored tables, and some steps of the counters. */
  async work(round: number): Promise<void> {
    const random = new Random(SEED * 1000 + round);
    const id = () => 1 + random.below(ITEMS);
    await this.source.run(`BEGIN; UPDATE items SET amount = amount + 1 WHERE id BETWEEN ${id()} AND ${id()} + 40;
      DELETE FROM items WHERE id = ${id()}; UPDATE items SET id = id + ${ITEMS * (round + 1)} WHERE id = ${id()};
      INSERT INTO visits VALUES ('page ${round % 7}', ${round}), ('page ${round % 7}', ${round});
      DELETE FROM visits ${this.kind.someRows('visits', 'seconds >= 0', 1)}; COMMIT`);
    await this.#oracle.walk(120);
  }

  async expectKilled(verb: string, failpoint: string, more: readonly string[] = []): Promise<void> {
    const killed = await this.penstock(verb, `${failpoint}:kill`, more);
    expect(killed.signal, `${failpoint} was not passed\n${killed.stderr}`).toBe('SIGKILL');
  }

  async expectDone(verb: string): Promise<void> {
    const done = await this.penstock(verb);
    expect(done.code, `${verb}\n${done.stdout}\n${done.stderr}`).toBe(0);
  }

  async expectEqual(what: string): Promise<void> {
    const delta = await this.penstock('delta');
    expect(delta.code, `delta after ${what}\n${delta.stderr}`).toBe(0);
    const verified = await this.penstock('verify');
    expect(verified.code, `verify after ${what}\n${verified.stdout}\n${verified.stderr}`).toBe(0);
    expect(await this.#oracle.complaints(this.destination), `seed ${SEED}, after ${what}`).toEqual([]);
    await this.#expectRuns(what);
  }

  /** Each extract that was loaded is one run of the reports, wherever the process ended. */
  async #expectRuns(what: string): Promise<void> {
    const status = JSON.parse((await this.penstock('status')).stdout) as { loaded: number };
    const days = [...new Set([this.#begun, new Date().toISOString().slice(0, 10)])];
    const runs: string[] = [];
    const sums: number[] = [];
    for (const day of days) {
      // Neither changes anything.
      const [listed, month] = await Promise.all([
        this.penstock('report', null, ['--day', day, '--zone', 'UTC', '--limit', '100000']),
        this.penstock('report', null, ['--month', day.slice(0, 7), '--zone', 'UTC']),
      ]);
      const { runs: rows } = JSON.parse(listed.stdout) as { runs: { kind: string; runId: string }[] };
      runs.push(...rows.filter(({ kind }) => kind === 'DELTA').map(({ runId }) => runId));
      const { days: found } = JSON.parse(month.stdout) as { days: { date: string; runs: number }[] };
      sums.push(...found.filter(({ date }) => date === day).map((row) => row.runs - rows.length));
    }
    expect(runs, `runs after ${what}`).toEqual(Array.from({ length: status.loaded }, (_, index) => `${index + 1}`));
    expect(sums, `sums after ${what}`).toEqual(sums.map(() => 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.end();
    await this.kind.dropDatabase(this.#servers.sourceServer, this.#name);
    await this.destination.query(`DROP DATABASE \`${this.#name}\``);
    await this.destination.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Makes one transaction larger than memory may hold, where the place is only passed by such. */
export async function largeTransaction(world: KillWorld, name: FailpointName): Promise<void> {
  if (name === 'extract.after-piece') await world.source.run(`UPDATE items SET name = concat(repeat('x', 100), id)`);
}
