import type { SourcePosition } from '../../../core/changes/position.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { retryOf } from '../../../core/errors/retry-policy.ts';
import { oracleLogConnector } from '../../../core/sources/oracle/log-connector.ts';
import { minedPlaceOf } from '../../../core/sources/oracle/mining/mined-place.ts';
import type { Access } from '../../../core/sources/oracle/server/guarded.ts';
import type { ChangeStream, SourceConnector } from '../../../core/sources/source-connector.ts';
import { timestampFromMicroseconds } from '../../../core/changes/timestamp.ts';
import { TransactionMiner } from '../../../core/sources/oracle/mining/transaction-miner.ts';
import { MemoryScratch } from '../../fixtures/memory-scratch.ts';
import { originalOf, replaced } from '../../fixtures/oracle-mining/mutations.ts';
import { Random } from '../random.ts';
import { VirtualTime } from '../virtual-time.ts';
import { Database } from './database.ts';
import { Destination, type StoredPlace } from './destination.ts';
import { History } from './history.ts';
import { MODES, type SimulatedMode } from './modes.ts';
import { opener, sleep, type ReaderLife, type ServerWorld } from './session.ts';
import { selections } from './tables.ts';
import { calm, drawWeather, type Weather } from './weather.ts';
import { drawWorkload, Writers, type Workload } from './writers.ts';

/** What one run found. */
export interface OracleOutcome {
  readonly seed: number;
  readonly mode: string;
  /** Rules that did not hold; empty when all is well. */
  readonly violations: readonly string[];
  readonly events: number;
  /** Transactions that were told, also again. */
  readonly told: number;
  /** Beginnings of reading. */
  readonly readers: number;
  readonly traceHash: string;
}

export interface OracleOptions {
  /** Receives a line for every event. */
  readonly trace?: (line: string) => void;
  /** A mode's name; absent: the seed decides. */
  readonly mode?: string;
}

const REST_MILLISECONDS = 900_000;
/** From other places, when all is told. */
const REREADS = 2;
const MOST_MISSING = 3;
const MOST_OVERWRITTEN = 12;

/** Runs one seed against the whole reader of Oracle's logs. The same seed gives the same run. */
export async function simulateOracle(seed: number, options: OracleOptions = {}): Promise<OracleOutcome> {
  const run = new Run(seed, options);
  const watched = watchMemory(run.memoryBytes);
  try {
    return await run.run();
  } finally {
    watched[Symbol.dispose]();
  }
}

/** Fails a reader that keeps more of open transactions in memory than it may. */
function watchMemory(bytes: number): Disposable {
  const events = originalOf(TransactionMiner.prototype, 'events');
  return replaced(TransactionMiner.prototype, 'events', function (this: TransactionMiner) {
    if (this.size.memory > bytes) throw new Error(`open transactions take ${this.size.memory} bytes of ${bytes}`);
    return events.call(this);
  });
}

class Run {
  readonly #seed: number;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #mode: SimulatedMode;
  readonly #weather: Weather;
  readonly #workload: Workload;
  readonly #database: Database;
  readonly #history = new History();
  readonly #writers: Writers;
  readonly #destination: Destination;
  readonly #world: ServerWorld;
  /** For open transactions. */
  readonly memoryBytes: number;
  readonly #refused = new Set<string>();
  #violation: string | null = null;
  #readers = 0;
  #steps: number;
  /** The reader that runs. */
  #life: ReaderLife = { isOver: true, missing: 0, overwritten: 0, sessions: 0 };
  #end: () => void = () => undefined;
  #isRunning = false;

