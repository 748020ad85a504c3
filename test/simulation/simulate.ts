import { newTableRecord } from '../../core/catalog/records.ts';
import { targetOf } from '../../core/destinations/target-naming.ts';
import { tableSettings } from '../../core/operations/pipeline-tables.ts';
import { tableId } from '../../core/changes/table-name.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { Damage } from './damage.ts';
import { DestinationServer } from './destination/destination-server.ts';
import { Invariants, type Servers } from './invariants.ts';
import { drawOperators, Operating } from './operating.ts';
import { drawSettings, PIPELINE, TABLE_IDS } from './pipeline.ts';
import { Wishes } from './programs.ts';
import { Random } from './random.ts';
import { ItemServer } from './simulated-items.ts';
import type { World } from './simulated-process.ts';
import { ObjectServer } from './simulated-store.ts';
import { SourceServer } from './source/source-server.ts';
import { drawWorkload, Workload } from './source/workload.ts';
import { Supervisor, type Mutation } from './supervisor.ts';
import { VirtualTime } from './virtual-time.ts';
import { calm, drawWeather } from './weather.ts';

/** What one run found. */
export interface Outcome {
  readonly seed: number;
  /** Rules that did not hold; empty when all is well. */
  readonly violations: readonly string[];
  readonly events: number;
  readonly extracts: number;
  readonly crashes: number;
  readonly traceHash: string;
}

export interface SimulateOptions {
  readonly mutation?: Mutation;
  /** Whether there are operators in every seed, not only in a share of them. */
  readonly operators?: boolean;
  /** Receives a line for every event. */
  readonly trace?: (line: string) => void;
}

/** Virtual milliseconds after the faults have ended in which everything has to come to rest. */
const REST_MILLISECONDS = 600_000;
const LOOK_MILLISECONDS = 500;
const MOST_VIOLATIONS = 20;

/** Runs one seed. The same seed gives the same run. */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Outcome> {
  return new Run(seed, options).run();
}

/** What a seed decides on besides weather, workload and settings. */
interface Shape {
  /** Whether the run begins with a full extract, or with tables that were copied while they were empty. */
  readonly startsWithCopy: boolean;
  /** Whether a table is copied again in the middle. */
  readonly copiesAgain: boolean;
  /** Whether tables are copied while the others are replicated. */
  readonly copiesBeside: boolean;
  readonly failsOver: boolean;
  readonly isOneMachine: boolean;
  readonly processes: number;
  readonly busyMilliseconds: number;
  readonly commitEvery: number;
}

const SCHEDULER = { partition: PIPELINE, sort: 'scheduler' };

/** Apart from all else that is drawn of a seed. */
const OPERATOR = 7_777_777;
const SNAPSHOTS = 6_666_666;
const CALLS = 5_555_555;

class Run {
  readonly #seed: number;
  readonly #violations: string[] = [];
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #world: World;
  readonly #servers: Servers;
  readonly #invariants: Invariants;
  readonly #workload: Workload;
  readonly #wishes: Wishes;
  readonly #settings: PipelineSettings;
  readonly #supervisor: Supervisor;
  readonly #shape: Shape;
  readonly #operating: Operating | null;
  /** The operator who turns the scheduler's switch. */
  readonly #operator: Random;
  #isCalm = false;
  #isAtRest = false;
  #isAsked = false;

