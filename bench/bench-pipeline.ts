import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { SOURCE_DATABASE, type BenchServers } from './bench-servers.ts';
import { operationReport, type LoadReport, type OperationName, type OperationReport } from './operation-report.ts';

const PROCESS = fileURLToPath(new URL('operation-process.ts', import.meta.url));

export interface BenchPipelineOptions {
  /** `[a-z0-9]+`; also the name of the destination's database. */
  readonly name: string;
  readonly tables: readonly string[];
  readonly threads: number;
  /** A folder for CPU profiles; null: none. */
  readonly profiles: string | null;
}

/** A pipeline of its own with its own destination database, whose operations run as separate processes. */
export class BenchPipeline implements AsyncDisposable {
  readonly configuration: string;
  readonly #options: BenchPipelineOptions;
  readonly #servers: BenchServers;
  readonly #folder: string;

  private constructor(options: BenchPipelineOptions, servers: BenchServers, folder: string) {
    this.#options = options;
    this.#servers = servers;
    this.#folder = folder;
    this.configuration = join(folder, 'penstock.yaml');
  }

  static async make(servers: BenchServers, options: BenchPipelineOptions): Promise<BenchPipeline> {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-bench-'));
    const pipeline = new BenchPipeline(options, servers, folder);
    await servers.connection.query(`CREATE DATABASE ${options.name}`);
    await writeFile(join(folder, 'source.password'), servers.source.password, { mode: 0o600 });
    await writeFile(join(folder, 'destination.password'), servers.destination.password, { mode: 0o600 });
    const { host, port, user } = servers.source;
    await writeFile(
      pipeline.configuration,
      stringify({
        pipeline: options.name,
        source: {
          ...{ type: servers.kind.type, extractType: 'logs', host, port, user },
          database: SOURCE_DATABASE,
          password: { file: 'source.password' },
          extractThreads: options.threads,
        },
        destination: {
          type: 'singlestore',
          host: servers.destination.host,
          port: servers.destination.port,
          user: servers.destination.user,
          database: options.name,
          password: { file: 'destination.password' },
          loadThreads: options.threads,
        },
        tables: options.tables.map((name) => ({ name: `${servers.kind.schemaOf(SOURCE_DATABASE)}.${name}` })),
        state: 'state',
      }),
    );
    return pipeline;
  }

  /** Runs an operation to its end. */
  async perform(operation: Exclude<OperationName, 'run'>): Promise<OperationReport> {
    await using running = await this.start(operation, () => undefined);
    return await running.report;
  }

  /** Starts an operation; `onLoad` hears of every extract that it loads. Disposing of it asks it to stop, and waits. */
  async start(operation: OperationName, onLoad: (load: LoadReport) => void): Promise<RunningOperation> {
    const { profiles, name } = this.#options;
    if (profiles !== null) await mkdir(profiles, { recursive: true });
    const profiling =
      profiles === null
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${name}-${operation}.cpuprofile`];
    const child = spawn(process.execPath, [...profiling, PROCESS, this.configuration, operation], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return new RunningOperation(child, operation, onLoad);
  }

  /** Removes what the source keeps for it, the destination's database and the state. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { bench, client, connection } = this.#servers;
    const { name } = this.#options;
    await bench.release(client, name);
    await connection.query(`DROP DATABASE ${name}`);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A separate process at work. */
export class RunningOperation implements AsyncDisposable {
  /** What the process says at its end. Rejects when it fails. */
  readonly report: Promise<OperationReport>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, operation: OperationName, onLoad: (load: LoadReport) => void) {
    this.#child = child;
    this.report = readReport(child, operation, onLoad);
    this.report.catch(() => undefined);
  }

  /** Asks a `run` to stop. @returns what it says at its end */
  async stop(): Promise<OperationReport> {
    this.#child.kill('SIGTERM');
    return this.report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM');
    await this.report.catch(() => undefined);
  }
}

async function readReport(
  child: ChildProcess,
  operation: OperationName,
  onLoad: (load: LoadReport) => void,
): Promise<OperationReport> {
  if (child.stdout === null) throw new Error('the process has no output');
  const closed = once(child, 'close');
  let report: OperationReport | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = operationReport.parse(JSON.parse(line));
    if (message.tag === 'load') onLoad(message);
    else report = message;
  }
  const [exitCode] = (await closed) as [number | null];
  if (report === null || exitCode !== 0) throw new Error(`the process of ${operation} ended with ${String(exitCode)}`);
  return report;
}