  constructor(seed: number, { trace, mode }: OracleOptions) {
    this.#seed = seed;
    const random = new Random(seed);
    this.#random = random;
    this.#time = new VirtualTime(trace ?? null);
    const drawn = random.pick(MODES);
    const chosen = mode === undefined ? drawn : MODES.find(({ name }) => name === mode);
    if (chosen === undefined) throw new Error(`there is no mode ${mode}`);
    this.#mode = chosen;
    this.#weather = drawWeather(random.fork());
    this.#workload = drawWorkload(random.fork());
    this.#steps = this.#workload.steps;
    this.memoryBytes = random.chance(0.5) ? random.between(1, 6000) : 1024 ** 2;
    this.#database = new Database(this.#time, {
      threads: random.between(Math.min(2, chosen.mostThreads), chosen.mostThreads),
      isContainerDatabase: chosen.isContainerDatabase,
      release: chosen.release,
      fileBytes: random.pick([2000, 6000, 30_000]),
    });
    Object.assign(this.#database.log.quirks, {
      privateStrands: random.chance(0.7),
      partialUndo: random.chance(0.5),
      startsWithoutAddress: random.chance(0.5),
      rowsWithoutAddress: random.chance(0.6) ? random.between(2, 9) : 0,
    });
    const delays = random.chance(0.6);
    for (const thread of this.#database.log.threads) thread.buffer = delays ? [] : null;
    this.#writers = new Writers(this.#database, random.fork(), this.#history, this.#workload);
    this.#destination = new Destination(this.#history, this.#refused, () => this.#database.log.nextScn());
    this.#world = {
      ...{ time: this.#time, random: random.fork(), weather: this.#weather, database: this.#database },
      mounted: chosen.isRemote ? (path) => path.replace('/arch/', '/mnt/source/') : null,
      refused: (scn) => this.#refused.add(scn),
    };
  }

  async run(): Promise<OracleOutcome> {
    this.#time.note(`${this.#mode.name}, ${this.#database.log.threads.length} threads`);
    for (let step = this.#random.between(0, 30); step > 0; step--) this.#writers.step();
    this.#planWork();
    this.#planServer();
    this.#start();
    const busy = this.#workload.every * this.#workload.steps + 2000;
    await this.#time.run(busy + REST_MILLISECONDS, () => this.#violation !== null || this.#steps === 0);
    calm(this.#weather);
    await this.#readToEnd('the run');
    for (let reread = 0; reread < REREADS && this.#violation === null; reread++) {
      this.#kill();
      this.#start(reread === 0 ? 0 : this.#random.between(0, this.#destination.places.length - 1));
      await this.#readToEnd('reading again');
    }
    this.#kill();
    return {
      seed: this.#seed,
      mode: this.#mode.name,
      violations: this.#violation === null ? [] : [this.#violation],
      events: this.#time.events,
      told: this.#destination.told,
      readers: this.#readers,
      traceHash: this.#time.traceHash(),
    };
  }

  /** Everybody is done with writing; all that was written is told. */
  async #readToEnd(what: string): Promise<void> {
    if (this.#violation !== null) return;
    const { log } = this.#database;
    for (const thread of log.threads) thread.isOpen = true;
    this.#writers.finish();
    log.beat();
    log.switchLogs();
    const until = this.#time.microseconds / 1000 + REST_MILLISECONDS;
    const ended = await this.#time.run(
      until,
      () => this.#violation !== null || (this.#destination.places.length > 0 && this.#destination.isAtEnd),
    );
    if (ended !== 'done') this.#violate(`${what} came to no end: ${this.#destination.next} was not told`);
  }

  #violate(what: string): void {
    this.#time.note(`VIOLATION ${what}`);
    this.#violation ??= `${this.#mode.name}: ${what}`;
  }

  #planWork(): void {
    this.#time.after(this.#random.exponential(this.#workload.every), 'a customer', () => {
      if (this.#steps === 0) return;
      this.#steps--;
      this.#writers.step();
      this.#planWork();
    });
  }

  /** The archiver, the log writer, and whoever switches logs. */
  #planServer(): void {
    const { log } = this.#database;
    const again = (mean: () => number, label: string, act: () => void): void => {
      this.#time.after(this.#random.exponential(mean()), label, () => {
        act();
        again(mean, label, act);
      });
    };
    again(
      () => this.#weather.archives,
      'archiver',
      () => {
        for (const thread of log.threads) {
          thread.isArchiving = this.#steps === 0 || this.#random.chance(0.3);
          thread.archive(log.now());
        }
      },
    );
    again(
      () => this.#weather.writes,
      'log writer',
      () => {
        for (const thread of log.threads) if (this.#random.chance(0.7)) thread.writeBuffer();
      },
    );
    again(
      () => this.#weather.switches,
      'log switch',
      () => {
        log.switchLogs(this.#random.chance(0.3) ? undefined : this.#random.pick(log.threads)?.number);
      },
    );
    again(
      () => this.#weather.flushes,
      'strands are written',
      () => {
        const open = [...this.#database.transactions];
        const { id = null } = this.#random.pick(open) ?? {};
        if (id !== null) log.flush(id);
      },
    );
  }

  /** The reader's process ends, and never answers again. */
  #kill(): void {
    this.#life.isOver = true;
    this.#isRunning = false;
  }

  #start(place: number | null = null): void {
    if (this.#isRunning) throw new Error('a reader runs already');
    this.#isRunning = true;
    this.#readers++;
    const life: ReaderLife = { isOver: false, missing: MOST_MISSING, overwritten: MOST_OVERWRITTEN, sessions: 0 };
    this.#life = life;
    const killed = new AbortController();
    this.#end = () => killed.abort(new Error('the reader was told to end'));
    const from = place === null ? this.#chosenPlace() : (this.#destination.places[place] ?? null);
    this.#planEnd(life);
    const scratch = new MemoryScratch();
    const ended = (error: unknown) => {
      if (life.isOver) return;
      if (life.sessions > 0) this.#violate(`a reader has ended, and ${life.sessions} sessions of its are open`);
      if (scratch.files > 0) this.#violate('a reader has ended, and has left a file behind');
      this.#ended(life, error, killed.signal);
    };
    this.#read(this.#connect(life, scratch), life, from, killed.signal).then(() => ended(null), ended);
  }

  /** The last place that was stored, or one of before. */
  #chosenPlace(): StoredPlace | null {
    const { places } = this.#destination;
    return (this.#random.chance(0.5) ? places.at(-1) : this.#random.pick(places)) ?? null;
  }

  #planEnd(life: ReaderLife): void {
    const mean = this.#weather.readerEnds;
    if (mean === null) return;
    this.#time.after(this.#random.exponential(mean), 'the reader ends', () => {
      if (life.isOver || this.#weather.readerEnds === null) return;
      if (this.#random.chance(0.5)) {
        this.#end();
        return;
      }
      this.#kill();
      this.#time.after(this.#random.between(1, 500), 'a reader starts', () => this.#start());
    });
  }

  #ended(life: ReaderLife, error: unknown, signal: AbortSignal): void {
    life.isOver = true;
    this.#isRunning = false;
    this.#time.note(`the reader ends: ${error instanceof Error ? error.message : 'nothing'}`);
    const isExpected = signal.aborted || (error instanceof PenstockError && retryOf(error) === 'timed');
    if (!isExpected) {
      this.#violate(error instanceof Error ? error.message : 'the stream has ended');
      return;
    }
    this.#time.after(this.#random.between(1, 3000), 'a reader starts', () => this.#start());
  }

  async #read(source: SourceConnector, life: ReaderLife, from: StoredPlace | null, signal: AbortSignal): Promise<void> {
    const place = from ?? (await this.#prepare(source, signal));
    this.#destination.begin(place);
    await using stream = await source.openStream(place.position, selections(), signal);
    if (this.#random.chance(0.1)) this.#planDisposal(life, stream);
    for await (const events of stream) {
      for (const event of events) this.#destination.take(event);
      if (this.#random.chance(0.2)) await sleep(this.#time, life, this.#random.between(1, 400), signal);
    }
  }

  /** Somebody closes the stream while it is read. */
  #planDisposal(life: ReaderLife, stream: ChangeStream): void {
    this.#time.after(this.#random.between(1, 3000), 'the stream is closed', () => {
      if (!life.isOver && this.#weather.readerEnds !== null) void stream[Symbol.asyncDispose]();
    });
  }

  async #prepare(source: SourceConnector, signal: AbortSignal): Promise<StoredPlace> {
    const position: SourcePosition = await source.prepare(selections(), null, signal);
    return this.#destination.store(position, this.#history.indexBehind(BigInt(minedPlaceOf(position).startScn)));
  }

  #connect(life: ReaderLife, scratch: MemoryScratch): SourceConnector {
    const { isRoot, settings } = this.#mode;
    const { followed } = this.#database;
    const root = isRoot ? null : followed;
    const access: Access = {
      settings,
      open: opener(this.#world, life, { container: followed, mines: false }),
      openRoot: opener(this.#world, life, { container: root, mines: false }),
      openMining: opener(this.#world, life, { container: root, mines: true }),
    };
    const time = this.#time;
    const unused = () => Promise.resolve('unused');
    return oracleLogConnector(
      access,
      {
        ...{ pipeline: 'simulation', password: unused, secret: unused, extractThreads: 3, misfits: () => 'stop' },
        ...{ randomness: { identifier: () => 'unused', fraction: () => 0.5 }, logfileProcessed: () => undefined },
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        scratch,
        clock: {
          now: () => time.epochMilliseconds,
          timestamp: () => timestampFromMicroseconds(time.epochMicroseconds),
          sleep: (milliseconds, until) => sleep(time, life, milliseconds, until),
        },
      },
      this.memoryBytes,
    );
  }
}