  constructor(seed: number, options: SimulateOptions) {
    this.#seed = seed;
    const random = new Random(seed);
    this.#random = random;
    this.#time = new VirtualTime(options.trace ?? null);
    const violation = (what: string): void => this.#violate(what);
    this.#world = { time: this.#time, random: random.fork(), weather: drawWeather(random.fork()), violation };
    const source = new SourceServer();
    const snapshots = new Random(seed + SNAPSHOTS);
    if (options.operators !== true && snapshots.chance(0.4)) source.snapshots = snapshots;
    this.#servers = {
      source,
      items: new ItemServer((item) => this.#invariants.removed(item)),
      objects: new ObjectServer(violation, (key) => this.#invariants.deleted(key)),
      destination: new DestinationServer(violation, {
        committed: (step) => this.#invariants.committed(step),
        copied: (table) => damage.heal(table),
        repaired: (step) => this.#invariants.repaired(step),
        replayed: (table, from) => this.#invariants.replayed(table, from),
        replayDropped: (table) => this.#invariants.replayDropped(table),
      }),
    };
    const damage = new Damage(() => this.#time.epochMicroseconds);
    this.#invariants = new Invariants(() => this.#servers, damage, source.position, violation);
    const workload = drawWorkload(random.fork());
    this.#workload = new Workload(source, random.fork(), workload);
    this.#settings = drawSettings(random.fork());
    this.#shape = drawShape(random, workload.every);
    this.#operator = new Random(seed + OPERATOR);
    const loadsInCalls = options.operators !== true && new Random(seed + CALLS).chance(0.5);
    this.#wishes = new Wishes(random.chance(0.5), loadsInCalls);
    const operators = this.#shape.failsOver
      ? null
      : drawOperators(seed, this.#shape.isOneMachine, options.operators === true);
    const { time } = this.#world;
    const parties = {
      time,
      servers: this.#servers,
      wishes: this.#wishes,
      invariants: this.#invariants,
      damage,
      violation,
    };
    this.#operating = operators === null ? null : new Operating({ ...operators, ...parties });
    this.#supervisor = new Supervisor({
      world: this.#world,
      random: random.fork(),
      servers: this.#servers,
      invariants: this.#invariants,
      settings: this.#settings,
      wishes: this.#wishes,
      operatorRules: this.#operating,
      mutation: options.mutation ?? {},
    });
  }

  async run(): Promise<Outcome> {
    const { isOneMachine, processes, startsWithCopy, copiesAgain, copiesBeside, failsOver, busyMilliseconds } =
      this.#shape;
    if (startsWithCopy) this.#beginWithRows();
    else this.#beginEmpty();
    for (let count = 1; count <= processes; count++) {
      if (isOneMachine) this.#supervisor.start('whole', `machine${count}`);
      else this.#supervisor.start('reader', `reader${count}`);
    }
    const loaders = isOneMachine ? 0 : this.#random.between(1, 2);
    for (let count = 1; count <= loaders; count++) this.#supervisor.start('loader', `loader${count}`);
    if (copiesBeside) this.#supervisor.start('copier', 'copier1');
    this.#operating?.begin(this.#supervisor);
    this.#planWork();
    if (failsOver) this.#planFailOver();
    if (copiesAgain) this.#planCopy();
    if (!failsOver && this.#operator.chance(0.3)) this.#planSwitch(false);

    if (copiesBeside) this.#planNewTables();
    await this.#time.run(busyMilliseconds, () => false);
    await this.#comeToRest();
    return {
      seed: this.#seed,
      violations: this.#violations,
      events: this.#time.events,
      extracts: this.#invariants.head().lastExtract,
      crashes: this.#supervisor.crashes,
      traceHash: this.#time.traceHash(),
    };
  }

  /** The source has rows, and the pipeline does not know of it yet. */
  #beginWithRows(): void {
    for (let count = this.#random.between(0, 12); count > 0; count--) {
      this.#workload.transact(this.#time.epochMicroseconds);
    }
    const first = TABLE_IDS.filter(() => this.#random.chance(0.6));
    // The others are new tables later.
    this.#wishes.askForCopy(this.#shape.copiesBeside && first.length > 0 ? first : null);
  }

  /** All tables were copied, empty, at the log's beginning. */
  #beginEmpty(): void {
    const { source, items, destination } = this.#servers;
    const head = { lastExtract: 0, position: { ...source.position }, epoch: 0, token: 'beginning' };
    items.put({ partition: PIPELINE, sort: 'head' }, JSON.stringify(head), null);
    for (const { schema } of source.tables) {
      const table = tableId(schema.table);
      const record = { ...newTableRecord(table), state: { tag: 'following' }, generation: 1, schema };
      items.put({ partition: PIPELINE, sort: `table#${table}` }, JSON.stringify(record), null);
      destination.createTable(targetOf(this.#settings, tableSettings(this.#settings, table), schema));
      destination.setMark(table, 0);
    }
  }

  async #comeToRest(): Promise<void> {
    const { source } = this.#servers;
    this.#isCalm = true;
    calm(this.#world.weather);
    this.#supervisor.calm();
    this.#operating?.calm();
    if (!source.failedOver) this.#turnSwitch(true);
    if (!source.failedOver) this.#workload.touchAll(this.#time.epochMicroseconds);
    const target = source.failedOver ? null : source.position.order;
    this.#look(target);
    const ended = await this.#time.run(this.#milliseconds + REST_MILLISECONDS, () => this.#isAtRest);
    if (ended !== 'done') this.#violate(`does not come to rest: ${this.#standing(target)}`);
    this.#supervisor.stop();
    await this.#time.run(this.#milliseconds + REST_MILLISECONDS, () => this.#supervisor.running.length === 0);
    for (const name of this.#supervisor.running) this.#violate(`${name} does not end when it is told to`);
    if (ended !== 'done') return;
    this.#operating?.atRest();
    this.#invariants.atRest(target);
  }

  /** Looks now and then whether everything that the log holds has arrived. */
  #look(target: string | null): void {
    const head = this.#invariants.head();
    const { applied, tables } = this.#servers.destination.ledger();
    const isRead =
      target === null
        ? this.#isHalted()
        : this.#wishes.copy === null &&
          this.#wishes.newTables === null &&
          (!this.#shape.copiesBeside || this.#isAsked) &&
          !TABLE_IDS.some((id) => this.#invariants.isCopying(id)) &&
          (head.position?.order ?? '') >= target;
    // A table that was copied last joins with the next extract; until then its mark says the same as the pipeline's.
    const isLoaded = [applied ?? 0, ...tables.values()].every((mark) => mark === head.lastExtract);
    this.#mendStoppedTables();
    const isIdle = this.#operating?.isIdle ?? true;
    const isDone = isRead && isIdle && (isLoaded || this.#isHaltedMachine(target));
    this.#isAtRest = isDone && (this.#operating?.isProved() ?? true);
    this.#time.after(LOOK_MILLISECONDS, 'look', () => this.#look(target));
  }

  /** A table that was truncated between two snapshots of its copy, or that was spoiled, is stopped, and the user has it copied again. */
  #mendStoppedTables(): void {
    const stopped = TABLE_IDS.filter((id) => this.#invariants.mayBeCopiedAnew(id));
    if (stopped.length > 0 && this.#wishes.copy === null) this.#wishes.askForCopy(stopped);
  }

  /** On one machine the loader ends with the reader that the other log has stopped. */
  #isHaltedMachine(target: string | null): boolean {
    return target === null && this.#shape.isOneMachine;
  }

  #standing(target: string | null): string {
    const head = this.#invariants.head();
    const { applied, tables } = this.#servers.destination.ledger();
    const marks = [...tables].map(([table, mark]) => `${table} ${mark}`).join(', ');
    const copy = this.#wishes.copy === null ? '' : ', copy not done';
    return `log ${target ?? 'failed over'}, catalog ${head.position?.order ?? ''} extract ${head.lastExtract}, ledger ${applied ?? 0} (${marks})${copy}`;
  }

  /** Transactions come in bursts, and now and then there is a long silence. */
  #planWork(): void {
    const random = this.#random;
    const pause = random.chance(0.02) ? random.between(5_000, 70_000) : random.exponential(this.#shape.commitEvery);
    this.#time.after(pause, 'commit at the source', () => {
      if (this.#isCalm) return;
      this.#workload.transact(this.#time.epochMicroseconds);
      this.#planWork();
    });
  }

  #planFailOver(): void {
    const random = this.#random;
    this.#time.after(random.between(1_000, this.#shape.busyMilliseconds), 'the source fails over', () => {
      this.#servers.source.failOver(random.between(0, 3));
    });
  }

  #planCopy(): void {
    const random = this.#random;
    this.#time.after(random.between(5_000, this.#shape.busyMilliseconds), 'a table is to be copied again', () => {
      if (this.#isCalm || this.#wishes.copy !== null) return;
      this.#wishes.askForCopy(TABLE_IDS.filter(() => random.chance(0.4)));
    });
  }

  /** Off for a while, on for a while. */
  #planSwitch(on: boolean): void {
    this.#time.after(this.#operator.between(1_000, 20_000), `the scheduler is switched ${on ? 'on' : 'off'}`, () => {
      if (this.#isCalm) return;
      this.#turnSwitch(on);
      this.#planSwitch(!on);
    });
  }

  #turnSwitch(on: boolean): void {
    const { items } = this.#servers;
    const found = items.get(SCHEDULER);
    if ((found?.value['on'] ?? true) === on) return;
    const record = { on, since: this.#time.epochMicroseconds.toString(), by: 'operator', reason: '', remedy: '' };
    items.put(SCHEDULER, JSON.stringify(record), found?.version ?? null);
  }

  /** Where processes work by the switch, the first that halts has turned it, and the others wait. */
  #isHalted(): boolean {
    if (!this.#shape.isOneMachine) return this.#supervisor.halted >= this.#shape.processes;
    return this.#servers.items.get(SCHEDULER)?.value['on'] === false;
  }

  /** Tables are copied (again) beside the others; those that never were, too, at last. */
  #planNewTables(): void {
    const random = this.#random;
    this.#time.after(random.between(3_000, this.#shape.busyMilliseconds), 'new tables are to be copied', () => {
      if (this.#isCalm && this.#isAsked) return;
      if (this.#wishes.copy !== null || this.#wishes.newTables !== null) {
        this.#planNewTables();
        return;
      }
      const copied = TABLE_IDS.filter((id) => this.#invariants.isFollowing(id));
      const isWhole = copied.length === TABLE_IDS.length;
      this.#wishes.askForNewTables(isWhole ? TABLE_IDS.filter(() => random.chance(0.5)) : null);
      this.#isAsked = true;
      if (!this.#isCalm && random.chance(0.5)) this.#planNewTables();
    });
  }

  get #milliseconds(): number {
    return this.#time.microseconds / 1000;
  }

  #violate(what: string): void {
    this.#time.note(`VIOLATION ${what}`);
    if (this.#violations.length < MOST_VIOLATIONS) this.#violations.push(what);
  }
}

function drawShape(random: Random, commitEvery: number): Shape {
  const failsOver = random.chance(0.1);
  return {
    failsOver,
    startsWithCopy: !failsOver && random.chance(0.5),
    copiesAgain: !failsOver && random.chance(0.3),
    copiesBeside: !failsOver && random.chance(0.4),
    isOneMachine: random.chance(0.4),
    processes: random.between(1, 2),
    busyMilliseconds: random.between(15_000, 60_000),
    commitEvery,
  };
}
