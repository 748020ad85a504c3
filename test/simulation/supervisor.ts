import { hasCode } from '../../core/errors/penstock-error.ts';
import { retryOf } from '../../core/errors/retry-policy.ts';
import type { Destination } from '../../core/destinations/destination.ts';
import type { ExtractStore } from '../../core/extracts/extract-store.ts';
import type { ItemTable } from '../../core/catalog/item-table.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { DestinationServer } from './destination/destination-server.ts';
import { simulatedDestination } from './destination/simulated-destination.ts';
import type { Invariants, Servers } from './invariants.ts';
import type { OperatorRules } from './operator.ts';
import { runProgram, type Role, type Wishes } from './programs.ts';
import type { Random } from './random.ts';
import { simulatedHost, WakeUpServer } from './simulated-host.ts';
import { simulatedItems } from './simulated-items.ts';
import { SimulatedProcess, type World } from './simulated-process.ts';
import { simulatedStore } from './simulated-store.ts';
import { forgetLater, simulatedSource } from './source/simulated-source.ts';

/** Ports that break a rule on purpose, to prove that the simulation finds it. */
export interface Mutation {
  readonly items?: (items: ItemTable) => ItemTable;
  readonly store?: (store: ExtractStore) => ExtractStore;
  readonly destination?: (
    destination: Destination,
    server: DestinationServer,
    process: SimulatedProcess,
  ) => Destination;
}

export interface SupervisorOptions {
  readonly world: World;
  readonly random: Random;
  readonly servers: Servers;
  readonly invariants: Invariants;
  readonly settings: PipelineSettings;
  readonly wishes: Wishes;
  readonly operatorRules: OperatorRules | null;
  readonly mutation: Mutation;
}

/** Starts processes, makes them crash and pause, and starts others in their place, as a service manager does. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #wakeUps = new WakeUpServer();
  readonly #living = new Map<string, SimulatedProcess>();
  readonly #gone = new Set<string>();
  readonly #stop = new AbortController();
  #calm = false;
  #crashes = 0;
  #halted = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get crashes(): number {
    return this.#crashes;
  }

  /** Processes that stopped for good because the log is another one. */
  get halted(): number {
    return this.#halted;
  }

  /** Names of the processes that run. */
  get running(): readonly string[] {
    return [...this.#living.keys()];
  }

  /** Starts a process; after a crash another one takes its place. */
  start(role: Role, slot: string, generation = 1): void {
    const { world, random, servers } = this.#options;
    const process = new SimulatedProcess(`${slot}.${generation}`, world);
    const startAgain = (): void => {
      world.time.after(random.between(10, 5_000), `${slot} starts again`, () => {
        if (!this.#stop.signal.aborted) this.start(role, slot, generation + 1);
      });
    };
    this.#living.set(process.name, process);
    process.onCrash = () => {
      this.#crashes++;
      this.#living.delete(process.name);
      if (random.chance(world.weather.crashIsKnown)) this.#gone.add(process.name);
      if (role !== 'loader') forgetLater(servers.source, process, null);
      startAgain();
    };
    this.#planFaults(process);
    this.#run(role, process).then(
      () => this.#ended(process, null, startAgain),
      (error: unknown) => this.#ended(process, error, startAgain),
    );
  }

  /** No more faults; whoever stands still goes on. */
  calm(): void {
    this.#calm = true;
    for (const process of this.#living.values()) process.resume();
  }

  /** Tells all processes to end. */
  stop(): void {
    this.#stop.abort(new Error('the run is over'));
  }

  #run(role: Role, process: SimulatedProcess): Promise<void> {
    const { servers, invariants, settings, wishes, mutation } = this.#options;
    const items = simulatedItems(servers.items, process);
    const store = simulatedStore(servers.objects, process);
    const destination = simulatedDestination(servers.destination, process);
    const ports = {
      items: mutation.items?.(items) ?? items,
      store: mutation.store?.(store) ?? store,
      wakeUps: this.#wakeUps,
    };
    const context = {
      settings,
      host: simulatedHost(process, ports, (owner) => this.#gone.has(owner)),
      source: simulatedSource(servers.source, process, (position) => invariants.acknowledged(position)),
      destination: mutation.destination?.(destination, servers.destination, process) ?? destination,
      signal: this.#stop.signal,
      progress: () => undefined,
    };
    return runProgram(role, context, wishes, this.#options.operatorRules);
  }

  #ended(process: SimulatedProcess, error: unknown, startAgain: () => void): void {
    const { world, servers } = this.#options;
    this.#living.delete(process.name);
    process.onCrash = () => undefined;
    if (this.#stop.signal.aborted) return;
    world.time.note(`${process.name} ends: ${error instanceof Error ? error.message : String(error)}`);
    // A process that lost its lease or could not begin ends, and whoever looks after it starts it again.
    if (hasCode(error, 'PS3002', 'PS4006') || retryOf(error) === 'timed') startAgain();
    else if (hasCode(error, 'PS2001') && servers.source.failedOver) this.#halted++;
    else world.violation(`${process.name} halts: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
  }

  #planFaults(process: SimulatedProcess): void {
    const { world, random } = this.#options;
    const { time, weather } = world;
    if (weather.crashEvery !== null) {
      time.after(random.exponential(weather.crashEvery), `${process.name} crash`, () => {
        if (!this.#calm) process.crash('');
      });
    }
    if (weather.pauseEvery !== null) {
      time.after(random.exponential(weather.pauseEvery), `${process.name} pause`, () => {
        if (!this.#calm)
          process.pause(random.chance(0.5) ? random.between(100, 10_000) : random.between(20_000, 70_000));
      });
    }
  }
}
