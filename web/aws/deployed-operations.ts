import { operationAtWork } from '../../core/catalog/operation-lease.ts';
import { Catalog } from '../../core/catalog/catalog.ts';
import { VerificationRecords } from '../../core/catalog/verification-records.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { InstanceHost, OperationsDesk } from '../api/console-host.ts';
import { isExclusive } from '../api/operations/operation-need.ts';
import { ApiError } from '../api/problems/api-error.ts';
import type { Operation, OperationRequest } from '../api/schemas/operations.ts';
import { startFunction } from './call-function.ts';
import type { ConsoleClients } from './console-clients.ts';
import type { ConsoleDocument } from './console-environment.ts';
import { copyProgress } from './copy-progress.ts';
import { functionName, machinesOf, type Account } from './deployed-names.ts';
import { DryRuns, type DryRunRequest } from './dry-runs.ts';
import { inputOf, operationOf, verifiedResult } from './execution-operation.ts';
import { Executions, type DescribedExecution, type ListedExecution } from './executions.ts';

/** How old a look at what runs may be, in milliseconds: Step Functions takes few such questions a second, of a whole account. */
const FRESH_MILLISECONDS = 4000;
/** Ended executions that are remembered: they change no more. */
const MOST_REMEMBERED = 500;
/** Names that Step Functions takes. */
const NAME = /^[\w.-]{1,80}$/;
/** So many executions of each machine are looked through for a page that is not the first. */
const MOST_LOOKED_THROUGH = 1000;

export interface OperationsSite {
  readonly pipeline: string;
  readonly reader: ConsoleDocument['pipelines'][number]['reader'];
  readonly host: InstanceHost;
  readonly clients: ConsoleClients;
  readonly account: Account;
}

/**
 * Operations as executions of the pipeline's state machines, whoever started them; the execution's name is the operation's. Dry runs are
 * calls of a function.
 */
export class DeployedOperations implements OperationsDesk {
  readonly #site: OperationsSite;
  readonly #executions: Executions;
  readonly #dryRuns: DryRuns;
  readonly #catalog: Catalog;
  readonly #ended = new Map<string, DescribedExecution>();
  #running: { readonly until: number; readonly found: Promise<Operation[]> } | null = null;

  constructor(site: OperationsSite) {
    const { pipeline, reader, host, clients, account } = site;
    this.#site = site;
    this.#executions = new Executions(clients.states, account, pipeline, machinesOf(reader));
    this.#dryRuns = new DryRuns(host, clients.lambda, pipeline);
    this.#catalog = new Catalog(pipeline, host);
  }

  async start(settings: PipelineSettings, request: OperationRequest, by: string): Promise<Operation> {
    const { pipeline, reader, host } = this.#site;
    if (request.kind === 'manual-delta' && reader === 'external') {
      throw new ApiError(422, `the log of ${settings.pipeline} is read outside of AWS`, {
        remedy: 'Run `penstock delta` where its reader runs.',
      });
    }
    if (request.kind === 'sync-structure' && request.redo === true && request.dryRun !== true) {
      throw new ApiError(422, 'on AWS copies are an operation of their own', {
        remedy: 'Start Sync Struct without them; then Full Extract of the tables that it left.',
      });
    }
    const { clock, randomness } = host;
    const id = `${momentOf(clock.timestamp())}-${randomness.identifier().slice(0, 6)}`;
    if (isDryRun(request)) return this.#dryRuns.start(id, request, by);
    if (isExclusive(request)) {
      const busy = await operationAtWork(host, pipeline);
      if (busy !== null) throw new PenstockError('PS1008', `${busy} works on ${pipeline}`);
    }
    await this.#executions.start(request.kind, id, inputOf(request, by));
    this.#running = null;
    return {
      ...{ id, request: request as Operation['request'], by, startedAt: clock.timestamp(), endedAt: null },
      ...{ state: 'running', message: 'it starts', progress: [], error: null, result: null },
    };
  }

  /** What an execution held is given back at once: without that it would run out in ten minutes. */
  async stop(id: string): Promise<Operation | null> {
    const found = await this.#find(id);
    if (found === null) return NAME.test(id) ? this.#dryRuns.get(id) : null;
    if (found.isRunning && (await this.#executions.stop(found.kind, id, 'an operator'))) {
      const end = { operation: id, kind: found.kind, outcome: 'failed', error: { Error: 'Stopped', Cause: STOPPED } };
      await startFunction(this.#site.clients.lambda, functionName(this.#site.pipeline, 'end-operation'), end);
      this.#running = null;
    }
    return this.get(id);
  }

  async get(id: string): Promise<Operation | null> {
    const found = await this.#find(id);
    if (found === null) return NAME.test(id) ? this.#dryRuns.get(id) : null;
    const operation = operationOf(found);
    if (operation === null) return null;
    if (operation.state === 'running') return this.#atWork(operation);
    return operation.state === 'succeeded' ? this.#withResult(operation, found) : operation;
  }

  async running(): Promise<Operation[]> {
    const now = this.#site.host.clock.now();
    if (this.#running !== null && now < this.#running.until) return this.#running.found;
    const found = this.#lookForRunning();
    this.#running = { until: now + FRESH_MILLISECONDS, found };
    found.catch(() => (this.#running = null));
    return found;
  }

  async list(after: string | null, limit: number): Promise<Operation[]> {
    const last = after === null ? null : await this.get(after);
    const [executions, dryRuns] = await Promise.all([
      this.#page(last, limit),
      this.#dryRuns.list(last === null ? null : placeOf(last), limit),
    ]);
    return [...executions, ...dryRuns].sort(byStart).slice(0, limit);
  }

  /** Those behind the last one of the page before, the newest first. */
  async #page(last: Operation | null, limit: number): Promise<Operation[]> {
    const listed = await this.#executions.list('all', last === null ? limit : MOST_LOOKED_THROUGH);
    const from = last === null ? 0 : listed.findIndex((one) => isBehind(one, last));
    const described = from < 0 ? [] : listed.slice(from, from + limit).map((one) => this.#describe(one));
    return this.#tellAll(await Promise.all(described));
  }

  async #lookForRunning(): Promise<Operation[]> {
    const listed = await this.#executions.list('running', 10);
    const described = await Promise.all(listed.map((one) => this.#describe(one)));
    // One may have ended since it was listed.
    const told = await this.#tellAll(described.filter((one) => one?.isRunning === true));
    return told.sort((a, b) => Number(isExclusive(b.request)) - Number(isExclusive(a.request)));
  }

  async #tellAll(executions: readonly (DescribedExecution | null)[]): Promise<Operation[]> {
    const operations = executions.flatMap((one) => (one === null ? [] : (operationOf(one) ?? [])));
    const told = operations.map(async (one) => (one.state === 'running' ? this.#atWork(one) : one));
    return Promise.all(told);
  }

  async #find(id: string): Promise<DescribedExecution | null> {
    if (!NAME.test(id)) return null;
    const known = this.#ended.get(id);
    if (known !== undefined) return known;
    return this.#remember(await this.#executions.find(id));
  }

  async #describe({ kind, name }: ListedExecution): Promise<DescribedExecution | null> {
    const known = this.#ended.get(name);
    if (known?.kind === kind) return known;
    return this.#remember(await this.#executions.describe(kind, name));
  }

  #remember(found: DescribedExecution | null): DescribedExecution | null {
    if (found === null || found.isRunning) return found;
    const [oldest] = this.#ended.keys();
    if (this.#ended.size >= MOST_REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.set(found.name, found);
    return found;
  }

  /** What the catalog knows of one that is at work. */
  async #atWork(operation: Operation): Promise<Operation> {
    switch (operation.request.kind) {
      case 'full-extract':
      case 'sync-new-tables': {
        const isBeside = operation.request.kind === 'sync-new-tables' && this.#site.reader !== 'external';
        const run = (await (isBeside ? this.#catalog.newTablesRun() : this.#catalog.fullExtract()))?.record;
        if (run?.state !== 'running') return { ...operation, message: 'it begins: the reader hands the log over' };
        const progress = await copyProgress(this.#catalog, run);
        const done = progress.filter(({ state }) => state === 'done').length;
        return { ...operation, progress, message: `${done} of ${run.tables.length} tables copied` };
      }
      case 'verify': {
        const run = await this.#records.run('calls');
        if (run?.by !== operation.id) return operation;
        const current = run.current === null ? '' : `; now ${run.current.table}`;
        return { ...operation, message: `${run.done.length} of ${run.tables.length} tables compared${current}` };
      }
      case 'sync-structure':
      case 'rollback':
      case 'manual-delta': {
        const [{ lastExtract }, loaded] = await Promise.all([this.#catalog.head(), this.#catalog.loaded()]);
        return { ...operation, message: `extract ${loaded} of ${lastExtract} is loaded` };
      }
    }
  }

  async #withResult(operation: Operation, execution: DescribedExecution): Promise<Operation> {
    if (operation.request.kind !== 'verify') return operation;
    const proofs = await this.#records.proofs();
    return { ...operation, result: verifiedResult(operation, execution, proofs.values()) };
  }

  get #records(): VerificationRecords {
    return new VerificationRecords(this.#site.host.items, this.#site.pipeline);
  }
}

const STOPPED = 'It was stopped by an operator. Started again, it goes on from there.';

function isDryRun(request: OperationRequest): request is DryRunRequest {
  return 'dryRun' in request && request.dryRun === true;
}

/** The beginning of the names that the console gives: they sort by time. */
function momentOf(timestamp: string): string {
  return timestamp.replaceAll(/\D/g, '').slice(0, 17);
}

/** Where an operation stands among the names that the console gives. */
function placeOf({ id, startedAt }: Operation): string {
  return /^\d{17}-/.test(id) ? id : momentOf(startedAt);
}

function isBehind({ startedAt, name }: ListedExecution, { startedAt: last, id }: Operation): boolean {
  const at = Date.parse(last);
  return startedAt < at || (startedAt === at && name < id);
}

function byStart(a: Operation, b: Operation): number {
  return a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : a.id < b.id ? 1 : -1;
}
